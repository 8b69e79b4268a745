"""What the workflow has trained for the systems of a data set, as the manifest lists it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from editable_deepsc.networks.manifest import BUNDLED
from editable_deepsc.systems.names import parse_system

from . import names
from .config import Experiment
from .provenance import checked_digests, read_provenance


class BundleError(ValueError):
    """What cannot be bundled and why, in one sentence."""


def bundled_networks(experiment: Experiment, dataset: str, entries: Mapping) -> dict[str, str]:
    """Role -> name of the bundled network that the data set uses; refuses any other."""
    networks = {}
    for role in experiment.network_entries(dataset):
        path = Path(experiment.network(role, dataset))
        if path.parent != BUNDLED or path.stem not in entries:
            raise BundleError(
                f"bundle: {dataset} uses {path} as {role}, which does not ship with the package; "
                "only systems of bundled networks can be bundled"
            )
        networks[role] = path.stem
    return networks


def swept_codecs(experiment: Experiment) -> list[str]:
    """Codecs of the swept systems, in the order of the config."""
    swept = {parse_system(system).codec for system in experiment.systems}
    return [codec for codec in experiment.config["codecs"] if codec in swept]


def trained_parts(experiment: Experiment, dataset: str) -> dict[str, tuple[str, dict]]:
    """Key in the manifest -> path of the workflow, and the recipe it is trained with."""
    parts = {
        editor: (names.fields(experiment, dataset, editor), experiment.config[editor])
        for editor in names.EDITORS
    }
    for snr in experiment.snrs:
        path = names.adapters(experiment, dataset, snr)
        trainer = Path(path).parent.name
        start = experiment.dataset(trainer).get("finetune", {})  # with `starts_from`
        parts[Path(path).stem] = (path, experiment.finetune_options(trainer) | start)
    for codec in [codec for codec in swept_codecs(experiment) if codec in experiment.learned]:
        for snr in experiment.snrs:
            path = names.codec_model(experiment, dataset, codec, snr)
            options = experiment.codec_options(codec, Path(path).parent.name) or {}
            parts[Path(path).stem] = (path, without_sent(options))
    return parts


def without_sent(options: Mapping) -> dict:
    """Options of a learned codec that its training reads."""
    return {key: value for key, value in options.items() if key != "sent"}


def trained_recipe(path: Path, facts: Mapping) -> dict:
    """The recipe that a part was trained with, from the provenance of its file. The data set that
    adapters start from is no part of it there, but those adapters are an input.
    """
    recipe = without_sent(facts["params"]["recipe"])
    if facts["rule"] == "finetune":
        starts = [Path(used) for used in facts["inputs"] if Path(used).name == path.name]
        recipe |= {"starts_from": start.parent.name for start in starts}
    return recipe


def check_part(path: Path, recipe: Mapping, seed: int, networks: Mapping[str, dict]) -> None:
    """The file is there, whole, and of this recipe, this seed and the bundled networks."""
    if not path.is_file():
        raise BundleError(f"bundle: {path} is missing; run `snakemake --cores all` first")
    checked_digests([path])
    facts = read_provenance(path)
    if (
        trained_recipe(path, facts) != json.loads(json.dumps(recipe))
        or facts["params"]["seed"] != seed
    ):
        raise BundleError(
            f"bundle: {path} was trained with another recipe or seed than the config has now; "
            "run `snakemake --cores all` again"
        )
    for used, digest in facts["inputs"].items():
        name = Path(used).stem
        if Path(used).parent.name == BUNDLED.name and networks[name]["sha256"] != digest:
            raise BundleError(
                f"bundle: {path} was trained with another {name} than the bundled one; "
                "run `snakemake --cores all` again"
            )


def system_entry(experiment: Experiment, dataset: str, networks: Mapping[str, str]) -> dict:
    """What a receiver and a transmitter must know beside their trained files."""
    entry = experiment.dataset(dataset)
    settings = {
        "inversion": experiment.inversion_section(dataset),
        "matching": experiment.config["matching"],
    }
    return {
        "resolution": entry["resolution"],
        "style": entry.get("style"),
        "snr_db": experiment.config["sweep"]["snr_db"],
        "networks": dict(networks),
        "settings": settings,
        "codecs": {c: experiment.codec_options(c, dataset) for c in swept_codecs(experiment)},
    }


def gallager_codes(experiment: Experiment) -> set:
    """The codes of all used codecs that send bits over a Gallager code, in all their modes."""
    from editable_deepsc.channel.link import DigitalLink
    from editable_deepsc.codecs.adaptive import with_mode
    from editable_deepsc.codecs.build import build_codec

    from .checks_codecs import used_codecs

    codes = set()
    for dataset in experiment.datasets:
        for codec in set(used_codecs(experiment, dataset)) - set(experiment.learned):
            options = experiment.codec_options(codec, dataset) or {}
            for mode in options.get("adaptive", {"modes": [{}]})["modes"]:
                sent = with_mode(options, mode) if mode else options
                built = build_codec(codec, experiment.dataset(dataset)["resolution"], sent)
                link = getattr(built, "link", None)
                if isinstance(link, DigitalLink):
                    codes.add(link.code)
    return codes
