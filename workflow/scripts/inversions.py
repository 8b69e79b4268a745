from experiment.script import job

import json
import time

import pandas as pd
import torch

from editable_deepsc.channel.fading import Channel
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.editing.inversion import InversionRecipe, invert
from editable_deepsc.evaluation.measure.distances import lpips_of_sets
from editable_deepsc.evaluation.validate.validation import inversion_figures
from editable_deepsc.systems.build import (
    SystemNetworks,
    build_editor,
    build_receiver,
    build_transmitter,
)
from editable_deepsc.systems.names import EDITABLE
from editable_deepsc.systems.wire import channel_cost
from experiment.inputs import cell_evaluation, edit_settings, judges, system_networks

with job(snakemake) as this:
    params, inputs = snakemake.params, snakemake.input
    dataset, seed = snakemake.wildcards.dataset, params.seed
    data, notes = load_arrays(inputs.data)
    pictures, sentences = data["images"][: params.faces], notes["sentences"][: params.faces]
    originals = from_uint8(pictures).to(this.device)
    networks, judging = system_networks(this), judges(this)
    adapters = {snr: this.network(f"adapters_{snr:g}dB") for snr in params.snr_db}
    ends = SystemNetworks(generator=networks.generator, adapters=adapters)
    transmitter, receiver = build_transmitter(EDITABLE, ends), build_receiver(EDITABLE, ends)
    evaluate = cell_evaluation(this, params.evaluation, seed, params.faces)

    def inverted(recipe: InversionRecipe, images: torch.Tensor) -> tuple[torch.Tensor, float]:
        """Latents [N, k], and the seconds of one of the images."""
        start = time.perf_counter()
        rng = seeded(seed, dataset, "inversions")
        latents = invert(
            images,
            networks.generator,
            networks.perceptual,
            recipe,
            rng,
            encoder=networks.encoder,
            progress=f"{recipe.start}, {recipe.iterations}",
        )[recipe.iterations]
        return latents, (time.perf_counter() - start) / len(images)

    rows, seconds = [], []
    for name, options in params.recipes.items():
        recipe = InversionRecipe(**options | {"batch": params.batch})
        latents, batched = inverted(recipe, originals)
        figures = inversion_figures(pictures, latents, networks.generator, judging.evaluator)
        drawn = to_uint8(networks.generator.synthesis(latents))
        row = {
            "dataset": dataset,
            "recipe": name,
            "evaluations": recipe.evaluations,
            "psnr_db": figures["psnr_db"],
            "ssim": figures["ssim"],
            "lpips": float(lpips_of_sets(judging.lpips, drawn.cpu(), pictures).mean()),
            "within_one": sum(figures["within_one"].values()) / len(figures["within_one"]),
        }
        editor = build_editor(networks, edit_settings(options, params.matching))
        edited = editor.match(latents, originals, sentences).latents
        received = []  # at every SNR
        for snr_db in params.snr_db:
            symbols = transmitter.send(edited, snr_db)
            rng = seeded(seed, dataset, "inversions", snr_db, "channel")
            noisy, seen_db = Channel(**params.channel)(symbols, snr_db, rng)
            received.append(to_uint8(receiver.receive(noisy, seen_db).images).cpu())
        lost = torch.zeros(len(received), len(originals), dtype=torch.bool)
        cost = channel_cost(symbols, 1, originals.shape[-1])
        judged, _ = evaluate(torch.stack(received), lost, **cost)
        rows += [
            row
            | {"snr_db": snr_db}
            | {f"received_{key}": at_snr[key] for key in ("lpips", "lpips_truth", "psnr_db")}
            | {"edit_success": at_snr["edit_success"]}
            for snr_db, at_snr in zip(params.snr_db, judged, strict=True)
        ]
        inverted(recipe, originals[:1])  # warm
        _, one = inverted(recipe, originals[:1])
        seconds.append({"dataset": dataset, "recipe": name, "one": one, "batched": batched})
        print(f"{name}: PSNR {row['psnr_db']:.2f} dB, {one:.3f} s, {batched:.3f} s in a batch")
    with whole(snakemake.output.quality) as path:
        pd.DataFrame(rows).to_csv(path, index=False, float_format="%.6g")
    with whole(snakemake.output.seconds) as path:
        told = {
            "faces": len(originals),
            "batch": min(params.batch, len(originals)),
            "device": this.facts["device"],
        }
        path.write_text(json.dumps(told | {"recipes": seconds}, indent=1) + "\n")
