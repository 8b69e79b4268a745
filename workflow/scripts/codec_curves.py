from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.evaluation.publish.codec_curves import codec_curves
from editable_deepsc.evaluation.publish.style import save_figure

with job(snakemake):
    figure = codec_curves(pd.read_csv(snakemake.input[0]), snakemake.params.dataset)
    save_figure(figure, Path(snakemake.output[0]).with_suffix(""))
