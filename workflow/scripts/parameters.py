from experiment.script import job

import json

from editable_deepsc.data.storage import whole

# what Editable-DeepSC runs with, both ends together
PARTS = ("generator", "predictor", "text_encoder", "fields", "adapters")

with job(snakemake) as this:
    counts = {part: sum(p.numel() for p in this.network(part).parameters()) for part in PARTS}
    tuned = counts["adapters"]
    frozen = sum(counts.values()) - tuned
    with whole(snakemake.output[0]) as path:
        path.write_text(json.dumps({"parts": counts, "tuned": tuned, "frozen": frozen}) + "\n")
