from experiment.script import job

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from editable_deepsc.evaluation.publish.codec_claims import codec_claims
from editable_deepsc.evaluation.publish.codec_curves import (
    importance_curves,
    mismatch_curves,
    rate_curves,
)
from editable_deepsc.evaluation.publish.style import save_figure
from editable_deepsc.evaluation.publish.tables import write_table

TITLES = {"claim": "Claim", "rule": "Held if", "measured": "Measured", "holds": "Holds"}

with job(snakemake):
    inputs, params, dataset = snakemake.input, snakemake.params, snakemake.params.dataset
    rates, tasks, mismatch = (
        pd.read_csv(path) for path in (inputs.rates, inputs.importance, inputs.mismatch)
    )
    figures = [
        rate_curves(rates, params.layered),
        importance_curves(tasks),
        mismatch_curves(mismatch),
    ]
    for figure, path in zip(figures, snakemake.output):
        save_figure(figure, Path(path).with_suffix(""))
    claims = codec_claims(rates, tasks, mismatch, params.layered, params.jpeg)
    table = pd.DataFrame([asdict(claim) for claim in claims]).rename(columns=TITLES)
    caption = f"What the codecs' sources claim, and what held on {dataset}."
    write_table(table, Path(snakemake.output[3]).with_suffix(""), caption)
