from experiment.script import job

import pandas as pd

from editable_deepsc.data.storage import load_arrays, whole
from experiment.inputs import cell_evaluation

with job(snakemake) as this:
    evaluate = cell_evaluation(this, snakemake.params.evaluation, snakemake.params.seed)
    for part in this.parts:
        cell, outputs = part.wildcards, part.output
        received, costs = load_arrays(part.input["received"])
        rows, images = evaluate(received["images"], received["outage"], **costs)
        keys = {
            "dataset": cell["dataset"],
            "system": cell["system"],
            "snr_db": float(cell["snr"]),
        }
        table = pd.DataFrame([keys | {"seed": seed} | row for seed, row in enumerate(rows)])
        with whole(outputs["cell"]) as path:
            table.to_csv(path, index=False)
        with whole(outputs["images"]) as path:
            pd.DataFrame([keys | row for row in images]).to_csv(
                path, index=False, float_format="%.6g"
            )
