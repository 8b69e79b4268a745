import time

import provenance
import torch
from job import job
from parts import editor

from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.storage import load_arrays, save_arrays
from editable_deepsc.editing.matching import synthesise

with job(snakemake) as this:
    data, notes = load_arrays(snakemake.input.data)
    inverted, _ = load_arrays(snakemake.input.latents)
    edits = editor(
        snakemake.input, snakemake.params.inversion, snakemake.params.matching, this.device
    )
    start = time.perf_counter()
    matched = edits.match(
        inverted["latents"].to(this.device),
        from_uint8(data["images"]).to(this.device),
        notes["sentences"],
    )
    with torch.inference_mode():
        images = synthesise(edits.generator, matched.latents)
    seconds = (time.perf_counter() - start) / len(images)
    print(f"{int((matched.expected < 0).sum())} of {len(images)} instructions refused")
    print(
        (
            f"expected degree reached on {matched.reached.float().mean():.1%}, "
            f"{matched.steps.float().mean():.1f} steps on average"
        )
    )
    save_arrays(
        snakemake.output[0],
        {
            "latents": matched.latents,
            "images": to_uint8(images),
            "reached": matched.reached,
            "steps": matched.steps,
            "expected": matched.expected,
        },
    )
    this.timing["seconds_per_image"] = (
        seconds + provenance.read(snakemake.input.latents)["timing"]["seconds_per_image"]
    )
