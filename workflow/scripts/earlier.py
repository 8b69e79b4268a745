from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.evaluation.publish.tables import earlier_table, write_table

with job(snakemake):
    dataset = snakemake.params.dataset
    metrics = pd.read_csv(snakemake.input[0])
    caption = (
        f"The earlier paper's comparison at 6 dB on {dataset}, {int(metrics.n_images.max())} "
        "images. Its own ratios of channel bandwidth: 12.5 % of DeepJSCC's, 21.4 % of JPEG-LDPC's."
    )
    table = earlier_table(metrics[metrics.dataset == dataset])
    write_table(table, Path(snakemake.output[0]).with_suffix(""), caption)
