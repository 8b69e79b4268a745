from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.data.instructions import expected_degree
from editable_deepsc.data.storage import load_arrays
from editable_deepsc.evaluation.publish.grids import Note, image_grid, judgements
from editable_deepsc.evaluation.publish.names import system_name
from editable_deepsc.evaluation.publish.style import save_figure

with job(snakemake):
    params = snakemake.params
    data, texts = load_arrays(snakemake.input.data)
    # Rows by rule, not by hand: of every attribute the first test face that is asked for two
    # degrees or more; then the first of the others.
    firsts: dict[int, int] = {}
    for face, (attribute, degree) in enumerate(zip(data["attribute"], data["degree"])):
        if degree >= 2:
            firsts.setdefault(int(attribute), face)
    chosen = sorted(firsts.values())
    others = [face for face in range(len(data["attribute"])) if face not in chosen]
    rows = (chosen + others)[: params.rows]
    before = data["degrees"].round().long()[range(len(data["images"])), data["attribute"]]
    asked = expected_degree(before, data["direction"], data["degree"])
    notes = {"Original": [Note(f"degree {before[row]},\nasked for {asked[row]}") for row in rows]}
    outputs, outages = {}, {}
    files = zip(params.systems, snakemake.input.received, snakemake.input.judged)
    for system, received_path, judged_path in files:
        name = system_name(system)
        received, _ = load_arrays(received_path)
        judged = pd.read_csv(judged_path)
        outputs[name] = received["images"][0, rows]
        outages[name] = received["outage"][0, rows]
        notes[name] = judgements(judged[judged.seed == 0].set_index("image").loc[rows])
    figure = image_grid(
        data["images"][rows],
        data["truths"][rows] if "truths" in data else None,  # unknown for photographs
        outputs,
        [texts["sentences"][row] for row in rows],
        outages,
        notes,
    )
    save_figure(figure, Path(snakemake.output[0]).with_suffix(""))
