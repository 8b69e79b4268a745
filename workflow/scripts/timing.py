from experiment.script import job

import json
import resource
from collections.abc import Iterator
from dataclasses import replace
from statistics import median

import torch

from editable_deepsc.channel.fading import Channel
from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.editing.editor import EditSettings
from editable_deepsc.editing.released.editor import ReleasedSettings
from editable_deepsc.editing.stages import STAGES
from editable_deepsc.systems.build import build_system
from editable_deepsc.systems.names import parse_system
from editable_deepsc.systems.system import Delivery, System
from experiment.inputs import codec_of, system_networks, system_settings

WARMING_ITERATIONS = 2  # of inversion: all kernels, little of the work
HEADROOM_DB = (0, 6, 12, 18, 24)

with job(snakemake) as this:
    params = snakemake.params
    system_name = snakemake.wildcards.system
    data, notes = load_arrays(snakemake.input.data)
    networks = system_networks(this, params.snr_db, params.sent)
    settings = system_settings(params.inversion, params.matching, params.released)
    released = isinstance(settings, ReleasedSettings)
    iterations = settings.fitting.iterations if released else settings.inversion.iterations
    # Of a batch of generators part of the iterations is timed: all alike, they take minutes.
    part = min(params.released_iterations, iterations) if released else iterations
    resolution = data["images"].shape[-1]
    codec = codec_of(this, parse_system(system_name).codec, resolution, params.codec)
    # a sentence that the encoder refuses is sent by nobody
    understood = networks.text_encoder.read(notes["sentences"])
    timed = [i for i, wishes in enumerate(understood) if wishes]

    def shorter(iterations: int) -> EditSettings | ReleasedSettings:
        """The settings with so many iterations of inversion."""
        if isinstance(settings, ReleasedSettings):
            return replace(settings, fitting=replace(settings.fitting, iterations=iterations))
        return replace(settings, inversion=replace(settings.inversion, iterations=iterations))

    def deliver(system: System, rows: list[int], latents: torch.Tensor | None = None) -> Delivery:
        """From the images to the edited images at the receiver."""
        images = from_uint8(data["images"][rows]).to(this.device)
        sentences = [notes["sentences"][row] for row in rows]
        channel, rng = Channel(**params.channel), seeded(params.seed, "timing channel")
        return system.deliver(images, sentences, channel, rng, latents)

    def built(settings, snr_db: float) -> System:
        ends = {"snr_db": snr_db, "seed": params.seed, "repeats": params.sent}
        return build_system(system_name, networks, codec, settings, **ends)

    def systems(settings) -> Iterator[System]:
        """The system at the SNR at hand, and at better ones."""
        for more in HEADROOM_DB:
            yield built(settings, params.snr_db + more)

    gpu = this.device.type == "cuda"
    if gpu:
        torch.cuda.reset_peak_memory_stats(this.device)
    results = {}
    for label, rows, repeats, asked in (
        ("single", timed[:1], params.repeats, iterations),
        ("batched", timed[: params.batch], 1, part),
    ):
        # kernels chosen, memory taken; and a chain that loses an image would have less to do
        arrives = next(
            (s for s in systems(shorter(WARMING_ITERATIONS)) if not deliver(s, rows).outage.any()),
            None,
        )
        if arrives is None:
            raise ValueError(f"timing: {system_name} loses images at {params.snr_db} dB and above")

        system = built(shorter(asked), arrives.snr_db)
        first = deliver(system, rows)
        inversion = first.seconds["inversion"]
        if asked < iterations:  # what comes before them comes once
            half = deliver(built(shorter(asked // 2), arrives.snr_db), rows)
            each = (inversion - half.seconds["inversion"]) / (asked - asked // 2)
            inversion += (iterations - asked) * each
        runs = [first] + [deliver(system, rows, first.latents) for _ in range(repeats - 1)]
        # Inversion is nearly all of the time and long enough for one look at the clock.
        results[label] = {
            stage: (
                inversion
                if stage == "inversion"
                else median(one.seconds.get(stage, 0.0) for one in runs)
            )
            / len(rows)
            for stage in STAGES
        }
        results[label + "_snr_db"] = arrives.snr_db
        print(f"{label}: {sum(results[label].values()):.3f} s per image at {arrives.snr_db:g} dB")
    results |= {
        "system": system_name,
        "threads": snakemake.threads,
        "batch": params.batch,
        "iterations": iterations,
        "iterations_timed_in_batch": part,
        "device": this.facts["device" if gpu else "processor"],
        "memory": "of the GPU" if gpu else "of the process",
        "peak_mib": (
            torch.cuda.max_memory_allocated(this.device) / 2**20
            if gpu
            else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        ),
    }
    with whole(snakemake.output[0]) as path:
        path.write_text(json.dumps(results, indent=1) + "\n")
