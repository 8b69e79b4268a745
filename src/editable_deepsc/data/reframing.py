"""From photographs to images of a network's size, aligned by the faces that a detector finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor
from tqdm import tqdm

from .cutting import cut_straight, cut_turned
from .framing import ALIGNMENTS, FindFaces, Framing, squares
from .photographs import as_tensor, centre_square, read_picture

NO_DETECTOR = (
    'no face detector is installed, which `pip install "editable-deepsc[align]"` does: the largest '
    "square in the centre is kept"
)
NO_FACE = "no face was found: the largest square in the centre is kept"
DRAWN = "editable-deepsc face"  # the text chunk of a picture that says how a face was drawn
AT_ONCE = 64  # pictures of a folder that are in memory together


def framings(pictures: Sequence[Image.Image], align: str, find: FindFaces | None) -> list[Framing]:
    """How each of the upright ``pictures`` in RGB is to be cut; all faces are found at once.

    ``find`` is None where no detector is installed. ``ValueError`` on an unknown ``align``.
    """
    if align not in ALIGNMENTS:
        raise ValueError(f"align {align!r} is unknown; choose one of: {', '.join(ALIGNMENTS)}")
    if align == "none" or find is None:
        note = None if align == "none" else NO_DETECTOR
        return [Framing("none", note=note)] * len(pictures)
    found = find(pictures)
    faces = [face for face in found if face is not None]
    corners = iter(squares(faces, align).tolist() if faces else [])
    result = []
    for face in found:
        if face is None:
            result.append(Framing("none", note=NO_FACE))
            continue
        note = f"{face.faces} faces were found: the largest is kept" if face.faces > 1 else None
        square = tuple((x, y) for x, y in next(corners))
        result.append(Framing(align, face, square, note))
    return result


def cut(picture: Image.Image, framing: Framing, resolution: int) -> Tensor:
    """What ``framing`` keeps of an upright picture in RGB: [3, resolution, resolution] in
    [-1, 1].
    """
    if framing.square is None:
        return centre_square(picture, resolution)
    straight = framing.align == "box"
    return as_tensor(
        (cut_straight if straight else cut_turned)(picture, framing.square, resolution)
    )


def framed_already(picture: Image.Image, resolution: int) -> bool:
    """Whether a picture is taken as it is unless alignment is asked for: one of R x R pixels, or a
    face that was rendered.
    """
    return picture.size == (resolution, resolution) or DRAWN in picture.info


def frame_files(
    folder: Path,
    names: Sequence[str],
    align: str,
    find: FindFaces | None,
    framed_at: int | None = None,
) -> dict[str, dict[str, Any]]:
    """What is to be done to pictures of a folder: name -> :meth:`.framing.Framing.about`.

    Nothing is said of any where ``align`` is "none". With ``framed_at`` = R, those that
    :func:`framed_already` tells are left as they are. ``ValueError`` names a picture that cannot be
    read.
    """
    if align == "none":
        return {}
    if find is None:
        return {name: Framing("none", note=NO_DETECTOR).about() for name in names}
    found: dict[str, dict[str, Any]] = {}
    for start in tqdm(range(0, len(names), AT_ONCE), desc="faces", mininterval=5):
        batch = names[start : start + AT_ONCE]
        pictures = {name: read_picture(folder / name) for name in batch}
        if framed_at is not None:
            left = [name for name, p in pictures.items() if framed_already(p, framed_at)]
            found |= {name: Framing("none").about() for name in left}
            pictures = {name: p for name, p in pictures.items() if name not in found}
        done = framings(list(pictures.values()), align, find)
        found |= {name: framing.about() for name, framing in zip(pictures, done, strict=True)}
    return found


def read_cut(path: Path, about: Mapping[str, Any], resolution: int) -> Tensor:
    """The picture in ``path``, cut as :func:`frame_files` has said: [3, resolution, resolution] in
    [-1, 1].
    """
    corners = tuple((x, y) for x, y in about["square"])
    return cut(read_picture(path), Framing(about["align"], square=corners), resolution)
