"""The published text files about photographs: CelebA's partition, identities and boxes, and
CelebA-Dialog's labels.

They are read as they are published, and as CSV with a header and quoted names, as copies of them
are. They name images by file name; where a folder has subfolders, a name may also be the path
below the folder.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TypeVar

from .attributes import ATTRIBUTES, MAX_DEGREE
from .folders import SUFFIXES
from .photographs import LEAST_SIDE, Box
from .text_files import cause, read_text, shown

Value = TypeVar("Value")

# CelebA-Dialog's names of our attributes. The columns of its annotation files run as they are
# called: No_Beard 5 is no beard, Young 5 is a child. So Talk-to-Edit's configs/attributes_5.json
# says, the only place in its code that relates them to the degrees of its predictor and requests,
# which count beard and age: degree = idx_scale · label + idx_bias, -1 and 5 for these two.
DIALOG_NAMES = ("Bangs", "Eyeglasses", "No_Beard", "Smiling", "Young")
FALLING = (ATTRIBUTES.index("beard"),)  # labels that fall while our degree rises
# What would show the opposite: of CelebA's faces 83 % have no beard and 77 % are young, so in a
# large file the mean degree lies on this side of the middle of the scale (-1 below, 1 above).
USUAL = {"beard": -1, "young": 1}
LARGE = 1000  # labelled images, of which a mean says something

_UNLABELLED = -1  # degree of an image that nobody has labelled
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_NOBODY = {"", "nan", "none", "null", "n/a", "na", "-1"}  # no person


def same_name(name: str) -> str:
    """A file name as tables compare it: file systems differ in how they compose accents."""
    return unicodedata.normalize("NFC", name.removeprefix("./"))


def of_image(table: Mapping[str, Value], name: str) -> Value | None:
    """What a published table says of an image, by its path below the folder or else its file name;
    None if nothing.
    """
    name = same_name(name)
    return table.get(name, table.get(name.rsplit("/", 1)[-1]))


def refuse(path: Path, reason: str, what: str) -> NoReturn:
    """``ValueError`` in the one form of this room: where, what is wrong, what to give."""
    raise ValueError(f"data: {shown(path)}{reason}; give {what}")


def _rows(path: Path, what: str) -> Iterator[tuple[int, list[str]]]:
    """Number and fields of every line that has any: separated by commas, where there are some, or
    else by blanks. A first line that only counts the others is left out.
    """
    try:
        lines = read_text(path).split("\n")
    except ValueError as error:
        refuse(path, f" {error}", what)
    for number, line in enumerate(lines, 1):
        if not line.strip() or (number == 1 and re.fullmatch(r"[0-9]+", line.strip())):
            continue
        try:
            fields = (
                next(csv.reader([line], skipinitialspace=True, strict=True))
                if "," in line
                else line.split()
            )
        except csv.Error as error:
            refuse(path, f", line {number}: its quotes do not close ({cause(error)})", what)
        yield number, [field.strip() for field in fields]


def line_of(path: Path, name: str) -> int:
    """The line of a published table that names an image, or its file name; 0 if none does."""
    wanted = {same_name(name), same_name(name).rsplit("/", 1)[-1]}
    return next((number for number, row in _rows(path, "") if same_name(row[0]) in wanted), 0)


def _table(
    path: Path, fields: int, what: str, value: Callable[[list[str]], Value], headed: bool = False
) -> dict[str, Value]:
    """Image -> ``value`` of the fields behind it, for every row but a header.

    ``value`` raises ``ValueError`` with the reason why a row is wrong. ``headed``: the first row
    is a header whatever it says.
    """
    table: dict[str, Value] = {}
    lines: dict[str, int] = {}
    for index, (number, row) in enumerate(_rows(path, what)):
        if index == 0 and (headed or _is_header(row)):
            continue
        if len(row) != fields:
            refuse(path, f", line {number}: {len(row)} fields instead of {fields}", what)
        name = same_name(row[0])
        if not name:
            refuse(path, f", line {number}: it names no image", what)
        if name in table:
            reason = f", line {number}: {shown(name)} stands on line {lines[name]} already"
            refuse(path, reason, what)
        try:
            table[name] = value(row[1:])
        except ValueError as error:
            refuse(path, f", line {number}: {error}", what)
        lines[name] = number
    if not table:
        refuse(path, " has no rows", what)
    return table


def _is_header(row: list[str]) -> bool:
    """Whether the first row names columns: no image, and no number behind its name."""
    is_image = Path(row[0]).suffix.lower() in SUFFIXES
    return not is_image and not any(map(_NUMBER.fullmatch, row[1:]))


def _quoted(row: list[str]) -> str:
    return repr(shown(" ".join(row))[:60])


# --- CelebA --------------------------------------------------------------------------------------


def read_partition(path: Path) -> dict[str, str]:
    """CelebA's ``list_eval_partition.txt``: image -> "0" (train), "1" (validation) or "2"
    (test).
    """

    def part(row: list[str]) -> str:
        if row[0] not in ("0", "1", "2"):
            raise ValueError(f"{_quoted(row)} is no part; there are 0, 1 and 2")
        return row[0]

    what = "CelebA's list_eval_partition.txt (0 train, 1 validation, 2 test)"
    return _table(path, 2, what, part)


def read_identities(path: Path) -> dict[str, str]:
    """CelebA's ``identity_CelebA.txt``: image -> number of a person."""

    def person(row: list[str]) -> str:
        if row[0].lower() in _NOBODY:
            raise ValueError(f"{_quoted(row)} is nobody")
        return row[0]

    return _table(path, 2, "CelebA's identity_CelebA.txt", person)


def read_boxes(path: Path) -> dict[str, Box]:
    """Face boxes, "image left top width height" in pixels, as CelebA's ``list_bbox_celeba.txt``
    with its two header lines, or without them.
    """
    what = "rows of: image, left, top, width, height"
    header = next((row for _, row in _rows(path, what)), [])
    if len(header) == 5 and _is_header(header):
        if not (header[3].lower().startswith("w") and header[4].lower().startswith("h")):
            refuse(path, f": its columns are {_quoted(header)}", what)

    def box(row: list[str]) -> Box:
        if not all(map(_NUMBER.fullmatch, row)):
            raise ValueError(f"the box is {_quoted(row)}, not four numbers")
        left, top, width, height = map(float, row)
        if min(width, height) <= 0:
            raise ValueError(f"the box {_quoted(row)} is empty")
        if max(width, height) < LEAST_SIDE:
            raise ValueError(f"the box {_quoted(row)} is too small: {LEAST_SIDE} pixels are needed")
        if max(map(abs, (left, top, width, height))) > 1e6:
            raise ValueError(f"the box {_quoted(row)} is larger than any picture")
        return left, top, width, height

    return _table(path, 5, what, box)


# --- CelebA-Dialog -------------------------------------------------------------------------------


def read_labels(path: Path, turned: Collection[str] = ()) -> dict[str, tuple[int, ...]]:
    """CelebA-Dialog's ``combined_annotation.txt``: image -> our five degrees, 0..5 each; images
    without labels (-1) are left out.

    The first line names the columns, among them Bangs, Eyeglasses, No_Beard, Smiling and Young.
    ``turned``: columns that count the other way round than published.
    """
    what = "CelebA-Dialog's combined_annotation.txt"
    columns = next((row for _, row in _rows(path, what)), [])
    if (
        columns and columns[0] in DIALOG_NAMES
    ):  # as CelebA's own lists, whose header has no name for the image
        columns = ["image", *columns]
    for name in DIALOG_NAMES:
        if (times := columns.count(name)) != 1:
            reason = "names no column" if not times else "names twice the column"
            refuse(path, f": the first line {reason} {name}", what)
    places = [columns.index(name) - 1 for name in DIALOG_NAMES]
    seen: set[int] = set()

    def degrees(row: list[str]) -> tuple[int, ...]:
        chosen = [row[place] for place in places]
        if not all(re.fullmatch(r"[+-]?[0-9]{1,3}", text) for text in chosen):
            raise ValueError(f"the labels are {_quoted(chosen)}, not whole numbers")
        values = tuple(map(int, chosen))
        if not all(_UNLABELLED <= value <= MAX_DEGREE for value in values):
            raise ValueError(
                f"the labels are {_quoted(chosen)}; degrees are 0 to {MAX_DEGREE}, or "
                f"{_UNLABELLED} where nobody has labelled the image"
            )
        seen.update(values)
        return values

    table = _table(path, len(columns), what, degrees, headed=True)
    if seen == {-1, 1}:
        refuse(path, " holds CelebA's binary attributes (-1 and 1), no degrees", what)
    falling = [(a in FALLING) != (name in turned) for a, name in enumerate(DIALOG_NAMES)]
    return {
        image: tuple(MAX_DEGREE - d if fall else d for fall, d in zip(falling, values))
        for image, values in table.items()
        if _UNLABELLED not in values
    }


def check_directions(path: Path, labels: Mapping[str, tuple[int, ...]]) -> None:
    """``ValueError`` where a column of CelebA's labels counts the other way round than
    :func:`read_labels` took it: the faces of a large file would mostly be bearded, or old.
    """
    for attribute, side in USUAL.items() if len(labels) >= LARGE else ():
        a = ATTRIBUTES.index(attribute)
        mean = sum(degrees[a] for degrees in labels.values()) / len(labels)
        if (mean - MAX_DEGREE / 2) * side < 0:
            faces = "bearded" if attribute == "beard" else "old"
            refuse(
                path,
                f": by its column {DIALOG_NAMES[a]} most of {len(labels):,} faces would be {faces} "
                f"(mean degree of {attribute}: {mean:.1f} of {MAX_DEGREE}), so it counts the other "
                f"way round than Talk-to-Edit's attributes_5.json says",
                "the column under `turned` of the data set, or take it from there",
            )
