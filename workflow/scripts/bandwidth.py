from pathlib import Path

import pandas as pd
from job import job

from editable_deepsc.evaluation.tables import table1, write_table

with job(snakemake):
    cells = pd.concat([pd.read_csv(path) for path in snakemake.input]).assign(
        resolution=snakemake.params.resolution
    )
    caption = (
        f"{snakemake.params.title}: channel bandwidth ratio (eq 5) of every chain at "
        f"{snakemake.params.resolution} pixels, counted on the wire."
    )
    write_table(table1(cells), Path(snakemake.output[0]).with_suffix(""), caption)
