from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.evaluation.publish.tables import released_table, write_table

with job(snakemake) as this:
    study, faces = pd.read_csv(snakemake.input[0]), snakemake.params.faces
    caption = (
        "Talk-to-Edit with the inversion and matching that all chains here share, and as its "
        f"authors released it, on {faces} test faces without a channel: the inverted face against "
        "the original, also where noise lies on what is inverted; the evaluator's degree against "
        f"the expected one; seconds per image on {this.facts['processor']}."
    )
    table = released_table(study)
    write_table(table, Path(snakemake.output.released_csv).with_suffix(""), caption)
