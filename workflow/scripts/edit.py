import time

import torch
from job import job
from parts import editor

from editable_deepsc.data.faces import from_uint8, to_uint8
from editable_deepsc.data.storage import load_arrays, save_arrays
from editable_deepsc.editing.matching import synthesise

with job(snakemake):
    data, notes = load_arrays(snakemake.input.data)
    inverted, inversion_notes = load_arrays(snakemake.input.latents)
    this = editor(snakemake.input, snakemake.params.inversion, snakemake.params.matching)
    start = time.perf_counter()
    matched = this.match(inverted["latents"], from_uint8(data["images"]), notes["sentences"])
    with torch.inference_mode():
        images = synthesise(this.generator, matched.latents)
    seconds = (time.perf_counter() - start) / len(images)
    print(f"{int((matched.expected < 0).sum())} of {len(images)} instructions refused")
    print(f"expected degree reached on {matched.reached.float().mean():.1%}, {matched.steps.float().mean():.1f} steps on average")
    save_arrays(
        snakemake.output[0],
        {"latents": matched.latents, "images": to_uint8(images), "reached": matched.reached, "steps": matched.steps, "expected": matched.expected},
        seconds_per_image=seconds + inversion_notes["seconds_per_image"],
    )
