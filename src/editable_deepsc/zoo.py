"""Trained systems and networks by name: what ships with the package, or what a run has trained."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .codecs.base import Codec
from .codecs.build import GENERATIVE, build_codec
from .editing.editor import EditSettings
from .editing.inversion import InversionRecipe
from .editing.known import Judges, Known, KnownRange
from .editing.matching import MatchingRecipe
from .editing.recipes import inversion_options
from .networks.manifest import BUNDLED, known, manifest, systems
from .networks.perceptual import lpips_to
from .networks.weights import WeightsError, load_bundled
from .networks.weights import load_network as load_network_file
from .systems.build import SystemNetworks, build_system
from .systems.names import EDITABLE, EDITOR, SystemName, names_of, parse_system
from .systems.system import System

ADAPTERS = "adapters_{snr:g}dB"  # name of the pair that was fine-tuned for an SNR


def dataset_names() -> list[str]:
    """The data sets whose systems are bundled."""
    return list(systems())


def codec_names(dataset: str) -> list[str]:
    """The codecs of a data set's bundled baselines."""
    return list(_entry(dataset)["codecs"])


def system_names(dataset: str = "faces") -> list[str]:
    """Editable-DeepSC, and both baselines of each codec."""
    return names_of(codec_names(dataset))


def load_network(name: str, device: str | torch.device = "cpu") -> nn.Module:
    """A bundled network, verified by its SHA-256, frozen, in evaluation mode.

    ``name``: one of the manifest, such as "generator" or "predictor", or a trained one of a data
    set, such as "faces/jecc" or "faces/adapters_6dB". ``ValueError`` lists the known names.
    """
    trained = {f"{d}/{file}": entry for d, entry in systems().items() for file in entry["files"]}
    if name in trained:
        return _bundled_file(trained[name], name.rpartition("/")[2]).to(device)
    if name not in manifest():
        known = ", ".join([*manifest(), *trained])
        raise WeightsError(f"weights: no bundled network is called {name!r}; there are: {known}")
    return load_bundled(name).to(device)


def load_system(
    name: str = EDITABLE,
    dataset: str = "faces",
    snr_db: float = 6,
    device: str | torch.device = "cpu",
    weights: str | Path | None = None,
    inversion: str | None = None,
) -> System:
    """A trained system, both ends, for a link of ``snr_db`` (dB).

    Args:
        name: "editable_deepsc", "CODEC+talk2edit" (send, then edit) or "talk2edit+CODEC" (edit,
            then send); :func:`system_names`.
        dataset: whose networks, fields, adapters and codecs; :func:`dataset_names`.
        snr_db: average SNR of the link. Adapters are trained for some SNRs; where this is none of
            them, the nearest ones serve, and a warning says so.
        device: "cpu", "cuda" or any other of PyTorch's.
        weights: a folder with the trained files of a run of the workflow, such as
            results/models/faces; without one they are those that ship with the package.
        inversion: the recipe, one of ``RECIPES`` in :mod:`.editing.recipes`: "encoder", "refined",
            "paper" or "searched"; that of the experiment without one.

    ``ValueError`` lists the known names, or says which file is missing or altered.
    """
    built = load_systems([name], dataset, snr_db, device, weights, inversion)[name]
    if built.adapters_snr_db not in (None, float(snr_db)):
        warnings.warn(
            f"no adapters are trained for {snr_db:g} dB; those for {built.adapters_snr_db:g} dB, "
            "the nearest, serve",
            stacklevel=2,
        )
    return built


def load_systems(
    names: Iterable[str],
    dataset: str = "faces",
    snr_db: float = 6,
    device: str | torch.device = "cpu",
    weights: str | Path | None = None,
    inversion: str | None = None,
) -> dict[str, System]:
    """Trained systems by their names, which share the networks that they have in common.

    Arguments as for :func:`load_system`. ``dataclasses.replace(system, snr_db=12.0)`` is the same
    system on another link.
    """
    systems, entry = [_known(name, dataset) for name in names], _entry(dataset)
    settings, known_range = _settings(entry, inversion), _known_range(entry, inversion)
    folder = None if weights is None else Path(weights)
    if folder is not None and not folder.is_dir():
        raise WeightsError(f"weights: {folder} is no folder; give one such as results/models/faces")

    @functools.cache
    def trained(file: str) -> Any:
        if folder is None:
            return _bundled_file(entry, file).to(device)
        return load_network_file(folder / f"{file}.safetensors").to(device)

    @functools.cache
    def bundled(role: str) -> Any:
        return load_bundled(entry["networks"][role]).to(device)

    def built(system: SystemName) -> System:
        ours = system.codec is None
        perceptual = functools.partial(lpips_to, bundled("perceptual"))
        networks = SystemNetworks(
            generator=bundled("generator"),
            predictor=bundled("predictor"),
            fields=trained("jecc" if ours else EDITOR),
            text_encoder=bundled("text_encoder"),
            perceptual=perceptual,
            encoder=bundled("encoder") if settings.inversion.start == "encoder" else None,
            adapters={snr: trained(ADAPTERS.format(snr=snr)) for snr in entry["snr_db"]}
            if ours
            else {},
        )
        codec = None if system.codec is None else _codec(system.codec, entry, trained, bundled)
        whole = build_system(system.name, networks, codec, settings, snr_db=float(snr_db))
        if known_range is None:
            return whole
        judges = Judges(perceptual, bundled("recogniser"), bundled("discriminator"))
        return replace(whole, known=Known(judges, known_range))

    return {system.name: built(system) for system in systems}


def _codec(name: str, entry: dict, trained, bundled) -> Codec:
    options = entry["codecs"][name]
    model = trained(name) if "steps" in options else None
    generator = bundled("generator") if options.get("kind", name) == GENERATIVE else None
    return build_codec(name, entry["resolution"], options, model, generator)


def _settings(entry: dict, inversion: str | None) -> EditSettings:
    settings = entry["settings"]
    options = inversion_options(settings["inversion"], inversion)
    return EditSettings(InversionRecipe(**options), MatchingRecipe(**settings["matching"]))


def _known_range(entry: dict, inversion: str | None) -> KnownRange | None:
    """What inversions of rendered faces by this recipe are like; None where it was not measured."""
    options = inversion_options(entry["settings"]["inversion"], inversion)
    for found in known().get(entry["networks"]["generator"], {}).values():
        if found["inversion"] == options:
            return KnownRange(**found["range"])
    return None


def _entry(dataset: str) -> dict:
    entries = systems()
    if dataset not in entries:
        raise ValueError(
            f"no system of data set {dataset!r} is bundled; there are: {', '.join(entries)}"
        )
    return entries[dataset]


def _known(name: str, dataset: str) -> SystemName:
    if name not in system_names(dataset):
        raise ValueError(
            f"system {name!r} is not bundled for {dataset}; there are: "
            f"{', '.join(system_names(dataset))}"
        )
    return parse_system(name)


def _bundled_file(entry: dict, name: str) -> nn.Module:
    file = entry["files"][name]
    return load_network_file(BUNDLED / file["file"], expected_sha256=file["sha256"])
