import pandas as pd
from job import job

COLUMNS = [
    "dataset", "system", "snr_db", "seed", "n_images", "lpips", "fid", "kid", "ssim", "psnr_db", "identity", "edit_exact",
    "edit_within_one", "edit_success", "drift", "lpips_truth", "psnr_truth_db", "outage", "cbr", "real_dims_ratio", "seconds_per_image",
]

with job(snakemake):
    table = pd.concat([pd.read_csv(path) for path in snakemake.input])
    table.sort_values(COLUMNS[:4])[COLUMNS].to_csv(snakemake.output[0], index=False, float_format="%.6g")
