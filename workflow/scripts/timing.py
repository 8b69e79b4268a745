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
from editable_deepsc.editing.stages import STAGES
from editable_deepsc.systems.build import build_system
from editable_deepsc.systems.names import parse_system
from editable_deepsc.systems.system import Delivery, System
from experiment.inputs import codec_of, edit_settings, system_networks
from experiment.job import job

WARMING_ITERATIONS = 2  # of inversion: all kernels, little of the work
HEADROOM_DB = (0, 6, 12, 18, 24)

with job(snakemake) as this:
    params = snakemake.params
    system_name = snakemake.wildcards.system
    data, notes = load_arrays(snakemake.input.data)
    networks = system_networks(this, params.snr_db, params.sent)
    settings = edit_settings(params.inversion, params.matching)
    warming = replace(
        settings, inversion=replace(settings.inversion, iterations=WARMING_ITERATIONS)
    )
    resolution = data["images"].shape[-1]
    codec = codec_of(this, parse_system(system_name).codec, resolution, params.codec)
    # a sentence that the encoder refuses is sent by nobody
    understood = networks.text_encoder.read(notes["sentences"])
    timed = [i for i, wishes in enumerate(understood) if wishes]

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
    for label, rows, repeats in (
        ("single", timed[:1], params.repeats),
        ("batched", timed[: params.batch], 1),
    ):
        # kernels chosen, memory taken; and a chain that loses an image would have less to do
        arrives = next(
            (system for system in systems(warming) if not deliver(system, rows).outage.any()), None
        )
        if arrives is None:
            raise ValueError(f"timing: {system_name} loses images at {params.snr_db} dB and above")
        system = built(settings, arrives.snr_db)
        first = deliver(system, rows)
        runs = [first] + [deliver(system, rows, first.latents) for _ in range(repeats - 1)]
        # Inversion is nearly all of the time and long enough for one look at the clock.
        results[label] = {
            stage: (
                first.seconds["inversion"]
                if stage == "inversion"
                else median(run.seconds.get(stage, 0.0) for run in runs)
            )
            / len(rows)
            for stage in STAGES
        }
        results[label + "_snr_db"] = system.snr_db
        print(f"{label}: {sum(results[label].values()):.3f} s per image at {system.snr_db:g} dB")
    results |= {
        "system": system_name,
        "threads": snakemake.threads,
        "batch": params.batch,
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
