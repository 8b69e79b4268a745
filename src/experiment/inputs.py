"""From the input files of a job to objects of the library.

Only what is listed as an input is read. The codecs and the judges are imported where they are used:
with the packages behind them they cost seconds of every short job.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from editable_deepsc.data.seeds import seeded
from editable_deepsc.networks.manifest import BUNDLED, sha256
from editable_deepsc.networks.weights import load_bundled, load_network

if TYPE_CHECKING:
    from editable_deepsc.codecs.base import Codec
    from editable_deepsc.editing.editor import EditSettings
    from editable_deepsc.editing.inversion import DistanceTo
    from editable_deepsc.editing.released.editor import ReleasedSettings
    from editable_deepsc.evaluation.measure.metrics import (
        EvaluationNetworks,
        KidSettings,
        References,
    )
    from editable_deepsc.systems.build import SystemNetworks

    from .job import Job


def read_network(path: str | Path, published: Mapping | None = None) -> nn.Module:
    """A frozen network from its file, on the CPU.

    A bundled one is checked against the manifest. ``published``: ``format``, ``sizes`` and
    ``sha256`` (its first digits, or None) of a published file. ``ValueError`` on a bad file.
    """
    path = Path(path)
    if published is not None:
        from editable_deepsc.networks.published import read

        check_digits(path, published.get("sha256"))
        return read(path, published["format"], **published.get("sizes", {}))
    return load_bundled(path.stem) if path.parent == BUNDLED else load_network(path)


def check_digits(path: Path, digits: str | None) -> None:
    """``ValueError`` unless the SHA-256 of a file begins with ``digits``, where these are known."""
    if digits and not sha256(path).startswith(digits):
        raise ValueError(
            f"weights: {path} does not have the SHA-256 under files in the config "
            "(truncated or altered); fetch it again"
        )


def perceptual_distance(this: Job, role: str = "perceptual") -> DistanceTo:
    """LPIPS to a target, from the input ``role``."""
    from editable_deepsc.networks.perceptual import lpips_to

    return functools.partial(lpips_to, this.network(role))


def published_fields(this: Job, generator: nn.Module) -> nn.Module:
    """Talk-to-Edit's published fields, from the files in the input ``fields``."""
    from editable_deepsc.networks.published import read

    entry, files = this.published["fields"], [Path(path) for path in this.inputs["fields"]]
    for file in files:
        check_digits(file, entry["digits"].get(str(file)))
    sizes = entry.get("sizes", {})
    return read(files[0].parent, entry["format"], generator=generator, **sizes).to(this.device)


def system_settings(
    inversion: Mapping, matching: Mapping, released: Mapping | None
) -> EditSettings | ReleasedSettings:
    """Settings of an editor, the sections of the config; ``released``: those of Talk-to-Edit as
    released, None for the others.
    """
    if released is None:
        return edit_settings(inversion, matching)
    from editable_deepsc.editing.released.editor import ReleasedSettings

    return ReleasedSettings.of(dict(released))


def edit_settings(inversion: Mapping, matching: Mapping) -> EditSettings:
    """The sections ``inversion`` and ``matching`` of the config."""
    from editable_deepsc.editing.editor import EditSettings
    from editable_deepsc.editing.inversion import InversionRecipe
    from editable_deepsc.editing.matching import MatchingRecipe

    return EditSettings(InversionRecipe(**inversion), MatchingRecipe(**matching))


def system_networks(this: Job, snr_db: float | None = None, repeats: int = 1) -> SystemNetworks:
    """Those networks of a system that are among the inputs of the job.

    ``snr_db``: of the link that the input ``adapters``, if there is one, serves; ``repeats``: how
    often its symbols are sent.
    """
    from editable_deepsc.networks.conditioned import ConditionedAdapters
    from editable_deepsc.systems.build import SystemNetworks
    from editable_deepsc.systems.editable_deepsc import repetition_gain_db

    given = set(this.inputs.keys())
    found: dict[str, Any] = {
        name: this.network(name)
        for name in ("generator", "predictor", "text_encoder", "encoder")
        if name in given
    }
    if "fields" in given:
        published = not isinstance(this.inputs["fields"], str)
        found["fields"] = (
            published_fields(this, found["generator"]) if published else this.network("fields")
        )
    for role in ("perceptual", "talk2edit_perceptual"):  # the second, where there is one
        if role in given:
            found["perceptual"] = perceptual_distance(this, role)
    if "adapters" in given:
        assert snr_db is not None
        adapters: Any = this.network("adapters")
        if isinstance(adapters, ConditionedAdapters):
            adapters = adapters.at(snr_db + repetition_gain_db(repeats))
        found["adapters"] = {snr_db: adapters}
    return SystemNetworks(**found)


def codec_of(
    this: Job, name: str | None, resolution: int, options: Mapping | None, weights: str = "codec"
) -> Codec | None:
    """A codec by its name and its options in the config; None without a name (Editable-DeepSC).

    ``weights``: the input that holds its trained network, where it is trained, or the mode that was
    chosen for it, where it adapts.
    """
    if name is None or options is None:
        return None
    from editable_deepsc.codecs.adaptive import with_mode
    from editable_deepsc.codecs.build import GENERATIVE, build_codec

    if "adaptive" in options:
        chosen = json.loads(Path(this.inputs[weights]).read_text())["mode"]
        return build_codec(name, resolution, with_mode(options, chosen))
    model = this.network(weights) if weights in this.inputs.keys() else None
    generator = this.network("generator") if options.get("kind", name) == GENERATIVE else None
    return build_codec(name, resolution, options, model, generator)


def channel_rng(seed: int, dataset: str, system: str, snr: str, draw: int) -> torch.Generator:
    """The random numbers of the channel of a cell, in its ``draw``-th transmission."""
    return seeded(seed, dataset, system, snr, draw, "channel")


def training_images(this: Job, entry: Mapping, n: int, *seed: Any) -> Tensor:
    """Images uint8 [N, 3, R, R] that no split holds: ``n`` faces that ``seed`` draws.

    Where the data set (``entry``) is photographs, all images of the input ``data``.
    """
    from editable_deepsc.data.faces import render, sample_faces
    from editable_deepsc.data.pixels import to_uint8
    from editable_deepsc.data.storage import load_arrays

    if entry["source"] != "embedded":
        return load_arrays(this.inputs["data"])[0]["images"]
    return to_uint8(render(sample_faces(n, seeded(*seed)), entry["resolution"], entry["style"]))


def references(data: Mapping[str, Tensor]) -> References:
    """What the received images of a data set are compared with, from the arrays of its split."""
    from editable_deepsc.data.instructions import expected_degree
    from editable_deepsc.evaluation.measure.metrics import References

    current = data["degrees"].round().long()[range(len(data["images"])), data["attribute"]]
    expected = expected_degree(current, data["direction"], data["degree"])
    return References(data["images"], data.get("truths"), data["attribute"], current, expected)


def judges(this: Job) -> EvaluationNetworks:
    """The networks that judge, and the bar of identity, from the inputs of their names."""
    from editable_deepsc.evaluation.measure.distances import lpips_of
    from editable_deepsc.evaluation.measure.metrics import EvaluationNetworks

    return EvaluationNetworks(
        lpips_of(this.network("perceptual")),
        this.network("fidelity"),
        this.network("evaluator"),
        this.network("judge_recogniser"),
        json.loads(Path(this.inputs["bar"]).read_text())["threshold"],
    )


def kid_settings(evaluation: Mapping, seed: int) -> KidSettings:
    """The section ``evaluation`` of the config, as far as KID is concerned."""
    from editable_deepsc.evaluation.measure.metrics import KidSettings

    return KidSettings(evaluation["kid_subsets"], evaluation["kid_subset_size"], seed)


def cell_evaluation(
    this: Job, evaluation: Mapping, seed: int, faces: int | None = None
) -> Callable:
    """A function of what was received: images uint8 [S, N, 3, R, R], outages bool [S, N], costs.

    It returns a row of metrics for each of S seeds, and one for each seed and image
    (:func:`editable_deepsc.evaluation.measure.metrics.evaluate`). Inputs: ``data``, ``bar``,
    ``real`` and the networks that judge. ``faces``: only the first so many of the split; subsets of
    the paired KID are then no larger.
    """
    from editable_deepsc.data.storage import load_arrays
    from editable_deepsc.evaluation.measure.metrics import evaluate

    data, _ = load_arrays(this.inputs["data"])
    known = references({key: value[:faces] for key, value in data.items()})
    subsets = kid_settings(evaluation, seed)
    if faces is not None:
        size = min(subsets.subset_size, len(known.originals))
        subsets = dataclasses.replace(subsets, subset_size=size)
    return functools.partial(
        evaluate,
        references=known,
        real=load_arrays(this.inputs["real"])[0]["features"].double(),
        networks=judges(this),
        subsets=subsets,
    )
