"""Data sets of real photographs: which images a folder holds, what is published about them, and
which split each belongs to.

The published text files are read as they are: CelebA's partition, identities and boxes,
CelebA-Dialog's labels and requests. They name images by file name; where a folder has subfolders, a
name may also be the path below the folder.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from .attributes import ATTRIBUTES, MAX_DEGREE
from .instructions import Instruction
from .photographs import LEAST_SIDE, Box

SOURCES = ("folder", "celeba", "celeba-hq", "metfaces")
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}

# CelebA-Dialog's names of our attributes. No_Beard counts from 0, no beard, to 5, a bushy one;
# Young from 0, a child, to 5, the elderly.
DIALOG_NAMES = ("Bangs", "Eyeglasses", "No_Beard", "Smiling", "Young")
_FALLING = ATTRIBUTES.index("young")  # the only one that CelebA-Dialog counts the other way round

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


def list_images(folder: Path) -> list[str]:
    """Paths of all images below ``folder``, relative to it, sorted; ``ValueError`` if there is no
    folder, or none in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"data: {folder} is not a folder; give the folder of the images")
    found = (
        p
        for p in folder.rglob("*")
        if p.suffix.lower() in SUFFIXES and not p.name.startswith(".") and p.is_file()
    )
    names = sorted(p.relative_to(folder).as_posix() for p in found)
    if not names:
        raise ValueError(
            (
                f"data: {folder} holds no images ({', '.join(sorted(SUFFIXES))}); give the "
                "folder of the images"
            )
        )
    return names


def of_image(table: Mapping[str, object], name: str):
    """What a published table says of an image, by its path below the folder or else its file name;
    None if nothing.
    """
    return table.get(name, table.get(name.rsplit("/", 1)[-1]))


# --- published files -----------------------------------------------------------------------------


def _lines(path: Path, what: str) -> list[str]:
    """Lines of a text file; ``ValueError`` if it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"data: {path} cannot be read ({error}); give {what}") from None


def _rows(
    path: Path, lines: list[str], fields: int, header: int, what: str
) -> dict[str, list[str]]:
    """Rows "image value ..." behind ``header`` lines; ``ValueError`` names the first row that does
    not have ``fields`` fields.
    """
    rows = {}
    for number, line in enumerate(lines[header:], header + 1):
        if words := line.replace(",", " ").split():
            if len(words) != fields:
                raise ValueError(
                    (
                        f"data: {path}, line {number}: {len(words)} fields instead of {fields}; "
                        f"give {what}"
                    )
                )
            rows[words[0]] = words[1:]
    return rows


def read_partition(path: Path) -> dict[str, str]:
    """CelebA's ``list_eval_partition.txt``: image -> "0" (train), "1" (validation) or "2"
    (test).
    """
    return _column(path, "CelebA's list_eval_partition.txt")


def read_identities(path: Path) -> dict[str, str]:
    """CelebA's ``identity_CelebA.txt``: image -> number of a person."""
    return _column(path, "CelebA's identity_CelebA.txt")


def _column(path: Path, what: str) -> dict[str, str]:
    """Image -> the one value behind it."""
    return {name: row[0] for name, row in _rows(path, _lines(path, what), 2, 0, what).items()}


def read_boxes(path: Path) -> dict[str, Box]:
    """Face boxes, "image left top width height" in pixels, as CelebA's ``list_bbox_celeba.txt``
    with its two header lines, or without them.
    """
    what = "rows of: image, left, top, width, height"
    lines = _lines(path, what)
    boxes: dict[str, Box] = {}
    counted = bool(lines) and lines[0].strip().isdigit()
    for name, row in _rows(path, lines, 5, 2 if counted else 0, what).items():
        try:
            left, top, width, height = map(float, row)
        except ValueError:
            raise ValueError(
                f"data: {path}: the box of {name} is {' '.join(row)!r}; give {what}"
            ) from None
        if min(width, height) <= 0:
            raise ValueError(f"data: {path}: the box of {name} is empty; give {what}")
        boxes[name] = (left, top, width, height)
    return boxes


def read_labels(path: Path) -> dict[str, tuple[int, ...]]:
    """CelebA-Dialog's ``combined_annotation.txt``: image -> our five degrees, 0..5 each; images
    without labels are left out.

    The first line names the columns, among them Bangs, Eyeglasses, No_Beard, Smiling and Young.
    """
    what = "CelebA-Dialog's combined_annotation.txt"
    lines = _lines(path, what)
    columns = lines[0].replace(",", " ").split() if lines else []
    if (
        columns and columns[0] in DIALOG_NAMES
    ):  # as CelebA's own lists, whose header has no name for the image
        columns.insert(0, "image")
    absent = [name for name in DIALOG_NAMES if name not in columns]
    if absent:
        raise ValueError(f"data: {path}: the first line names no column {absent[0]}; give {what}")
    places = [columns.index(name) - 1 for name in DIALOG_NAMES]
    labels = {}
    for image, row in _rows(path, lines, len(columns), 1, what).items():
        try:
            degrees = [int(row[place]) for place in places]
        except ValueError:
            raise ValueError(
                (
                    f"data: {path}: the labels of {image} are {' '.join(row)!r}, not whole "
                    f"numbers; give {what}"
                )
            ) from None
        if all(0 <= degree <= MAX_DEGREE for degree in degrees):
            labels[image] = tuple(
                MAX_DEGREE - d if a == _FALLING else d for a, d in enumerate(degrees)
            )
    return labels


def read_requests(annotated: Path, sentences: Path | None = None) -> dict[str, dict]:
    """CelebA-Dialog's ``request_annotated.json``, and ``request.json`` for the sentences if the
    former has no ``text``: image -> record.
    """
    tables = []
    for path in filter(None, (annotated, sentences)):
        try:
            table = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(
                (
                    f"data: {path} cannot be read ({str(error).splitlines()[0]}); give "
                    "CelebA-Dialog's request_annotated.json and request.json"
                )
            ) from None
        if not isinstance(table, dict):
            raise ValueError(
                (
                    f"data: {path} is not a table by image name; give CelebA-Dialog's "
                    "request_annotated.json and request.json"
                )
            )
        tables.append(table)
    records = {}
    for image, record in tables[0].items():
        if not isinstance(record, dict):
            raise ValueError(
                (
                    f"data: {annotated}: the request of {image} has no fields; give "
                    "CelebA-Dialog's request_annotated.json"
                )
            )
        text = record.get("text") or (tables[1].get(image) if len(tables) > 1 else None)
        if isinstance(text, dict):
            text = text.get("text")
        if text:
            records[image] = record | {"text": text}
    return records


def requested(record: Mapping, degrees: tuple[int, ...]) -> Instruction | None:
    """What a request of CelebA-Dialog asks of a face with these ``degrees`` (ours, 0..5); None if
    it changes nothing, or names no attribute.

    A request names a score to reach, or a direction with or without an amount; without one it means
    one degree.
    """
    if record.get("attribute") not in DIALOG_NAMES:
        return None
    attribute = DIALOG_NAMES.index(record["attribute"])
    falling = attribute == _FALLING
    if record.get("target_score") is not None:
        target = int(record["target_score"])
        change = (MAX_DEGREE - target if falling else target) - degrees[attribute]
    elif record.get("score_change_direction") in ("positive", "negative"):
        change = int(record.get("score_change_value") or 1) * (
            1 if record["score_change_direction"] == "positive" else -1
        )
        change = -change if falling else change
    else:
        return None
    if min(max(degrees[attribute] + change, 0), MAX_DEGREE) == degrees[attribute]:
        return None
    return Instruction(
        record["text"], attribute, 1 if change > 0 else -1, min(abs(change), MAX_DEGREE)
    )


# --- splits --------------------------------------------------------------------------------------


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
        return hashlib.sha256(f"{seed}/{dataset}/{person}".encode()).digest()

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


def distinct(folder: Path, names: list[str]) -> list[str]:
    """``names`` without files that are byte for byte another one's copy: a copy could stand in two
    splits.
    """
    by_size = defaultdict(list)
    for name in names:
        by_size[(Path(folder) / name).stat().st_size].append(name)
    kept = []
    for same in by_size.values():
        if len(same) > 1:
            distinct = {
                hashlib.sha256((Path(folder) / name).read_bytes()).digest(): name
                for name in reversed(same)
            }
            same = list(distinct.values())
        kept += same
    return sorted(kept)


def choose_images(dataset: str, entry: Mapping, seed: int) -> dict[str, list[str]]:
    """Split -> images of a data set entry of the configuration. An image that lacks a label or a
    usable request is left out, if those are given.
    """
    names = list_images(entry["path"])
    if entry["source"] == "folder":
        names = distinct(entry["path"], names)
    if "labels" in entry:
        labels = read_labels(entry["labels"])
        names = [name for name in names if of_image(labels, name) is not None]
        if "requests" in entry:
            requests = read_requests(entry["requests"], entry.get("sentences"))
            names = [
                name
                for name in names
                if requested(of_image(requests, name) or {}, of_image(labels, name)) is not None
            ]
    if "boxes" in entry:
        boxes = read_boxes(entry["boxes"])
        names = [name for name in names if of_image(boxes, name) is not None]

    def table(key: str, read: Callable):
        return read(entry[key]) if key in entry else None

    return divide(
        dataset,
        names,
        entry["images"],
        seed,
        table("identities", read_identities),
        table("partition", read_partition),
    )
