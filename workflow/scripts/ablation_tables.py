from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.evaluation.publish.tables import ablation_table, write_table

TABLES = {
    "table3": (
        "iterations",
        "Iterations",
        "Table III: Editable-DeepSC by number of inversion iterations, the paper's recipe.",
    ),
    "table4": (
        "finetune",
        "Fine-tuned",
        "Table IV: Editable-DeepSC without (0) and with (1) SNR-aware fine-tuning.",
    ),
    "table5": (
        "amount",
        "Steps",
        "Table V: Editable-DeepSC by amount of fine-tuning, in steps; 0 is the closed form alone, "
        "{steps} are adopted.",
    ),
}

# Tables IV and V share a row with each other and with the sweep; Table III has none in common.
SAME = (
    " At one SNR all meet the noise of the sweep's first draw, so that rows of one setting agree; "
    "Tables IV and V invert by the sweep's recipe, Table III by the paper's. Intervals: 95 % over "
    "faces."
)
BETTER = {
    "LPIPS": "lower",
    "DISTS": "lower",
    "FID": "lower",
    "KID": "lower",
    "Edit success": "higher",
    "LPIPS to the true edit": "lower",
}

with job(snakemake):
    summary = pd.concat([pd.read_csv(path) for path in snakemake.input.summaries])
    images = pd.concat([pd.read_csv(path) for path in snakemake.input.images])
    for name, (kind, header, caption) in TABLES.items():
        stem = Path(snakemake.output[f"{name}_csv"]).with_suffix("")
        table = ablation_table(summary, images, kind, header)
        caption = caption.format(steps=snakemake.params.steps) + SAME
        write_table(table, stem, caption, BETTER, within=["Data set", "SNR (dB)"])
