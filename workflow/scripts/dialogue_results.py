from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.data.storage import load_arrays
from editable_deepsc.evaluation.publish.dialogues import (
    BETTER,
    dialogue_curves,
    dialogue_sheet,
    dialogue_table,
)
from editable_deepsc.evaluation.publish.names import system_name
from editable_deepsc.evaluation.publish.style import save_figure
from editable_deepsc.evaluation.publish.tables import write_table

with job(snakemake):
    inputs, output = snakemake.input, snakemake.output
    images = pd.concat([pd.read_csv(path) for path in inputs.images])
    faces = images.image.nunique()
    caption = (
        f"Dialogues over the channel at {snakemake.params.snr_db:g} dB, by turn, {faces} faces. "
        "Each turn edits what the one before left. A wish is fulfilled if the evaluator sees its "
        "degree within one, and nearer than in the original, and the person is the same. Systems "
        "that edit first send again in every turn; the others send once."
    )
    write_table(
        dialogue_table(images),
        Path(output.dialogue_csv).with_suffix(""),
        caption,
        BETTER,
        within="Turn",
    )
    save_figure(dialogue_curves(images), Path(output.curves).with_suffix(""))

    # The face whose wishes are the largest: what was asked for, and not what came out.
    pictures = dict(zip(snakemake.params.systems, map(load_arrays, inputs.pictures)))
    data, _ = load_arrays(inputs.data)
    truths = next(iter(pictures.values()))[0]["truths"]
    change = (truths[-1].float() - data["images"][: truths.shape[1]].float()).abs()
    face = int(change.mean((1, 2, 3)).argmax())
    shown = {system_name(name): arrays["images"][:, face] for name, (arrays, _) in pictures.items()}
    lost = {system_name(name): arrays["outage"][:, face] for name, (arrays, _) in pictures.items()}
    of_face = images[images.image == face].sort_values("turn")
    notes = {
        system_name(name): [
            ""
            if row.outage
            else f"similarity {row.identity:.2f}, " + ("fulfilled" if row.success else "missed")
            for row in rows.itertuples()
        ]
        for name, rows in of_face.groupby("system")
    }
    sentences = list(of_face[of_face.system == snakemake.params.systems[0]].sentence)
    figure = dialogue_sheet(
        data["images"][face], {"True edits": truths[:, face]} | shown, sentences, notes, lost
    )
    save_figure(figure, Path(output.sheet).with_suffix(""))
