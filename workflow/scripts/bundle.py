"""Put retrained networks in the place of the bundled ones: `python workflow/scripts/bundle.py
results/pretrain`.

Measures every network of the folder on held-out faces and writes the manifest: SHA-256, recipe,
seed, training images, held-out figures. A network that the folder lacks stays as it is, if one is
bundled. `--validation results/validation/DATASET/networks.json` instead adds what `make
validate-networks` measured of the bundled ones; it stays until one of them is replaced.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

import yaml

from editable_deepsc.evaluation import validation
from editable_deepsc.networks.manifest import BUNDLED, sha256
from editable_deepsc.networks.weights import load_network
from editable_deepsc.training import corpus
from editable_deepsc.training.text import evaluate_text_encoder

HELD_OUT = 1000
HELD_OUT_SEED = 990  # no training corpus is drawn with it


def main(folder: Path, history: str | None) -> None:
    config = yaml.safe_load(Path("config.yaml").read_text())
    recipes, sizes, seed = config["pretrain"], config["pretrain"]["corpus"], config["seed"]
    roles = [*config["networks"], "generator_128", "discriminator_128"]
    old = (
        json.loads((BUNDLED / "manifest.json").read_text())
        if (BUNDLED / "manifest.json").is_file()
        else {"networks": {}}
    )
    new = [role for role in roles if (folder / f"{role}.safetensors").is_file()]
    missing = [role for role in roles if role not in new and role not in old["networks"]]
    if missing or not new:
        sys.exit(
            (
                f"bundle: {folder} lacks {', '.join(missing or roles)}; run `snakemake --cores "
                "all pretrain` first"
            )
        )
    models = {
        role: load_network((folder if role in new else BUNDLED) / f"{role}.safetensors")
        for role in roles
    }
    resolution = models["generator"].resolution
    images, faces = corpus.labelled_corpus(HELD_OUT, resolution, HELD_OUT_SEED)
    z, pairs = corpus.paired_corpus(
        HELD_OUT // 2, models["generator"].latent, resolution, HELD_OUT_SEED
    )
    large_z, large_pairs = corpus.paired_corpus(
        HELD_OUT // 5, models["generator"].latent, models["generator_128"].resolution, HELD_OUT_SEED
    )
    people, identity = corpus.identity_corpus(HELD_OUT // 5, 5, resolution, HELD_OUT_SEED)
    held_out = {
        "generator": validation.generator_figures(models["generator"], z, pairs),
        "discriminator": {},
        "generator_128": validation.generator_figures(
            models["generator_128"], large_z, large_pairs
        ),
        "discriminator_128": {},
        "predictor": validation.predictor_figures(models["predictor"], images, faces.degrees),
        "evaluator": validation.predictor_figures(models["evaluator"], images, faces.degrees),
        "recogniser": validation.recogniser_figures(models["recogniser"], people, identity),
        "text_encoder": evaluate_text_encoder(models["text_encoder"]),
        "perceptual": validation.regression_figures(models["perceptual"], images, faces),
        "fidelity": validation.regression_figures(models["fidelity"], images, faces),
    }
    drawn = {
        "generator": sizes["pairs"],
        "discriminator": sizes["pairs"],
        "generator_128": sizes["large_pairs"],
        "discriminator_128": sizes["large_pairs"],
        "predictor": sizes["labelled"],
        "evaluator": sizes["judges"],
        "recogniser": sizes["people"] * sizes["pictures"],
        "perceptual": sizes["labelled"],
        "fidelity": sizes["labelled"],
        "text_encoder": 0,
    }
    entries = old["networks"]
    BUNDLED.mkdir(exist_ok=True)
    for role in new:
        path = BUNDLED / f"{role}.safetensors"
        shutil.copyfile(folder / path.name, path)
        entries[role] = {
            "file": path.name,
            "sha256": sha256(path),
            "bytes": path.stat().st_size,
            "parameters": sum(p.numel() for p in models[role].parameters()),
            "recipe": recipes[role.replace("discriminator", "generator")],
            "seed": seed + (role == "evaluator"),
            "training_images": drawn[role],
            "held_out": held_out[role],
        }
    notes = (
        "Trained on rendered faces in bfloat16 with channels_last. The generator learns as "
        "the decoder of an autoencoder (L1 on values and "
        "gradients, local contrast, more weight on eyes and mouth), with the predictor's "
        "features and, in the last part, adversarially with R1 "
        "and style mixing; a last training adds a loss on the amplitude of the finest "
        "detail, and latents that inversion has fitted to a part of every batch; the "
        "mapping network is fitted to the encoder's latents; latents are jittered on their "
        "sphere; learning rates cool down; "
        "the exponential moving averages ship. The channel weights of LPIPS are fitted to "
        "judgements of light against identity and against another degree. Matrices and "
        "kernels are stored in float16. Figures: 1000 held-out faces."
    )
    manifest = (
        {"notes": notes}
        | ({"history": history} if history else {})
        | {"networks": {role: entries[role] for role in roles}}
    )
    if not set(new) & set(config["networks"]) and "history" in old:
        manifest.setdefault("history", old["history"])
    manifest["validation"] = {
        dataset: measured
        for dataset, measured in old.get("validation", {}).items()
        if not not_bundled(measured, entries)
    }
    (BUNDLED / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    print(
        (
            f"bundled {len(new)} of {len(entries)} networks, "
            f"{sum(e['bytes'] for e in entries.values()) / 1e6:.1f} MB, into {BUNDLED}"
        )
    )


def not_bundled(measured: dict, entries: dict) -> list[str]:
    """Those of the networks that were measured which are not, or no longer, the bundled ones of
    their name.
    """
    return [
        name
        for name, digest in measured["networks"].items()
        if entries.get(name, {}).get("sha256") != digest
    ]


def add_validation(path: Path) -> None:
    """What `make validate-networks` measured goes into the manifest, if it measured these very
    files.
    """
    manifest = json.loads((BUNDLED / "manifest.json").read_text())
    measured = json.loads(path.read_text())
    others = not_bundled(measured, manifest["networks"])
    if others:
        sys.exit(
            (
                f"bundle: {path} was measured on another {', '.join(others)}; run `make "
                "validate-networks` again"
            )
        )
    manifest.setdefault("validation", {})[measured.pop("dataset")] = measured
    (BUNDLED / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("results/pretrain"))
    parser.add_argument(
        "--history",
        help=(
            "a sentence for the manifest, where the networks did not come out of one "
            "undisturbed run"
        ),
    )
    parser.add_argument("--validation", type=Path, help="networks.json of `make validate-networks`")
    arguments = parser.parse_args()
    if arguments.validation:
        add_validation(arguments.validation)
    else:
        main(arguments.folder, arguments.history)
