from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.evaluation.publish.curves import quality_curves
from editable_deepsc.evaluation.publish.style import save_figure

with job(snakemake):
    metrics, images = (pd.read_csv(path) for path in snakemake.input)
    for columns, output in ((2, snakemake.output.page), (1, snakemake.output.column)):
        figure = quality_curves(metrics, images, snakemake.params.dataset, columns)
        save_figure(figure, Path(output).with_suffix(""))
