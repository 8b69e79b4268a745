import provenance
import yaml
from job import job

from editable_deepsc.data.storage import whole

with job(snakemake), whole(snakemake.output[0]) as path:
    path.write_text(
        yaml.safe_dump(
            {"versions": provenance.versions(), "config": snakemake.params.config}, sort_keys=False
        )
    )
