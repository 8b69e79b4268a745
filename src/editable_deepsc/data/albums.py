"""Data sets of real photographs: which split an image of a folder belongs to, by its name and by
what is published about it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from .annotations import (
    check_directions,
    line_of,
    of_image,
    read_boxes,
    read_identities,
    read_labels,
    read_partition,
    refuse,
    same_name,
)
from .edit_requests import read_requests, requested
from .folders import distinct, list_images
from .photographs import LEAST_SIDE, Box, check_image, wrong_box
from .text_files import cause, parse_json, read_text, shown

SOURCES = ("folder", "celeba", "celeba-hq", "metfaces")

FRAMING = "framing"  # in files.json, beside the splits

ALIGNED = (178, 218)  # pixels of CelebA's aligned images, of which no box was published

_PARTITIONS = {
    "train": "0",
    "finetune": "0",
    "validation": "1",
    "test": "2",
}  # list_eval_partition.txt
_ORDER = (
    "test",
    "finetune",
    "train",
    "validation",
)  # asking for more training images leaves the test images alone


def least_side(source: str, resolution: int) -> int:
    """The smallest side that an image may have: high-resolution data sets are never enlarged, a
    folder of anything may be.
    """
    return resolution if source in ("celeba-hq", "metfaces") else LEAST_SIDE


def divide(
    dataset: str,
    names: list[str],
    counts: Mapping[str, int],
    seed: int,
    identities: Mapping[str, str] | None = None,
    partition: Mapping[str, str] | None = None,
) -> dict[str, list[str]]:
    """Choose the images of every split: ``counts[split]`` of ``names``, in an order that ``seed``
    and the data set's name decide.

    No image is in two splits, and with ``identities`` no person either (images without an identity
    are then left out). With CelebA's ``partition``, test and validation images come from its test
    and validation parts, train and fine-tuning images from its train part (these parts share no
    people). ``ValueError`` says how many images are missing.
    """

    def rank(
        person: str,
    ) -> bytes:  # by hash, so that an image more or less does not shuffle the others
        return hashlib.sha256(f"{seed}/{dataset}/{same_name(person)}".encode()).digest()

    people: dict[str, dict[str, list[str]]] = defaultdict(
        lambda: defaultdict(list)
    )  # part -> person -> images
    for name in names:
        person = name if identities is None else of_image(identities, name)
        part = "" if partition is None else of_image(partition, name)
        if person is not None and part is not None:
            people[part][person].append(name)
    waiting = {part: sorted(groups, key=rank, reverse=True) for part, groups in people.items()}
    chosen: dict[str, list[str]] = {}
    for split in (s for s in _ORDER if s in counts):
        part = "" if partition is None else _PARTITIONS[split]
        images: list[str] = []
        while len(images) < counts[split] and waiting.get(part):
            images += people[part][waiting[part].pop()]
        if len(images) < counts[split]:
            wanted = " + ".join(f"{n} {s}" for s, n in counts.items())
            usable = sum(len(group) for groups in people.values() for group in groups.values())
            raise ValueError(
                (
                    f"data set {dataset!r}: {usable} of {len(names)} images can be used and "
                    f"images asks for {wanted}, so {split} is "
                    f"{counts[split] - len(images)} short; add images, or ask for fewer under "
                    f"datasets.{dataset}.images"
                )
            )
        chosen[split] = sorted(images[: counts[split]])
    return chosen


def choose_images(dataset: str, entry: Mapping, seed: int) -> dict[str, list[str]]:
    """Split -> images of a data set entry of the configuration. An image that lacks a label or a
    usable request is left out, if those are given; so is the second of two equal files.

    ``ValueError`` in one sentence for whatever is wrong with the folder, the published files, or
    the head of a chosen image.
    """
    folder = Path(entry["path"])
    names = list_images(folder)
    if entry["source"] == "folder":
        names = distinct(folder, names)

    def requests_with_sentences(path: Path) -> dict[str, dict]:
        return read_requests(path, entry.get("sentences"))

    def labels_of(path: Path) -> dict[str, tuple[int, ...]]:
        labels = read_labels(path, entry.get("turned", ()))
        if entry["source"] in ("celeba", "celeba-hq"):
            check_directions(path, labels)
        return labels

    def table(key: str, read: Callable):
        found = read(entry[key]) if key in entry else None
        if found is not None:
            _check_unambiguous(entry[key], found, names)
        return found

    if (labels := table("labels", labels_of)) is not None:
        names = [name for name in names if of_image(labels, name) is not None]
        if (requests := table("requests", requests_with_sentences)) is not None:
            asked = ((name, of_image(requests, name), of_image(labels, name)) for name in names)
            names = [name for name, r, d in asked if r and d and requested(r, d) is not None]
    if (boxes := table("boxes", read_boxes)) is not None:
        names = [name for name in names if of_image(boxes, name) is not None]
    identities, partition = table("identities", read_identities), table("partition", read_partition)
    while True:
        chosen = divide(dataset, names, entry["images"], seed, identities, partition)
        every = [name for images in chosen.values() for name in images]
        # To compare all files of a large data set would take minutes, of those chosen seconds.
        copies = set(every) - set(distinct(folder, every))
        if not copies:
            break
        names = [name for name in names if name not in copies]
    _check_heads(entry, sorted(every), boxes or {})
    return chosen


def _check_unambiguous(path: Path, table: Mapping, names: list[str]) -> None:
    """``ValueError`` if a row of a published table could mean two images of the folder."""
    meant: dict[str, str] = {}
    for name in names:
        full = same_name(name)
        row = full if full in table else full.rsplit("/", 1)[-1]
        if row in table and meant.setdefault(row, name) != name:
            raise ValueError(
                f"data: {shown(path)}: its row {shown(row)} could mean {shown(meant[row])} or "
                f"{shown(name)}; name images by their path below the folder, or give one of the "
                "two another name"
            )


def _check_heads(entry: Mapping, names: list[str], boxes: Mapping[str, Box]) -> None:
    """``ValueError`` for the first image of which the head tells that it cannot be used."""
    least = least_side(entry["source"], entry.get("resolution", LEAST_SIDE))
    sizes = {}
    for name in names:
        size = check_image(Path(entry["path"]) / name, entry.get("crop"), least)
        sizes[name] = size
        box = of_image(boxes, name)
        if box is not None and (reason := wrong_box(box, size, least)):
            _refuse_box(entry["boxes"], name, reason, size)
    if boxes and set(sizes.values()) == {ALIGNED}:
        # Few of those chosen may show it, of all rows many do.
        for name, box in boxes.items():
            if reason := wrong_box(box, ALIGNED):
                _refuse_box(entry["boxes"], name, reason, ALIGNED)


def _refuse_box(path: Path, name: str, reason: str, size: tuple[int, int]) -> NoReturn:
    aligned = (
        "; CelebA's are of the images before they were aligned (img_celeba)"
        if size == ALIGNED
        else ""
    )
    refuse(
        path,
        f", line {line_of(path, name)}: the box of {shown(name)} {reason}, and the picture has "
        f"{size[0]} × {size[1]} pixels{aligned}",
        "boxes of these very images (left, top, width, height), or none",
    )


def read_division(path: Path, split: str) -> list[str]:
    """The images of a split, from the file that holds what :func:`choose_images` returned."""
    return _read(path, split, f"which images are in {split}")


def read_framings(path: Path) -> dict[str, dict]:
    """How each image is aligned, from the same file."""
    return _read(path, FRAMING, "how its images are aligned")


def _read(path: Path, key: str, what: str):
    try:
        return parse_json(read_text(path))[key]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"data: {shown(path)} does not say {what} ({cause(error)}); delete it and run again"
        ) from None
