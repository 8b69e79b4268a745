from pathlib import Path

import pandas as pd
from job import job

from editable_deepsc.data.storage import whole
from editable_deepsc.evaluation.figures import information_figure, save_figure

with job(snakemake):
    tables = [
        pd.concat([pd.read_csv(path) for path in paths])
        for paths in (snakemake.input.summaries, snakemake.input.images)
    ]
    for table, output in zip(tables, (snakemake.output.csv, snakemake.output.images)):
        with whole(output) as path:
            table.to_csv(path, index=False, float_format="%.6g")
    save_figure(
        information_figure(tables[0], snakemake.params.dataset, snakemake.params.snr_db),
        Path(snakemake.output.pdf).with_suffix(""),
    )
