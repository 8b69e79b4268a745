from experiment.script import job

import json

import torch

from editable_deepsc.data.faces import Faces, render, sample_faces
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import whole

with job(snakemake) as this:
    params, n = snakemake.params, snakemake.params.pairs
    rng = seeded(params.seed, snakemake.wildcards.dataset, "identity bar")
    faces = sample_faces(n, rng)
    others = Faces(faces.factors, sample_faces(n, rng).degrees)  # the same people, edited
    recogniser = this.network("judge_recogniser")
    embeddings = []
    with torch.inference_mode():
        for shown in (faces, others):
            batches = render(shown, params.resolution, params.style).split(128)
            seen = [recogniser(batch.to(this.device)).cpu() for batch in batches]
            embeddings.append(torch.cat(seen))
    similarity = (embeddings[0] * embeddings[1]).sum(1)
    bar = {
        "threshold": float(similarity.quantile(0.05)),
        "mean": float(similarity.mean()),
        "pairs": n,
        "measured_on": f"embedded faces, {params.style}, {params.resolution} pixels",
    }
    with whole(snakemake.output[0]) as path:
        path.write_text(json.dumps(bar))
