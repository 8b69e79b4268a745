import json

from editable_deepsc.data.albums import choose_images
from editable_deepsc.data.storage import whole
from experiment.job import job

with job(snakemake):
    dataset, params = snakemake.wildcards.dataset, snakemake.params
    chosen = choose_images(dataset, params.entry, params.seed)
    with whole(snakemake.output[0]) as path:
        path.write_text(json.dumps(chosen, indent=1))
