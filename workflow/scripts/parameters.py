import json

from job import job, network

PARTS = ("generator", "predictor", "text_encoder", "fields", "adapters")  # what Editable-DeepSC runs with, both ends together

with job(snakemake):
    counts = {part: sum(p.numel() for p in network(snakemake.input[part]).parameters()) for part in PARTS}
    tuned = counts["adapters"]
    with open(snakemake.output[0], "w") as file:
        json.dump({"parts": counts, "tuned": tuned, "frozen": sum(counts.values()) - tuned}, file)
