from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.data.storage import load_arrays
from editable_deepsc.evaluation.publish.grids import image_grid, judgements
from editable_deepsc.evaluation.publish.style import save_figure

GRIDS = {
    "figure10": ("matching", ("Without matching", "With matching")),
    "figure11": ("finetune", ("Without fine-tuning", "With fine-tuning")),
}

with job(snakemake):
    data, texts = load_arrays(snakemake.input.data)
    pictures, _ = load_arrays(snakemake.input.pictures)
    images = pd.read_csv(snakemake.input.images)
    # The first faces that are asked for two degrees or more: with one, an edit is hard to see.
    large = [face for face, degree in enumerate(data["degree"]) if degree >= 2]
    rows = large[: snakemake.params.rows]
    for figure_name, (kind, columns) in GRIDS.items():
        variants = {
            name: images[(images.kind == kind) & (images.value == value)]
            for value, name in enumerate(columns)
        }
        figure = image_grid(
            data["images"][rows],
            data["truths"][rows] if "truths" in data else None,  # unknown for photographs
            {name: pictures[f"{kind}_{value}"][rows] for value, name in enumerate(columns)},
            [texts["sentences"][row] for row in rows],
            {},
            {name: judgements(of.set_index("image").loc[rows]) for name, of in variants.items()},
        )
        save_figure(figure, Path(snakemake.output[figure_name]).with_suffix(""))
