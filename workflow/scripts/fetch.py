from experiment.script import job

from editable_deepsc.data.download import fetch

with job(snakemake):
    about = snakemake.params.about
    fetch(about["url"], snakemake.output[0], about.get("bytes"), about.get("sha256"))
