from pathlib import Path

import pandas as pd
from job import job

from editable_deepsc.evaluation.tables import table1, write_table

with job(snakemake):
    metrics = pd.read_csv(snakemake.input[0])
    metrics = metrics[metrics.dataset == snakemake.params.dataset]
    metrics = metrics.assign(resolution=snakemake.params.resolution)
    caption = f"{snakemake.params.title}: channel bandwidth ratio (eq 5) of every chain at {snakemake.params.resolution} pixels, counted on the wire."
    write_table(table1(metrics), Path(snakemake.output[0]).with_suffix(""), caption)
