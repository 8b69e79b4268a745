from pathlib import Path

import pandas as pd
from job import job

from editable_deepsc.evaluation.codec_figures import codecs_figure
from editable_deepsc.evaluation.figures import save_figure

with job(snakemake):
    save_figure(
        codecs_figure(pd.read_csv(snakemake.input[0]), snakemake.params.dataset),
        Path(snakemake.output[0]).with_suffix(""),
    )
