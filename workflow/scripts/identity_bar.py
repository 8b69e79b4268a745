import json

import torch
from job import job, network

from editable_deepsc.data.faces import Faces, render, sample_faces
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import whole

with job(snakemake):
    p, n = snakemake.params, snakemake.params.pairs
    rng = seeded(p.seed, snakemake.wildcards.dataset, "identity bar")
    faces = sample_faces(n, rng)
    others = Faces(faces.factors, sample_faces(n, rng).degrees)
    recogniser = network(snakemake.input.recogniser)
    with torch.inference_mode():
        embeddings = [
            torch.cat([recogniser(x) for x in render(f, p.resolution, p.style).split(128)])
            for f in (faces, others)
        ]
    similarity = (embeddings[0] * embeddings[1]).sum(1)
    bar = {
        "threshold": float(similarity.quantile(0.05)),
        "mean": float(similarity.mean()),
        "pairs": n,
        "measured_on": f"embedded faces, {p.style}, {p.resolution} pixels",
    }
    with whole(snakemake.output[0]) as path:
        path.write_text(json.dumps(bar))
