from experiment.script import job

import time

from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.storage import load_arrays, save_arrays
from editable_deepsc.systems.build import build_editor
from experiment.inputs import edit_settings, system_networks
from experiment.seconds import read_seconds, write_seconds

with job(snakemake) as this:
    inputs, params = snakemake.input, snakemake.params
    data, notes = load_arrays(inputs.data)
    originals = from_uint8(data["images"]).to(this.device)
    latents = load_arrays(inputs.latents)[0]["latents"].to(this.device)
    editor = build_editor(system_networks(this), edit_settings(params.inversion, params.matching))
    start = time.perf_counter()
    matched = editor.match(latents, originals, notes["sentences"])
    images = editor.draw(matched.latents)
    seconds = (time.perf_counter() - start) / len(images)
    print(f"{int((matched.expected < 0).sum())} of {len(images)} instructions refused")
    print(
        f"expected degree reached on {matched.reached.float().mean():.1%}, "
        f"{matched.steps.float().mean():.1f} steps on average"
    )
    edits = {
        "latents": matched.latents,
        "images": to_uint8(images),
        "reached": matched.reached,
        "steps": matched.steps,
        "expected": matched.expected,
    }
    save_arrays(snakemake.output.edits, edits)
    seconds += read_seconds(inputs.inversion_seconds)["seconds_per_image"]
    write_seconds(snakemake.output.seconds, seconds, this.facts)
