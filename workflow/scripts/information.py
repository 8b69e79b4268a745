from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.data.storage import whole
from editable_deepsc.evaluation.publish.curves import information_curves
from editable_deepsc.evaluation.publish.style import save_figure

with job(snakemake):
    inputs, outputs, params = snakemake.input, snakemake.output, snakemake.params
    summary = pd.concat([pd.read_csv(path) for path in inputs.summaries])
    images = pd.concat([pd.read_csv(path) for path in inputs.images])
    for table, output in ((summary, outputs.csv), (images, outputs.images)):
        with whole(output) as path:
            table.to_csv(path, index=False, float_format="%.6g")
    figure = information_curves(summary, params.dataset, params.snr_db)
    save_figure(figure, Path(outputs.pdf).with_suffix(""))
