from experiment.script import job

from editable_deepsc.data.storage import whole
from editable_deepsc.data.unpack import unpack

with job(snakemake):
    packed, folder = snakemake.params.packed, snakemake.params.folder
    count = unpack(packed, folder)
    with whole(snakemake.output[0]) as path:
        path.write_text(f"{count} pictures of {packed} in {folder}\n")
