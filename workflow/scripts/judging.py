"""The judges and the cell's fixed part, shared by the scripts that evaluate."""

from __future__ import annotations

import json

from job import network

from editable_deepsc.data.instructions import expected_degree
from editable_deepsc.data.storage import load_arrays
from editable_deepsc.evaluation.distances import lpips_of
from editable_deepsc.evaluation.metrics import EvaluationNetworks, evaluate


def judge(inputs, options: dict, seed: int):
    """``evaluate`` with everything filled in but what was received: images uint8 [S, N, 3, R, R],
    outage bool [S, N], costs.
    """
    data, _ = load_arrays(inputs.data)
    with open(inputs.bar) as file:
        bar = json.load(file)["threshold"]
    judges = EvaluationNetworks(
        lpips_of(network(inputs.perceptual)),
        network(inputs.fidelity),
        network(inputs.evaluator),
        network(inputs.recogniser),
        bar,
    )
    current = data["degrees"].round().long()[range(len(data["images"])), data["attribute"]]
    expected = expected_degree(current, data["direction"], data["degree"])

    def rows(images, outage, **costs):
        return evaluate(
            data["images"],
            images,
            data.get("truths"),
            data["attribute"],
            expected,
            outage,
            judges,
            kid_subsets=options["kid_subsets"],
            kid_subset_size=options["kid_subset_size"],
            kid_seed=seed,
            **costs,
        )

    return rows
