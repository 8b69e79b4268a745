from experiment.script import job

import pandas as pd
import torch
from torch import Tensor

from editable_deepsc.data.storage import load_arrays, whole
from experiment.inputs import cell_evaluation

with job(snakemake) as this:
    evaluate = cell_evaluation(this, snakemake.params.evaluation, snakemake.params.seed)
    data, _ = load_arrays(snakemake.input.data)
    table = []

    def measure(editor: str, images: Tensor, reached: float = float("nan")) -> None:
        """Judge images uint8 [N, 3, R, R] as if a channel that does nothing had delivered them."""
        no_outage = torch.zeros(1, len(images), dtype=torch.bool)
        (row,), _ = evaluate(images[None], no_outage, cbr=0.0, real_dims_ratio=0.0)
        del row["cbr"], row["real_dims_ratio"]
        table.append({"editor": editor, "reached": reached} | row)

    for editor, path in zip(snakemake.params.editors, snakemake.input.edits):
        edits, _ = load_arrays(path)
        measure(editor, edits["images"], float(edits["reached"].float().mean()))
    # What the judges say of no edit at all, and of a perfect one: both ends of their scales.
    measure("no edit", data["images"])
    if "truths" in data:
        measure("true edit", data["truths"])
    with whole(snakemake.output[0]) as path:
        pd.DataFrame(table).to_csv(path, index=False, float_format="%.6g")
