import json
import resource
import time
from dataclasses import replace
from statistics import median

import torch
from job import job, network
from parts import codec, editor

from editable_deepsc.channel.fading import Channel
from editable_deepsc.channel.power import normalise_power
from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.editing.editor import Editor
from editable_deepsc.editing.matching import synthesise
from editable_deepsc.systems.names import parse_system

STAGES = ("inversion", "editing", "coding", "channel", "decoding", "generation")

with job(snakemake):
    w, p, inputs = snakemake.wildcards, snakemake.params, snakemake.input
    data, notes = load_arrays(inputs.data)
    name, images = parse_system(w.system), from_uint8(data["images"])
    whole_editor = editor(inputs, p.inversion, p.matching)
    warming = replace(
        whole_editor, settings=replace(whole_editor.settings, iterations=2)
    )  # all kernels, little of the work
    adapters = network(inputs.adapters) if name.codec is None else None
    link = None if name.codec is None else codec(name.codec, images.shape[-1], p.codec, inputs)

    def chain(
        rows: slice, this: Editor = whole_editor, known: torch.Tensor | None = None
    ) -> tuple[dict[str, float], torch.Tensor]:
        """Seconds of every stage for these images, from the image to the edited image at the
        receiver; and the latents of its inversion, which a chain that is given them (``known``)
        does not repeat.
        """
        spent, inverted = dict.fromkeys(STAGES, 0.0), []

        def timed(stage: str, function):
            start = time.perf_counter()
            with torch.inference_mode(mode=stage != "inversion"):
                result = function()
            spent[stage] += time.perf_counter() - start
            return result

        x, sentences = images[rows], notes["sentences"][rows]

        def edit(x: torch.Tensor) -> torch.Tensor:
            inverted.append(
                timed("inversion", lambda: this.invert(x, seeded(p.seed, "timing")))
                if known is None
                else known
            )
            return timed("editing", lambda: this.match(inverted[0], x, sentences)).latents

        def draw(latents: torch.Tensor) -> torch.Tensor:
            return timed("generation", lambda: synthesise(this.generator, latents))

        if name.edits_at == "both":
            prepared = edit(x)
            symbols = timed("coding", lambda: normalise_power(adapters.transmit(prepared)))
        else:
            prepared = draw(edit(x)) if name.edits_at == "transmitter" else x
            symbols = timed("coding", lambda: link.encode(prepared, p.snr_db))
        noisy, seen_db = timed(
            "channel",
            lambda: Channel(**p.channel)(symbols, p.snr_db, seeded(p.seed, "timing channel")),
        )
        if name.edits_at == "both":
            draw(timed("decoding", lambda: adapters.receive(noisy)))
        else:
            decoded = timed("decoding", lambda: link.decode(noisy, seen_db))
            if name.edits_at == "receiver":
                draw(edit(decoded.images))
        return {stage: seconds / len(x) for stage, seconds in spent.items()}, inverted[0]

    results = {}
    for label, rows, repeats in (
        ("single", slice(0, 1), p.repeats),
        ("batched", slice(0, p.batch), 1),
    ):
        chain(rows, warming)  # kernels chosen, memory taken
        first, latents = chain(rows)
        runs = [first] + [chain(rows, known=latents)[0] for _ in range(repeats - 1)]
        # Inversion is nearly all of the time and long enough for one look at the clock.
        results[label] = {
            stage: first[stage] if stage == "inversion" else median(run[stage] for run in runs)
            for stage in STAGES
        }
        print(f"{label}: {sum(results[label].values()):.3f} s per image")
    cuda = torch.cuda.is_available()
    peak = (
        torch.cuda.max_memory_allocated() / 2**20
        if cuda
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    )
    with whole(snakemake.output[0]) as path:
        path.write_text(
            json.dumps(
                results
                | {
                    "system": w.system,
                    "threads": snakemake.threads,
                    "batch": p.batch,
                    "device": "cuda" if cuda else "cpu",
                    "peak_mib": peak,
                },
                indent=1,
            )
            + "\n"
        )
