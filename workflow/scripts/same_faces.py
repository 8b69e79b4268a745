from experiment.script import job

import shutil

from editable_deepsc.data.storage import whole

with job(snakemake):
    for source, output in zip(snakemake.input, snakemake.output, strict=True):
        with whole(output) as path:
            shutil.copyfile(source, path)
