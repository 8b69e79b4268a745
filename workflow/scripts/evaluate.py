import pandas as pd
import provenance
from job import job
from judging import judge

from editable_deepsc.data.storage import load_arrays, whole

with job(snakemake) as this:
    w = snakemake.wildcards
    received, notes = load_arrays(snakemake.input.received)
    rows, images = judge(snakemake.input, snakemake.params.evaluation, snakemake.params.seed)(
        received["images"], received["outage"], **notes
    )
    keys = {"dataset": w.dataset, "system": w.system, "snr_db": float(w.snr)}
    with whole(snakemake.output.cell) as path:
        pd.DataFrame([keys | {"seed": seed} | row for seed, row in enumerate(rows)]).to_csv(
            path, index=False
        )
    with whole(snakemake.output.images) as path:
        pd.DataFrame([keys | row for row in images]).to_csv(path, index=False, float_format="%.6g")
    this.timing.update(
        provenance.read(snakemake.input.received)["timing"]
    )  # handed on to the table of timings
