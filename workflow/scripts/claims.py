import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from job import job

from editable_deepsc.data.storage import whole
from editable_deepsc.evaluation.claims import Evidence, judge_claims

with job(snakemake):
    inputs = snakemake.input
    timings = {
        t["system"]: t["single"] for t in (json.loads(Path(p).read_text()) for p in inputs.timings)
    }
    ablations = pd.concat([pd.read_csv(path) for path in inputs.ablations])
    evidence = Evidence(
        pd.read_csv(inputs.metrics),
        pd.read_csv(inputs.images),
        ablations,
        timings,
        json.loads(Path(inputs.parameters).read_text()),
        snakemake.params.dataset,
        information=pd.concat(
            [pd.DataFrame(), *(pd.read_csv(path) for path in inputs.information)]
        ),
    )
    table = pd.DataFrame([asdict(claim) for claim in judge_claims(evidence)])
    with whole(snakemake.output.csv) as path:
        table.to_csv(path, index=False, float_format="%.4g")
    interval = [
        f"{low:.3g} to {high:.3g}" if low == low else "" for low, high in zip(table.low, table.high)
    ]
    shown = pd.DataFrame(
        {
            "": table.number,
            "Claim": table.claim,
            "Measured": table.quantity,
            "Paper": table.paper,
            "Here": table.ours,
            "95 %": interval,
            "Holds": table.holds,
        }
    )
    with whole(snakemake.output.md) as path:
        path.write_text(shown.to_markdown(index=False, disable_numparse=True) + "\n")
