"""Put what the workflow trained into the package: `python -m experiment.bundle WHAT`.

    networks results/pretrain         retrained networks, instead of the bundled ones
    validation FILE                   what `make validate-networks` measured of the bundled ones
    systems results/models            fields, adapters and codecs of the swept data sets
    known                             what inversions of rendered faces are like, by recipe
    codes                             parity checks of the LDPC codes of the config

Everything is listed in weights/manifest.json with its SHA-256. What was trained or measured with a
network does not outlive it: a network that is replaced takes its validation and its systems along.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from editable_deepsc.data.storage import whole
from editable_deepsc.networks.manifest import BUNDLED, read_manifest, sha256

from .checks import checked
from .config import Experiment
from .known import measured_ranges, still_valid
from .trained import (
    BundleError,
    bundled_networks,
    check_part,
    gallager_codes,
    system_entry,
    trained_parts,
)

CONFIG, SCHEMA = Path("config.yaml"), Path("workflow/schemas/config.schema.yaml")
# Networks that a system is trained with; it only works beside the others.
TRAINS_SYSTEMS = (
    "generator",
    "discriminator",
    "predictor",
    "recogniser",
    "perceptual",
    "codec_start",
)
MAX_BYTES = 34_000_000  # all weights of the package together
NOTES = (
    "Trained on rendered faces in bfloat16 with channels_last. The generator learns as the decoder "
    "of an autoencoder (L1 on values and gradients, local contrast, more weight on eyes and "
    "mouth), with the predictor's features and, in the last part, adversarially with R1 and style "
    "mixing; a last training adds a loss on the amplitude of the finest detail, and latents that "
    "inversion has fitted to a part of every batch; the mapping network is fitted to the "
    "encoder's latents; latents are jittered on their sphere; learning rates cool down; the "
    "exponential moving averages ship. The channel weights of LPIPS are fitted to judgements of "
    "light against identity and against another degree; LPIPS is divided by its mean over pairs of "
    "different faces, 3.72 at 64 pixels and 3.40 at 128, and lambda multiplied by it. The start of "
    "DeepSC has seen squares of faces. Matrices and kernels are stored in float16. Figures: 1000 "
    "held-out faces."
)


def read_experiment(*overlays: Path | None) -> Experiment:
    """config.yaml of the working directory, with overlays as `--configfile` adds them, checked."""
    from snakemake.utils import update_config

    config = yaml.safe_load(CONFIG.read_text())
    for overlay in filter(None, overlays):
        update_config(config, yaml.safe_load(overlay.read_text()))
    return checked(config, SCHEMA)


def write_manifest(manifest: Mapping[str, Any]) -> None:
    """Write manifest.json whole or not at all."""
    with whole(BUNDLED / "manifest.json") as path:
        path.write_text(json.dumps(manifest, indent=1) + "\n")


def file_entry(path: Path) -> dict[str, Any]:
    """What the manifest says about a file under :data:`BUNDLED`."""
    name = path.relative_to(BUNDLED).as_posix()
    return {"file": name, "sha256": sha256(path), "bytes": path.stat().st_size}


def bundle_networks(folder: Path, history: str | None = None) -> str:
    """Networks of ``folder`` instead of the bundled ones of their names; says what was done.

    All are measured on held-out faces. A network that the folder lacks stays as it is, if one is
    bundled. ``history``: a sentence for the manifest.
    """
    from editable_deepsc.networks.weights import load_network

    from .held_out import held_out_figures

    config = yaml.safe_load(CONFIG.read_text())
    roles = [*config["networks"], "generator_128", "discriminator_128"]
    there = (BUNDLED / "manifest.json").is_file()
    old = read_manifest(BUNDLED) if there else {"networks": {}}
    new = [role for role in roles if (folder / f"{role}.safetensors").is_file()]
    missing = [role for role in roles if role not in new and role not in old["networks"]]
    if missing or not new:
        raise BundleError(
            f"bundle: {folder} lacks {', '.join(missing or roles)}; "
            "run `snakemake --cores all pretrain` first"
        )
    models = {
        role: load_network((folder if role in new else BUNDLED) / f"{role}.safetensors")
        for role in roles
    }
    held_out = held_out_figures(models)
    entries = dict(old["networks"])
    for role in new:
        path = BUNDLED / f"{role}.safetensors"
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(folder / path.name, path)
        parameters = sum(p.numel() for p in models[role].parameters())
        entries[role] = network_entry(path, parameters, config, held_out[role])
    entries = {role: entries[role] for role in roles}
    if history is None and not set(new) & set(config["networks"]):
        history = old.get("history")
    manifest, dropped = with_networks(old, entries, history)
    write_manifest(manifest)
    remove_unlisted(manifest)
    megabytes = sum(entry["bytes"] for entry in entries.values()) / 1e6
    return f"bundled {len(new)} of {len(entries)} networks, {megabytes:.1f} MB, into {BUNDLED}" + (
        f"; the systems of {', '.join(dropped)} were trained with those replaced and are no longer "
        "bundled: run `snakemake --cores all` and `make bundle-systems`"
        if dropped
        else ""
    )


def network_entry(path: Path, parameters: int, config: Mapping, held_out: dict) -> dict[str, Any]:
    """What the manifest says about a bundled network."""
    role = path.stem
    recipes, sizes = config["pretrain"], config["pretrain"]["corpus"]
    drawn = {
        "generator": sizes["pairs"],
        "discriminator": sizes["pairs"],
        "generator_128": sizes["large_pairs"],
        "discriminator_128": sizes["large_pairs"],
        "predictor": sizes["labelled"],
        "evaluator": sizes["judges"],
        "recogniser": sizes["people"] * sizes["pictures"],
        "judge_recogniser": sizes["people"] * sizes["pictures"],
        "perceptual": sizes["labelled"],
        "fidelity": sizes["labelled"],
        "text_encoder": 0,
        "encoder": sizes["pairs"],
        "codec_start": recipes["codec_start"]["images"],
    }
    return file_entry(path) | {
        "parameters": parameters,
        "recipe": recipes[role.replace("discriminator", "generator")],
        "seed": config["seed"] + (role in ("evaluator", "judge_recogniser")),
        "training_images": drawn[role],
        "held_out": held_out,
    }


def with_networks(
    old: Mapping[str, Any], entries: Mapping[str, dict], history: str | None
) -> tuple[dict[str, Any], list[str]]:
    """The manifest with these networks, and the data sets whose systems it no longer has."""
    before = old["networks"]
    replaced = [
        name
        for name, entry in before.items()
        if entries.get(name, {}).get("sha256") != entry["sha256"]
    ]
    dropped = stale_systems(old.get("systems", {}), replaced)
    validation = old.get("validation", {})
    manifest = {"notes": NOTES} | ({"history": history} if history else {})
    manifest["networks"] = dict(entries)
    manifest["validation"] = {
        dataset: measured
        for dataset, measured in validation.items()
        if not not_bundled(measured, entries)
    }
    manifest["systems"] = {
        dataset: system
        for dataset, system in old.get("systems", {}).items()
        if dataset not in dropped
    }
    manifest["known"] = still_valid(old.get("known", {}), entries)
    return manifest | {"codes": old.get("codes", {})}, dropped


def stale_systems(systems: Mapping[str, Mapping], replaced: Collection[str]) -> list[str]:
    """Data sets whose systems were trained with one of the ``replaced`` networks.

    Or that have borrowed a file from such a data set.
    """
    stale = [
        dataset
        for dataset, system in systems.items()
        if any(system["networks"].get(role) in replaced for role in TRAINS_SYSTEMS)
    ]
    return [
        dataset
        for dataset, system in systems.items()
        if dataset in stale
        or any(Path(entry["file"]).parent.name in stale for entry in system["files"].values())
    ]


def not_bundled(measured: Mapping, entries: Mapping[str, dict]) -> list[str]:
    """Networks that were measured which are not, or no longer, the bundled ones of their name."""
    return [
        name
        for name, digest in measured["networks"].items()
        if entries.get(name, {}).get("sha256") != digest
    ]


def add_validation(path: Path) -> str:
    """Add what `make validate-networks` measured, if it measured these very files."""
    manifest = read_manifest(BUNDLED)
    measured = json.loads(path.read_text())
    others = not_bundled(measured, manifest["networks"])
    if others:
        raise BundleError(
            f"bundle: {path} was measured on another {', '.join(others)}; "
            "run `make validate-networks` again"
        )
    dataset = measured.pop("dataset")
    manifest.setdefault("validation", {})[dataset] = measured
    write_manifest(manifest)
    return f"the manifest has the figures of the networks on {dataset}"


def bundle_known(recipes: list[str]) -> str:
    """Measure the ranges of inverted rendered faces again, by some recipes or by all."""
    done = []
    for generator, recipe, entry in measured_ranges(read_experiment(), recipes):
        manifest = read_manifest(BUNDLED)  # it takes long: others may have written
        manifest.setdefault("known", {}).setdefault(generator, {})[recipe] = entry
        write_manifest(manifest)
        done.append(f"{generator} by {recipe}")
    return f"the manifest has the ranges of {', '.join(done)}"


def bundle_systems(models: Path, experiment: Experiment) -> str:
    """Trained parts of every system of the swept data sets, instead of all bundled ones.

    ``models``: the folder results/models of the workflow. Nothing is changed where a file is
    missing, was trained otherwise than the config says, or all weights would be too large.
    """
    manifest = read_manifest(BUNDLED)
    systems, sources = {}, {}
    for dataset in experiment.datasets:
        networks = bundled_networks(experiment, dataset, manifest["networks"])
        parts = {}
        for key, (path, recipe) in trained_parts(experiment, dataset).items():
            name = Path(path).relative_to("results/models")
            source = models / name
            check_part(source, recipe, experiment.seed, manifest["networks"])
            sources[name] = source
            parts[key] = {"file": name.as_posix(), "recipe": recipe, "seed": experiment.seed}
        systems[dataset] = system_entry(experiment, dataset, networks) | {"files": parts}
    kept = [*manifest["networks"].values(), *manifest.get("codes", {}).values()]
    total = sum(source.stat().st_size for source in sources.values())
    total += sum(entry["bytes"] for entry in kept)
    if total > MAX_BYTES:
        raise BundleError(
            f"bundle: all weights together would be {total / 1e6:.1f} MB, more than "
            f"{MAX_BYTES / 1e6:.0f}; sweep fewer data sets or codecs"
        )
    for name, source in sources.items():
        (BUNDLED / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, BUNDLED / name)
    for system in systems.values():
        system["files"] = {
            key: file_entry(BUNDLED / part["file"]) | part for key, part in system["files"].items()
        }
    manifest["systems"] = systems
    write_manifest(manifest)
    remove_unlisted(manifest)
    return f"bundled the systems of {', '.join(systems)}; {total / 1e6:.1f} MB in all, in {BUNDLED}"


def remove_unlisted(manifest: Mapping[str, Any]) -> None:
    """Delete files in the folders of data sets and codes that the manifest does not list."""
    listed = {entry["file"] for entry in manifest.get("codes", {}).values()}
    for system in manifest.get("systems", {}).values():
        listed |= {entry["file"] for entry in system["files"].values()}
    for path in BUNDLED.glob("*/*.safetensors"):
        if path.relative_to(BUNDLED).as_posix() not in listed:
            path.unlink()


def bundle_codes(experiments: Collection[Experiment]) -> str:
    """Draw the Gallager codes that codecs need on the swept data sets, instead of the bundled."""
    from editable_deepsc.channel.gallager import draw_code, save_code

    manifest = read_manifest(BUNDLED)
    manifest["codes"] = {}
    for code in sorted({code for experiment in experiments for code in gallager_codes(experiment)}):
        path = BUNDLED / "codes" / f"{code.name}.safetensors"
        save_code(path, *draw_code(code))
        path.chmod(0o644)  # readable for everybody who shares an installation
        manifest["codes"][code.name] = file_entry(path)
    write_manifest(manifest)
    remove_unlisted(manifest)
    return f"bundled {len(manifest['codes'])} codes: {', '.join(manifest['codes'])}"


def main(arguments: list[str] | None = None) -> None:
    """The command line; a one-sentence error and a non-zero exit where something is wrong."""
    parser = argparse.ArgumentParser("python -m experiment.bundle", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="what", required=True)
    command = commands.add_parser("networks", help="retrained networks")
    command.add_argument("folder", type=Path, nargs="?", default=Path("results/pretrain"))
    command.add_argument("--history", help="a sentence: why they are not of one undisturbed run")
    command = commands.add_parser("validation", help="figures of `make validate-networks`")
    command.add_argument("file", type=Path)
    command = commands.add_parser("systems", help="trained systems")
    command.add_argument("folder", type=Path, nargs="?", default=Path("results/models"))
    command.add_argument("--configfile", type=Path, help="overlay that they were trained with")
    command = commands.add_parser("known", help="the ranges of inverted rendered faces")
    command.add_argument("recipes", nargs="*", help="recipes of inversion; all without any")
    command = commands.add_parser("codes", help="parity checks, of config.yaml and of overlays")
    command.add_argument("--configfile", type=Path, nargs="*", default=[])
    given = parser.parse_args(arguments)
    try:
        if given.what == "networks":
            done = bundle_networks(given.folder, given.history)
        elif given.what == "validation":
            done = add_validation(given.file)
        elif given.what == "systems":
            done = bundle_systems(given.folder, read_experiment(given.configfile))
        elif given.what == "known":
            done = bundle_known(given.recipes)
        else:
            overlays = [None, *given.configfile]
            done = bundle_codes([read_experiment(overlay) for overlay in overlays])
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    print(done)


if __name__ == "__main__":
    main()
