from pathlib import Path

from job import job

from editable_deepsc.data.storage import load_arrays
from editable_deepsc.evaluation.figures import image_grid_figure, save_figure

with job(snakemake):
    data, notes = load_arrays(snakemake.input.data)
    pictures, sent = load_arrays(snakemake.input.pictures)
    # The first faces that are asked for two degrees or more: with one, an edit is hard to see.
    rows = [i for i in range(len(data["degree"])) if data["degree"][i] >= 2][
        : snakemake.params.rows
    ]
    for output, kind, columns, title in (
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
    ):
        shown = {name: pictures[f"{kind}_{value}"][rows] for value, name in enumerate(columns)}
        truths = data["truths"][rows] if "truths" in data else None  # unknown for photographs
        figure = image_grid_figure(
            data["images"][rows], truths, shown, [notes["sentences"][i] for i in rows], {}, title
        )
        save_figure(figure, Path(output).with_suffix(""))
