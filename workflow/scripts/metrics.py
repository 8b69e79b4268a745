import pandas as pd
import provenance
from job import job

from editable_deepsc.data.storage import whole

KEYS = ["dataset", "system", "snr_db", "seed"]
COLUMNS = KEYS + [
    "n_images",
    "lpips",
    "fid",
    "kid",
    "ssim",
    "psnr_db",
    "identity",
    "edit_exact",
    "edit_within_one",
    "edit_success",
    "drift",
    "lpips_truth",
    "psnr_truth_db",
    "outage",
    "cbr",
    "real_dims_ratio",
    "seconds_per_image",
]


def timing(path: str, cell: pd.DataFrame) -> dict:
    """A cell's seconds per image, and what ran it."""
    facts = provenance.read(path)
    return (
        {key: cell[key][0] for key in KEYS[:3]}
        | facts["timing"]
        | {key: facts[key] for key in ("threads", "device", "processor")}
    )


with job(snakemake):
    cells = [pd.read_csv(path) for path in snakemake.input.cells]
    timings = pd.DataFrame(
        [timing(path, cell) for path, cell in zip(snakemake.input.cells, cells)]
    ).sort_values(KEYS[:3])
    table = pd.concat(cells)
    if snakemake.params.timing:
        table = table.merge(timings[KEYS[:3] + ["seconds_per_image"]], on=KEYS[:3])
    else:  # a time differs from run to run, and this table must not
        table["seconds_per_image"] = None
    with whole(snakemake.output.metrics) as path:
        table.sort_values(KEYS)[COLUMNS].to_csv(path, index=False, float_format="%.6g")
    with whole(snakemake.output.timings) as path:
        timings.to_csv(path, index=False, float_format="%.6g")
    images = pd.concat([pd.read_csv(path) for path in snakemake.input.images])
    with whole(snakemake.output.images) as path:
        images.sort_values([*KEYS, "image"]).to_csv(path, index=False, float_format="%.6g")
