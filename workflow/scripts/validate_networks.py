from experiment.script import job

import json
from pathlib import Path

import torch

from editable_deepsc.data.attributes import ATTRIBUTES
from editable_deepsc.data.faces import render
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.splits import embedded_split
from editable_deepsc.data.storage import whole
from editable_deepsc.editing.inversion import InversionRecipe, invert
from editable_deepsc.editing.matching import MatchingRecipe, synthesise
from editable_deepsc.evaluation.measure.distances import lpips_of
from editable_deepsc.evaluation.publish.grids import sheet
from editable_deepsc.evaluation.validate import validation
from editable_deepsc.evaluation.validate.bars import bars
from editable_deepsc.networks.manifest import sha256
from editable_deepsc.training import corpus
from editable_deepsc.training.text import evaluate_text_encoder
from experiment.inputs import perceptual_distance

SHEET_FACES = 16
CORPUS_SEED = 990  # added to the seed: no training corpus is drawn with it

with job(snakemake) as this:
    params, inputs, outputs = snakemake.params, snakemake.input, snakemake.output
    dataset, sizes, seed, style = (
        snakemake.wildcards.dataset,
        params.sizes,
        params.seed,
        params.style,
    )
    networks = {role: this.network(role) for role in params.roles}
    generator, predictor = networks["generator"], networks["predictor"]
    fidelity, recogniser = networks["fidelity"], networks["recogniser"]
    resolution = generator.resolution
    figures = {}

    # Held-out identities: the validation split, which no network, field or adapter is trained on.
    held_out = embedded_split(dataset, "validation", sizes["inverted"], resolution, style, seed)
    recipe = InversionRecipe(**params.inversion)
    latents = invert(
        from_uint8(held_out.images).to(this.device),
        generator,
        perceptual_distance(this),
        recipe,
        seeded(seed, dataset, "validation", "inversion"),
        encoder=networks["encoder"],
        progress="invert",
    )[recipe.iterations].cpu()
    figures["inversion"] = validation.inversion_figures(
        held_out.images, latents, generator, predictor
    )
    figures["prior"] = validation.prior_figures(
        generator, fidelity, recogniser, sizes["prior"], seeded(seed, "validate prior")
    )

    images, faces = corpus.labelled_corpus(sizes["prior"], resolution, seed + CORPUS_SEED)
    for role in ("predictor", "evaluator"):
        figures[role] = validation.predictor_figures(networks[role], images, faces.degrees)
    people, identity = corpus.identity_corpus(sizes["people"], 5, resolution, seed + CORPUS_SEED)
    for role in ("recogniser", "judge_recogniser"):
        figures[role] = validation.recogniser_figures(networks[role], people, identity)
    figures["text_encoder"] = evaluate_text_encoder(networks["text_encoder"])

    edited_faces = held_out.images[: sizes["edited"]]
    edited = validation.edit_everything(
        edited_faces,
        latents[: sizes["edited"]],
        generator,
        predictor,
        this.network("fields"),
        seeded(seed, "validate edits"),
        MatchingRecipe(**params.matching),
    )
    figures["editing"] = validation.editing_figures(
        edited,
        edited_faces,
        latents,
        generator,
        networks["discriminator"],
        networks["evaluator"],
        networks["judge_recogniser"],
        json.loads(Path(inputs.bar).read_text())["threshold"],
    )
    figures["distances"] = validation.distance_figures(
        lpips_of(networks["perceptual"]), fidelity, held_out.faces, generator, latents
    )
    figures["size"] = {"bytes": sum(Path(inputs[role]).stat().st_size for role in params.roles)}

    lines = ["| network | figure | measured | bar | held |", "| --- | --- | --- | --- | --- |"]
    for bar in bars(figures, resolution):
        bound = f"{'≥' if bar.at_least else '≤'} {bar.bar:g}"
        held = "yes" if bar.held else "**no**"
        lines.append(f"| {bar.network} | {bar.figure} | {bar.measured:.4g} | {bound} | {held} |")
    with whole(outputs.table) as path:
        path.write_text("\n".join(lines) + "\n")
    digests = {Path(inputs[role]).stem: sha256(Path(inputs[role])) for role in params.roles}
    report = {"dataset": dataset, "networks": digests, "figures": figures}
    with whole(outputs.figures) as path:
        path.write_text(json.dumps(report, indent=1) + "\n")

    # Two sheets for the eye: random samples; and held-out faces: original, inversion, then truth
    # and edit of every attribute up and down.
    with torch.inference_mode():
        z = torch.randn(64, generator.latent, generator=seeded(seed, "validate samples"))
        samples = generator(z.to(this.device)).clamp(-1, 1).cpu()
    sheet(to_uint8(samples), 8).save(outputs.samples)
    rows = [
        held_out.images[:SHEET_FACES],
        to_uint8(synthesise(generator, latents[:SHEET_FACES].to(this.device))).cpu(),
    ]
    ways = 2 * len(ATTRIBUTES)
    for way in range(ways):
        chosen = torch.arange(SHEET_FACES) * ways + way
        expected = edited.expected[chosen].float()
        truth = held_out.faces[:SHEET_FACES].with_degree(edited.attribute[chosen], expected)
        rows += [to_uint8(render(truth, resolution, style)), edited.images[chosen]]
    sheet(torch.cat(rows), SHEET_FACES).save(outputs.edits)
