from experiment.script import job

import json
from pathlib import Path

import pandas as pd

from editable_deepsc.evaluation.publish.tables import inversion_table, write_table

with job(snakemake):
    quality = pd.concat([pd.read_csv(path) for path in snakemake.input.quality])
    timings = [json.loads(Path(path).read_text()) for path in snakemake.input.seconds]
    batch, device = timings[0]["batch"], timings[0]["device"]
    faces = " or ".join(str(n) for n in sorted({timing["faces"] for timing in timings}))
    caption = (
        f"Recipes of inversion on the first {faces} test faces: iterations of an image in all "
        "(trials too), seconds per image one at a time and in batches of "
        f"{batch} ({device}), how faithful the inverted face is, and Editable-DeepSC with it: "
        "LPIPS of the received edit to the original, by SNR."
    )
    table = inversion_table(quality, [r for timing in timings for r in timing["recipes"]])
    write_table(table, Path(snakemake.output.inversions_csv).with_suffix(""), caption)
