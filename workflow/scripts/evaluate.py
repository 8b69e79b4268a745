import json

import pandas as pd
from job import job, network

from editable_deepsc.data.instructions import expected_degree
from editable_deepsc.data.storage import load_arrays
from editable_deepsc.evaluation.distances import embedded_lpips
from editable_deepsc.evaluation.metrics import EvaluationNetworks, evaluate

with job(snakemake):
    w, inputs, options = snakemake.wildcards, snakemake.input, snakemake.params.evaluation
    data, _ = load_arrays(inputs.data)
    received, notes = load_arrays(inputs.received)
    with open(inputs.bar) as file:
        bar = json.load(file)["threshold"]
    judges = EvaluationNetworks(embedded_lpips(network(inputs.perceptual)), network(inputs.fidelity), network(inputs.evaluator), network(inputs.recogniser), bar)
    n = len(data["images"])
    current = data["degrees"].round().long()[range(n), data["attribute"]]
    rows = evaluate(
        data["images"], received["images"], data["truths"], data["attribute"],
        expected_degree(current, data["direction"], data["degree"]), received["outage"], judges,
        cbr=notes["cbr"], real_dims_ratio=notes["real_dims_ratio"], seconds_per_image=notes["seconds_per_image"],
        kid_subsets=options["kid_subsets"], kid_subset_size=options["kid_subset_size"], kid_seed=snakemake.params.seed,
    )
    keys = {"dataset": w.dataset, "system": w.system, "snr_db": float(w.snr)}
    pd.DataFrame([keys | {"seed": seed} | row for seed, row in enumerate(rows)]).to_csv(snakemake.output[0], index=False)
