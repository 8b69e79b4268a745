from pathlib import Path

import pandas as pd
from job import job

from editable_deepsc.evaluation.tables import earlier_table, write_table

with job(snakemake):
    metrics = pd.read_csv(snakemake.input[0])
    table = earlier_table(metrics[metrics.dataset == snakemake.params.dataset])
    caption = (
        f"The earlier paper's comparison at 6 dB on {snakemake.params.dataset}, "
        f"{int(metrics.n_images.max())} images. Its own ratios of channel bandwidth: 12.5 % of "
        "DeepJSCC's, 21.4 % of JPEG-LDPC's."
    )
    write_table(table, Path(snakemake.output[0]).with_suffix(""), caption)
