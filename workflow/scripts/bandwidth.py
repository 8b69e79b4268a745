from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.evaluation.publish.tables import bandwidth_table, write_table

with job(snakemake):
    resolution = snakemake.params.resolution
    cells = pd.concat([pd.read_csv(path) for path in snakemake.input])
    caption = (
        f"{snakemake.params.title}: channel bandwidth ratio (eq 5) of every chain on "
        f"{snakemake.params.dataset}, at {resolution} pixels, counted on the wire."
    )
    table = bandwidth_table(cells.assign(resolution=resolution))
    better = {column: "lower" for column in table.columns[2:]}
    write_table(table, Path(snakemake.output[0]).with_suffix(""), caption, better)
