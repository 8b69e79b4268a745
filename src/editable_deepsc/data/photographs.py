"""Reading a picture from a file."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFile
from torch import Tensor

from .decoding import FORMATS, MAX_BYTES, MAX_PIXELS, opened, orientation, upright
from .pixels import from_uint8
from .text_files import cause, not_a_file, shown

LEAST_SIDE = 16  # below this there is no face to see

Box = tuple[
    float, float, float, float
]  # left, top, width, height, in pixels of the upright picture


def read_image(
    path: Path,
    resolution: int,
    crop: int | None = None,
    box: Box | None = None,
    least: int = LEAST_SIDE,
) -> Tensor:
    """A picture as [3, resolution, resolution] in [-1, 1].

    Turned upright as its EXIF says; grey, palette, CMYK and 16-bit pictures become 8-bit RGB, in
    sRGB where a profile says what the colours are; what is transparent shows mid grey. Of the
    picture a square is kept and resized (averaged over areas when it shrinks, bicubic when it
    grows): the largest in the centre, one of ``crop`` pixels in the centre, or the smallest one
    around ``box``, moved and shrunk as far as the picture's edges demand.

    ``ValueError`` in one sentence when the file is missing, no image, damaged, implausibly large,
    has a side below ``least`` pixels, or a ``box`` that is not of this picture.
    """
    return _square(read_picture(path, crop, box, least), resolution, crop, box)


def read_picture(
    path: Path, crop: int | None = None, box: Box | None = None, least: int = LEAST_SIDE
) -> Image.Image:
    """The whole picture in ``path``, upright, in 8-bit sRGB. ``ValueError`` as
    :func:`read_image`.
    """
    path = Path(path)
    image = _decode(path)
    _check_size(path, image.size, crop, box, least)
    return image


def centre_square(picture: Image.Image, resolution: int) -> Tensor:
    """The largest square in the centre of an upright RGB picture, as :func:`read_image` gives
    it.
    """
    return _square(picture, resolution, None, None)


def check_image(path: Path, crop: int | None = None, least: int = LEAST_SIDE) -> tuple[int, int]:
    """Width and height of the upright picture in ``path``, of which only the head is read.

    ``ValueError`` as :func:`read_image`, as far as the head tells.
    """
    path = Path(path)
    _check_file(path)
    try:
        with opened(path) as image:
            size, turned = image.size, orientation(image) >= 5
    except Exception as error:  # as in _decode
        raise _unreadable(path, error) from None
    _check_size(path, size, crop, None, least)
    return size[::-1] if turned else size


def given_picture(picture: Image.Image) -> Image.Image:
    """A PIL picture as :func:`read_picture` gives that of a file."""
    if min(picture.size) < LEAST_SIDE:
        raise ValueError(
            f"image: the picture has {picture.width} × {picture.height} pixels, {LEAST_SIDE} are "
            "needed on either side"
        )
    # A file that Pillow has opened and may not have read. MPO: a telephone's JPEG of many pictures.
    if isinstance(picture, ImageFile.ImageFile) and picture.format not in (*FORMATS, "MPO"):
        raise ValueError(
            f"image: the picture is of the format {picture.format}, none of {', '.join(FORMATS)}; "
            "convert it first"
        )
    try:
        return upright(picture)
    except Exception as error:  # what Pillow says of a damaged file when it is asked for pixels
        raise ValueError(f"image: the picture cannot be read ({cause(error)})") from None


def _check_file(path: Path) -> None:
    """``ValueError`` unless ``path`` is a file of a picture's size."""
    if reason := not_a_file(path):
        raise ValueError(f"image: {shown(path)} {reason}; give the path of a PNG or JPEG file")
    size = path.stat().st_size
    if size == 0:
        raise ValueError(f"image: {shown(path)} is empty; give a whole PNG or JPEG file")
    if size > MAX_BYTES:
        raise ValueError(
            f"image: {shown(path)} has {size:,} bytes, more than {MAX_BYTES:,}; leave it out"
        )


def _check_size(
    path: Path, size: tuple[int, int], crop: int | None, box: Box | None, least: int
) -> None:
    """``ValueError`` if a picture is too large or too small, or ``box`` is not of it."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise ValueError(
            f"image: {shown(path)} has {width * height:,} pixels, more than {MAX_PIXELS:,}; scale "
            "it down first"
        )
    needed = max(least, crop or 0)
    if min(size) < needed:
        raise ValueError(
            f"image: {shown(path)} has {width} × {height} pixels, {needed} are needed on either "
            "side; leave it out or ask for less"
        )
    if box is not None and (reason := wrong_box(box, size, least)):
        raise ValueError(
            f"image: {shown(path)} has {width} × {height} pixels and its box {reason}; give boxes "
            "of these very images (left, top, width, height), or none"
        )


def wrong_box(box: Box, size: tuple[int, int], least: int = LEAST_SIDE) -> str | None:
    """Why ``box`` is none of a face in a picture of ``size`` (width, height); None if it may be."""
    left, top, width, height = box
    text = "(" + " ".join(f"{value:g}" for value in box) + ")"
    if not all(map(math.isfinite, box)) or min(width, height) <= 0:
        return f"{text} is no rectangle"
    inside = [
        max(0.0, min(start + length, edge) - max(start, 0.0))
        for start, length, edge in ((left, width, size[0]), (top, height, size[1]))
    ]
    if 4 * inside[0] * inside[1] < width * height:  # a detector may well cut a face
        return f"{text} lies outside for the most part"
    if max(width, height) < least:
        return f"{text} is too small: {least} pixels are needed"
    return None


def _square(image: Image.Image, resolution: int, crop: int | None, box: Box | None) -> Tensor:
    """A square of an upright RGB picture, resized: [3, resolution, resolution] in [-1, 1]."""
    side: float
    if box is None:
        side = crop or min(image.size)
        left, top = (image.width - side) / 2, (image.height - side) / 2
    else:
        side = min(max(box[2:]), *image.size)
        left = min(max(box[0] + box[2] / 2 - side / 2, 0), image.width - side)
        top = min(max(box[1] + box[3] / 2 - side / 2, 0), image.height - side)
    filter = Image.Resampling.BOX if side >= resolution else Image.Resampling.BICUBIC
    image = image.resize((resolution, resolution), filter, (left, top, left + side, top + side))
    return as_tensor(image)


def as_tensor(picture: Image.Image) -> Tensor:
    """A picture in RGB as [3, H, W] in [-1, 1]."""
    return from_uint8(torch.from_numpy(np.array(picture)).permute(2, 0, 1))


def _decode(path: Path) -> Image.Image:
    """The whole picture, upright, in RGB."""
    _check_file(path)
    try:
        with opened(path) as image:
            size = image.size
            if image.width * image.height <= MAX_PIXELS:
                return upright(image, path)
    except Exception as error:  # Pillow answers damaged files with nearly every kind of exception
        raise _unreadable(path, error) from None
    _check_size(path, size, None, None, 1)  # which says that it is too large
    raise AssertionError("unreachable")


def _unreadable(path: Path, error: Exception) -> ValueError:
    return ValueError(
        f"image: {shown(path)} cannot be read as an image ({cause(error)}); give a whole PNG or "
        "JPEG file"
    )
