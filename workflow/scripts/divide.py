import json

from job import job

from editable_deepsc.data.albums import choose_images
from editable_deepsc.data.storage import whole

with job(snakemake):
    chosen = choose_images(
        snakemake.wildcards.dataset, snakemake.params.entry, snakemake.params.seed
    )
    with whole(snakemake.output[0]) as path:
        path.write_text(json.dumps(chosen, indent=1))
