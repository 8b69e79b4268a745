from experiment.script import job

import yaml

from editable_deepsc.data.storage import whole
from experiment.provenance import versions

with job(snakemake), whole(snakemake.output[0]) as path:
    setup = {"versions": versions(), "config": snakemake.params.config}
    path.write_text(yaml.safe_dump(setup, sort_keys=False))
