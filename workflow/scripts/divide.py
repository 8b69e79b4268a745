import json

from job import job

from editable_deepsc.data.albums import choose_images

with job(snakemake):
    chosen = choose_images(snakemake.wildcards.dataset, snakemake.params.entry, snakemake.params.seed)
    with open(snakemake.output[0], "w") as file:
        json.dump(chosen, file, indent=1)
