from pathlib import Path

from editable_deepsc.data.storage import load_arrays
from editable_deepsc.evaluation.publish.grids import image_grid
from editable_deepsc.evaluation.publish.names import system_name
from editable_deepsc.evaluation.publish.style import save_figure
from experiment.job import job

with job(snakemake):
    params = snakemake.params
    data, notes = load_arrays(snakemake.input.data)
    # Rows by rule, not by hand: of every attribute the first test face that is asked for two
    # degrees or more; then the first of the others.
    firsts: dict[int, int] = {}
    for face, (attribute, degree) in enumerate(zip(data["attribute"], data["degree"])):
        if degree >= 2:
            firsts.setdefault(int(attribute), face)
    chosen = sorted(firsts.values())
    others = [face for face in range(len(data["attribute"])) if face not in chosen]
    rows = (chosen + others)[: params.rows]
    outputs, outages = {}, {}
    for system, path in zip(params.systems, snakemake.input.received):
        received, _ = load_arrays(path)
        outputs[system_name(system)] = received["images"][0, rows]
        outages[system_name(system)] = received["outage"][0, rows]
    figure = image_grid(
        data["images"][rows],
        data["truths"][rows] if "truths" in data else None,  # unknown for photographs
        outputs,
        [notes["sentences"][row] for row in rows],
        outages,
        f"Edited faces received at {params.snr_db:g} dB",
    )
    save_figure(figure, Path(snakemake.output[0]).with_suffix(""))
