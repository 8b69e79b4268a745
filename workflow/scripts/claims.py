from experiment.script import job

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.evaluation.publish.claims import claims_table, judge_claims
from editable_deepsc.evaluation.publish.evidence import Evidence
from experiment.inputs import references
from experiment.paper import paper_bandwidth

with job(snakemake):
    inputs, params = snakemake.input, snakemake.params
    timings = [json.loads(Path(path).read_text()) for path in inputs.timings]
    evidence = Evidence(
        metrics=pd.read_csv(inputs.metrics),
        images=pd.read_csv(inputs.images),
        ablations=pd.concat([pd.read_csv(path) for path in inputs.ablations]),
        timings={timing["system"]: timing["single"] for timing in timings},
        parameters=json.loads(Path(inputs.parameters).read_text()),
        main=params.main,
        expected_degrees=references(load_arrays(inputs.data)[0]).expected_degree.tolist(),
        high_resolution=params.high_resolution,
        out_of_distribution=params.out_of_distribution,
        information=pd.concat(
            [pd.DataFrame(), *(pd.read_csv(path) for path in inputs.information)]
        ),
        paper_cbr=paper_bandwidth(params.sizes),
        adopted_steps=params.adopted_steps,
    )
    claims = judge_claims(evidence)
    with whole(snakemake.output.csv) as path:
        pd.DataFrame([asdict(claim) for claim in claims]).to_csv(
            path, index=False, float_format="%.4g"
        )
    with whole(snakemake.output.md) as path:
        text = claims_table(claims).to_markdown(index=False, disable_numparse=True)
        path.write_text(text + "\n")
