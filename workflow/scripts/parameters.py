import json

from job import job, network

from editable_deepsc.data.storage import whole

PARTS = (
    "generator",
    "predictor",
    "text_encoder",
    "fields",
    "adapters",
)  # what Editable-DeepSC runs with, both ends together

with job(snakemake):
    counts = {
        part: sum(p.numel() for p in network(snakemake.input[part]).parameters()) for part in PARTS
    }
    tuned = counts["adapters"]
    with whole(snakemake.output[0]) as path:
        path.write_text(
            json.dumps({"parts": counts, "tuned": tuned, "frozen": sum(counts.values()) - tuned})
            + "\n"
        )
