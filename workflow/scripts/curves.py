from pathlib import Path

import pandas as pd
from job import job

from editable_deepsc.evaluation.figures import figure4, save_figure

with job(snakemake):
    save_figure(
        figure4(pd.read_csv(snakemake.input[0]), snakemake.params.dataset),
        Path(snakemake.output[0]).with_suffix(""),
    )
