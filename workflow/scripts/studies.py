from dataclasses import asdict
from pathlib import Path

import pandas as pd
from job import job

from editable_deepsc.data.storage import load_arrays
from editable_deepsc.evaluation.codec_figures import importance_figure, mismatch_figure, rate_figure
from editable_deepsc.evaluation.figures import save_figure
from editable_deepsc.evaluation.studies import codec_claims
from editable_deepsc.evaluation.tables import write_table

with job(snakemake):
    inputs, p = snakemake.input, snakemake.params
    rates, tasks, mismatch = (
        pd.read_csv(path) for path in (inputs.rates, inputs.importance, inputs.mismatch)
    )
    figures = [
        rate_figure(rates, p.layered, p.dataset, int(rates.n_images[0])),
        importance_figure(tasks, p.dataset),
        mismatch_figure(mismatch, p.dataset, len(load_arrays(inputs.data)[0]["images"])),
    ]
    for figure, path in zip(figures, snakemake.output):
        save_figure(figure, Path(path).with_suffix(""))
    table = pd.DataFrame(
        [asdict(claim) for claim in codec_claims(rates, tasks, mismatch, p.layered, p.jpeg)]
    )
    caption = f"What the codecs' sources claim, and what held on {p.dataset}."
    write_table(
        table.rename(
            columns={"claim": "Claim", "rule": "Held if", "measured": "Measured", "holds": "Holds"}
        ),
        Path(snakemake.output[3]).with_suffix(""),
        caption,
    )
