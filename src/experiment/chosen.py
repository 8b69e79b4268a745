"""Parameters that say which photographs a data set is made of, so that a change of one is seen."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from .config import Experiment
from .finished import known_digests


@cache
def chosen_images(experiment: Experiment, dataset: str) -> dict[str, list[str]]:
    """Split -> names of its images, as the folder is now."""
    from editable_deepsc.data.albums import choose_images

    return choose_images(dataset, experiment.dataset(dataset), experiment.seed)


def division_digest(experiment: Experiment, dataset: str) -> str:
    """SHA-256 of which image belongs to which split, and of the images where faces are found."""
    splits = chosen_images(experiment, dataset)
    chosen = json.dumps(splits, sort_keys=True)
    if experiment.align(dataset) != "none":
        chosen += "".join(contents_digest(experiment, dataset, split) for split in splits)
    return hashlib.sha256(chosen.encode()).hexdigest()


def contents_digest(experiment: Experiment, dataset: str, split: str) -> str:
    """SHA-256 of the images of a split, byte for byte."""
    folder, digests, total = Path(experiment.dataset(dataset)["path"]), known_digests(), ""
    for name in chosen_images(experiment, dataset)[split]:
        total += digests.of(folder / name)
    return hashlib.sha256(total.encode()).hexdigest()


def finds_faces() -> bool:
    """Whether the face detector is installed."""
    return find_spec("mtcnn") is not None
