import functools
import json
from pathlib import Path

import torch
from job import job, network

from editable_deepsc.data.attributes import ATTRIBUTES
from editable_deepsc.data.faces import render
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.splits import embedded_split
from editable_deepsc.data.storage import whole
from editable_deepsc.editing.inversion import invert
from editable_deepsc.editing.matching import synthesise
from editable_deepsc.evaluation import validation
from editable_deepsc.evaluation.bars import bars
from editable_deepsc.evaluation.distances import lpips_of
from editable_deepsc.evaluation.figures import sheet
from editable_deepsc.networks.manifest import sha256
from editable_deepsc.networks.perceptual import lpips_to
from editable_deepsc.training import corpus
from editable_deepsc.training.text import evaluate_text_encoder

SHEET_FACES = 16

with job(snakemake):
    p, inputs, w = snakemake.params, snakemake.input, snakemake.wildcards
    nets = {role: network(inputs[role]) for role in p.roles}
    generator, predictor, fidelity, recogniser = (
        nets["generator"],
        nets["predictor"],
        nets["fidelity"],
        nets["recogniser"],
    )
    resolution, sizes = generator.resolution, p.sizes
    figures = {}

    # Held-out identities: the validation split, which no network, field or adapter is trained on.
    held_out = embedded_split(
        w.dataset, "validation", sizes["inverted"], resolution, p.style, p.seed
    )
    perceptual = lpips_of(nets["perceptual"])
    latents = invert(
        from_uint8(held_out.images),
        generator,
        functools.partial(lpips_to, perceptual),
        rng=seeded(p.seed, w.dataset, "validation", "inversion"),
        **p.inversion,
        progress="invert",
    )[p.inversion["iterations"]]
    figures["inversion"] = validation.inversion_figures(
        held_out.images, latents, generator, predictor
    )
    figures["prior"] = validation.prior_figures(
        generator, fidelity, recogniser, sizes["prior"], seeded(p.seed, "validate prior")
    )

    images, faces = corpus.labelled_corpus(sizes["prior"], resolution, p.seed + 990)
    for role in ("predictor", "evaluator"):
        figures[role] = validation.predictor_figures(nets[role], images, faces.degrees)
    people, identity = corpus.identity_corpus(sizes["people"], 5, resolution, p.seed + 990)
    figures["recogniser"] = validation.recogniser_figures(recogniser, people, identity)
    figures["text_encoder"] = evaluate_text_encoder(nets["text_encoder"])

    with open(inputs.bar) as file:
        threshold = json.load(file)["threshold"]
    n = sizes["edited"]
    fields = network(inputs.fields)
    edited = validation.edit_everything(
        held_out.images[:n],
        latents[:n],
        generator,
        predictor,
        fields,
        seeded(p.seed, "validate edits"),
        **p.matching,
    )
    figures["editing"] = validation.editing_figures(
        edited,
        held_out.images[:n],
        latents,
        generator,
        nets["discriminator"],
        nets["evaluator"],
        recogniser,
        threshold,
    )
    figures["distances"] = validation.distance_figures(
        perceptual, fidelity, held_out.faces, generator, latents
    )
    figures["size"] = {"bytes": sum(Path(inputs[role]).stat().st_size for role in p.roles)}

    table = bars(figures, resolution)
    lines = ["| network | figure | measured | bar | held |", "| --- | --- | --- | --- | --- |"]
    lines += [
        (
            f"| {b.network} | {b.figure} | {b.measured:.4g} | {'≥' if b.at_least else '≤'} "
            f"{b.bar:g} | {'yes' if b.held else '**no**'} |"
        )
        for b in table
    ]
    with whole(snakemake.output.table) as path:
        path.write_text("\n".join(lines) + "\n")
    with whole(snakemake.output.figures) as path:
        path.write_text(
            json.dumps(
                {
                    "dataset": w.dataset,
                    "networks": {Path(inputs[role]).stem: sha256(inputs[role]) for role in p.roles},
                    "figures": figures,
                },
                indent=1,
            )
            + "\n"
        )

    # Two sheets for the eye: random samples; and held-out faces: original, inversion, then truth
    # and edit of every attribute up and down.
    with torch.inference_mode():
        samples = generator(
            torch.randn(64, generator.latent, generator=seeded(p.seed, "validate samples"))
        ).clamp(-1, 1)
    sheet(to_uint8(samples), 8).save(snakemake.output.samples)
    ways, k = 2 * len(ATTRIBUTES), SHEET_FACES
    rows = [held_out.images[:k], to_uint8(synthesise(generator, latents[:k]))]
    for way in range(ways):
        pick = torch.arange(k) * ways + way
        truth = held_out.faces[:k].with_degree(
            edited.attribute[pick], edited.expected[pick].float()
        )
        rows += [to_uint8(render(truth, resolution, p.style)), edited.images[pick]]
    sheet(torch.cat(rows), k).save(snakemake.output.edits)
