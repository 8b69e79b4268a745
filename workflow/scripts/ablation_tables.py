from pathlib import Path

import pandas as pd

from editable_deepsc.evaluation.publish.tables import ablation_table, write_table
from experiment.job import job

TABLES = {
    "table3": (
        "iterations",
        "Iterations",
        "Table III: Editable-DeepSC at {snr} dB by number of inversion iterations.",
    ),
    "table4": (
        "finetune",
        "Fine-tuned",
        "Table IV: Editable-DeepSC at {snr} dB without (0) and with (1) SNR-aware fine-tuning.",
    ),
    "table5": (
        "amount",
        "Amount",
        "Table V: Editable-DeepSC at {snr} dB by amount of fine-tuning, in sixths of the "
        "adopted number of steps (the paper's unit is lost).",
    ),
}

BETTER = {
    "LPIPS": "lower",
    "FID": "lower",
    "KID": "lower",
    "Edit success": "higher",
    "LPIPS to the true edit": "lower",
}

with job(snakemake):
    summary = pd.concat([pd.read_csv(path) for path in snakemake.input.summaries])
    images = pd.concat([pd.read_csv(path) for path in snakemake.input.images])
    snr = f"{snakemake.params.snr_db:g}".replace("-", "−")
    for name, (kind, header, caption) in TABLES.items():
        stem = Path(snakemake.output[f"{name}_csv"]).with_suffix("")
        table = ablation_table(summary, images, kind, header)
        caption = caption.format(snr=snr) + " Intervals: 95 % over faces."
        write_table(table, stem, caption, BETTER, within="Data set")
