from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.data.storage import whole
from experiment.seconds import read_seconds

CELL = ["dataset", "system", "snr_db"]
KEYS = [*CELL, "seed"]
COLUMNS = [
    *KEYS,
    "n_images",
    "lpips",
    "dists",
    "fid",
    "kid",
    "fid_paired",
    "kid_paired",
    "ssim",
    "psnr_db",
    "identity",
    "edit_exact",
    "edit_within_one",
    "edit_success",
    "drift",
    "lpips_truth",
    "dists_truth",
    "psnr_truth_db",
    "outage",
    "unlike",
    "cbr",
    "real_dims_ratio",
    "seconds_per_image",
]

with job(snakemake):
    inputs, outputs = snakemake.input, snakemake.output
    cells = [pd.read_csv(path) for path in inputs.cells]
    images = pd.concat([pd.read_csv(path) for path in inputs.images])
    timings = pd.DataFrame(
        [
            {key: cell[key][0] for key in CELL} | read_seconds(path)
            for cell, path in zip(cells, inputs.seconds)
        ]
    )
    table = pd.concat(cells)
    unlike = [
        pd.read_csv(path)[["image", "unlike"]].assign(dataset=Path(path).stem)
        for path in inputs.get("unlike", [])
    ]
    if unlike:  # a property of the images, the same for all systems and SNRs
        images = images.merge(pd.concat(unlike), on=["dataset", "image"], how="left")
        share = pd.concat(unlike).groupby("dataset")["unlike"].mean()
        table["unlike"] = table["dataset"].map(share)
    else:
        images["unlike"] = table["unlike"] = None
    if snakemake.params.timing:
        table = table.merge(timings[[*CELL, "seconds_per_image"]], on=CELL)
    else:  # a time differs from run to run, and this table must not
        table["seconds_per_image"] = None
    for path, rows in (
        (outputs.metrics, table.sort_values(KEYS)[COLUMNS]),
        (outputs.images, images.sort_values([*KEYS, "image"])),
        (outputs.timings, timings.sort_values(CELL)),
    ):
        with whole(path) as temporary:
            rows.to_csv(temporary, index=False, float_format="%.6g")
