from pathlib import Path

from editable_deepsc.data.storage import load_arrays
from editable_deepsc.evaluation.publish.grids import image_grid
from editable_deepsc.evaluation.publish.style import save_figure
from experiment.job import job

with job(snakemake):
    data, notes = load_arrays(snakemake.input.data)
    pictures, sent = load_arrays(snakemake.input.pictures)
    grids = (
        (
            snakemake.output.figure10,
            "matching",
            ("Without matching", "With matching"),
            f"Iterative attributes matching, received at {sent['grid_snr_db']:g} dB",
        ),
        (
            snakemake.output.figure11,
            "finetune",
            ("Without fine-tuning", "With fine-tuning"),
            f"SNR-aware fine-tuning, received at {sent['snr_db']:g} dB",
        ),
    )
    # The first faces that are asked for two degrees or more: with one, an edit is hard to see.
    large = [face for face, degree in enumerate(data["degree"]) if degree >= 2]
    rows = large[: snakemake.params.rows]
    for output, kind, columns, title in grids:
        figure = image_grid(
            data["images"][rows],
            data["truths"][rows] if "truths" in data else None,  # unknown for photographs
            {name: pictures[f"{kind}_{value}"][rows] for value, name in enumerate(columns)},
            [notes["sentences"][row] for row in rows],
            {},
            title,
        )
        save_figure(figure, Path(output).with_suffix(""))
