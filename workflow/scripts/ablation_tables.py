from pathlib import Path

import pandas as pd

from editable_deepsc.evaluation.publish.tables import ablation_table, write_table
from experiment.job import job

TABLES = {
    "table3": (
        "iterations",
        "Iterations",
        "Table III: Editable-DeepSC at {snr:g} dB by number of inversion iterations.",
    ),
    "table4": (
        "finetune",
        "Fine-tuned",
        "Table IV: Editable-DeepSC at {snr:g} dB without (0) and with (1) SNR-aware fine-tuning.",
    ),
    "table5": (
        "amount",
        "Amount",
        "Table V: Editable-DeepSC at {snr:g} dB by amount of fine-tuning, in sixths of the "
        "adopted number of steps (the paper's unit is lost).",
    ),
}

with job(snakemake):
    summary = pd.concat([pd.read_csv(path) for path in snakemake.input])
    for name, (kind, header, caption) in TABLES.items():
        stem = Path(snakemake.output[f"{name}_csv"]).with_suffix("")
        table = ablation_table(summary, kind, header)
        write_table(table, stem, caption.format(snr=snakemake.params.snr_db))
