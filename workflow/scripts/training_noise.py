from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.evaluation.publish.tables import write_table
from editable_deepsc.evaluation.publish.training_noise import training_noise_rows

with job(snakemake):
    images = pd.concat([pd.read_csv(path) for path in snakemake.input.images])
    caption = (
        "What another training changes: LPIPS to the true edit where fields, adapters and DeepSC "
        f"are trained with another seed, on the {images.image.nunique()} test faces of "
        f"{snakemake.params.main} and with the same noise of the channel. Differences are paired "
        "over faces, with 95 % intervals."
    )
    table = training_noise_rows(images, snakemake.params.main)
    write_table(table, Path(snakemake.output.csv).with_suffix(""), caption)
