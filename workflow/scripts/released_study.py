from experiment.script import job

import time
from dataclasses import replace

import pandas as pd
import torch

from editable_deepsc.data.instructions import expected_degree
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.editing.released.editor import ReleasedSettings
from editable_deepsc.evaluation.measure.distances import lpips_of, lpips_of_sets
from editable_deepsc.systems.build import build_editor, build_released_editor
from experiment.inputs import edit_settings, perceptual_distance, system_networks

NOISE = 0.25  # deviation on images in [-1, 1]: what a codec in trouble leaves

with job(snakemake) as this:
    params, dataset = snakemake.params, snakemake.wildcards.dataset
    data, notes = load_arrays(snakemake.input.data)
    rows = slice(0, params.faces)
    clean, sentences = from_uint8(data["images"][rows]).to(this.device), notes["sentences"][rows]
    networks, evaluator = system_networks(this), this.network("evaluator")
    shared = replace(networks, perceptual=perceptual_distance(this))  # LPIPS of all chains
    lpips = lpips_of(this.network("perceptual"))
    current = data["degrees"][rows].round().long()[range(len(clean)), data["attribute"][rows]]
    expected = expected_degree(current, data["direction"][rows], data["degree"][rows])

    def ours(images: torch.Tensor, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Inverted and edited images of the editor of all chains, with Talk-to-Edit's fields."""
        editor = build_editor(shared, edit_settings(params.inversion, params.matching))
        latents = editor.invert(images, rng)
        edited = editor.draw(editor.match(latents, images, sentences).latents)
        return editor.draw(latents), edited

    def released(images: torch.Tensor, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """The same of Talk-to-Edit as released."""
        settings = ReleasedSettings.of(params.released)
        editor = build_released_editor(networks, settings, this.checkpoint)
        found = editor.edited(images, sentences, rng, progress="as released")
        return found["inverted"], found["images"]

    def degrees_of(pictures: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            seen = evaluator.degrees(from_uint8(pictures).to(this.device)).cpu()
        return seen[range(len(seen)), data["attribute"][rows]]

    table = []
    for noise in (0.0, NOISE):
        normal = torch.randn(clean.shape, generator=seeded(params.seed, dataset, "study noise"))
        images = (clean + noise * normal.to(clean.device)).clamp(-1, 1)
        for name, edit in (("ours", ours), ("as released", released)):
            start = time.perf_counter()
            drawn = edit(images, seeded(params.seed, dataset, "released study", noise))
            seconds = (time.perf_counter() - start) / len(clean)
            inverted, edited = (to_uint8(y).cpu() for y in drawn)
            error = (from_uint8(inverted) - clean.cpu()).square().mean((1, 2, 3)) / 4
            gap = (degrees_of(edited) - expected).abs()
            table.append(
                {
                    "editor": name,
                    "noise": noise,
                    "psnr_db": float(-10 * error.log10().mean()),
                    "lpips": float(lpips_of_sets(lpips, inverted, data["images"][rows]).mean()),
                    "exact": float((gap == 0).float().mean()),
                    "within_one": float((gap <= 1).float().mean()),
                    "lpips_truth": float(
                        lpips_of_sets(lpips, edited, data["truths"][rows]).mean()
                        if "truths" in data
                        else "nan"
                    ),
                    "seconds": seconds,
                }
            )
            print(table[-1])
    with whole(snakemake.output[0]) as path:
        pd.DataFrame(table).to_csv(path, index=False, float_format="%.6g")
