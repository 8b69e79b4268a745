from experiment.script import job

import pandas as pd
import torch

from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.evaluation.measure.information import (
    Eyes,
    Reader,
    counted_factors,
    face_targets,
    surviving_bits,
)

with job(snakemake) as this:
    params, inputs = snakemake.params, snakemake.input
    data, _ = load_arrays(inputs.data)
    targets = face_targets(data["factors"], data["degrees"])
    counted = counted_factors(data["attribute"])
    eyes = Eyes(*(this.network(role) for role in ("fidelity", "evaluator", "recogniser")))
    arrays, _ = load_arrays(inputs.reader)
    reader = Reader(arrays["mean"], arrays["scale"], arrays["weight"])
    rows = []
    for system in params.systems:
        for snr in params.snrs:
            received, _ = load_arrays(inputs[f"received_{system}_{snr}"])
            predicted = torch.stack([reader(eyes(draw)) for draw in received["images"]])
            survived = surviving_bits(predicted, targets, received["outage"]) * counted
            keys = {"dataset": snakemake.wildcards.dataset, "system": system, "snr_db": float(snr)}
            bits = survived.sum(1)
            print(f"{system} {snr}: {float(bits.mean()):.2f} bits")
            rows += [keys | {"image": i, "bits": b} for i, b in enumerate(bits.tolist())]
    with whole(snakemake.output[0]) as path:
        columns = ["dataset", "system", "snr_db", "image", "bits"]
        pd.DataFrame(rows, columns=columns).to_csv(path, index=False, float_format="%.6g")
