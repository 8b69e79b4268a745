from pathlib import Path

from job import job

from editable_deepsc.data.attributes import ATTRIBUTES
from editable_deepsc.data.storage import load_arrays
from editable_deepsc.evaluation.figures import image_grid_figure, save_figure
from editable_deepsc.evaluation.tables import system_name

with job(snakemake):
    p = snakemake.params
    data, notes = load_arrays(snakemake.input.data)
    # Rows by rule, not by hand: of every attribute the first test face that is asked for two
    # degrees or more.
    large = [
        i
        for a in range(len(ATTRIBUTES))
        for i in range(len(data["attribute"]))
        if data["attribute"][i] == a and data["degree"][i] >= 2
    ]
    firsts = sorted({int(data["attribute"][i]): i for i in reversed(large)}.values())
    rows = (firsts + [i for i in range(len(data["attribute"])) if i not in firsts])[: p.rows]
    outputs, outages = {}, {}
    for system, path in zip(p.systems, snakemake.input.received):
        received, _ = load_arrays(path)
        outputs[system_name(system)] = received["images"][0, rows]
        outages[system_name(system)] = received["outage"][0, rows]
    title = f"Edited faces received at {p.snr_db:g} dB"
    figure = image_grid_figure(
        data["images"][rows],
        data["truths"][rows] if "truths" in data else None,
        outputs,
        [notes["sentences"][i] for i in rows],
        outages,
        title,
    )
    save_figure(figure, Path(snakemake.output[0]).with_suffix(""))
