from experiment.script import job

from pathlib import Path

from editable_deepsc.data.storage import whole
from experiment.rehearsal import make_rehearsal

with job(snakemake):
    make_rehearsal(Path(snakemake.output[0]).parent)
    with whole(snakemake.output[0]) as path:
        path.write_text("Random weights in the published formats, and eight photographs.\n")
