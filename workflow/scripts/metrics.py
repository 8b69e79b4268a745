import pandas as pd
from job import job

KEYS = ["dataset", "system", "snr_db", "seed"]
COLUMNS = [
    *KEYS, "n_images", "lpips", "fid", "kid", "ssim", "psnr_db", "identity", "edit_exact",
    "edit_within_one", "edit_success", "drift", "lpips_truth", "psnr_truth_db", "outage", "cbr", "real_dims_ratio", "seconds_per_image",
]

with job(snakemake):
    cells = pd.concat([pd.read_csv(path) for path in snakemake.input.cells])
    cells.sort_values(KEYS)[COLUMNS].to_csv(snakemake.output.metrics, index=False, float_format="%.6g")
    images = pd.concat([pd.read_csv(path) for path in snakemake.input.images])
    images.sort_values([*KEYS, "image"]).to_csv(snakemake.output.images, index=False, float_format="%.6g")
