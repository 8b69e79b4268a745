import pandas as pd

from editable_deepsc.data.storage import load_arrays, whole
from experiment.inputs import cell_evaluation
from experiment.job import job

COLUMNS = [
    "editor",
    "n_images",
    "reached",
    "edit_exact",
    "edit_within_one",
    "edit_success",
    "identity",
    "drift",
    "lpips",
    "lpips_truth",
    "psnr_truth_db",
]

with job(snakemake) as this:
    evaluate = cell_evaluation(this, snakemake.params.evaluation, snakemake.params.seed)
    table = []
    for editor, path in zip(snakemake.params.editors, snakemake.input.edits):
        edits, _ = load_arrays(path)
        images = edits["images"][None]  # of one draw of a channel that does nothing
        no_outage = images.new_zeros(images.shape[:2]).bool()
        (row,), _ = evaluate(images, no_outage, cbr=0.0, real_dims_ratio=0.0)
        table.append({"editor": editor, "reached": float(edits["reached"].float().mean())} | row)
    with whole(snakemake.output[0]) as path:
        pd.DataFrame(table)[COLUMNS].to_csv(path, index=False, float_format="%.6g")
