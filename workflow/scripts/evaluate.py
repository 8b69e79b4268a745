import pandas as pd
from job import job
from judging import judge

from editable_deepsc.data.storage import load_arrays

with job(snakemake):
    w = snakemake.wildcards
    received, notes = load_arrays(snakemake.input.received)
    rows, images = judge(snakemake.input, snakemake.params.evaluation, snakemake.params.seed)(received["images"], received["outage"], **notes)
    keys = {"dataset": w.dataset, "system": w.system, "snr_db": float(w.snr)}
    pd.DataFrame([keys | {"seed": seed} | row for seed, row in enumerate(rows)]).to_csv(snakemake.output.cell, index=False)
    pd.DataFrame([keys | row for row in images]).to_csv(snakemake.output.images, index=False, float_format="%.6g")
