"""Reading a picture from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from .pixels import from_uint8

MAX_PIXELS = 50_000_000  # beyond this it is no face picture; refused before it is decoded
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

    Turned upright as its EXIF says; grey, palette, CMYK and 16-bit pictures become 8-bit RGB; what
    is transparent shows mid grey. Of the picture a square is kept and resized (averaged over areas
    when it shrinks, bicubic when it grows): the largest in the centre, one of ``crop`` pixels in
    the centre, or the smallest one around ``box``, moved and shrunk as far as the picture's edges
    demand.

    ``ValueError`` in one sentence when the file is missing, no image, damaged, implausibly large,
    or has a side below ``least`` pixels.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"image: {path} does not exist; give the path of a PNG or JPEG file")
    image = _decode(path)
    shorter = min(image.size)
    if shorter < max(least, crop or 0):
        raise ValueError(
            (
                f"image: {path} has {image.width} × {image.height} pixels, "
                f"{max(least, crop or 0)} are needed on either side; leave it out or ask for "
                "less"
            )
        )
    return _square(image, resolution, crop, box)


def to_image(picture: Image.Image, resolution: int) -> Tensor:
    """A PIL picture as [3, resolution, resolution] in [-1, 1], as :func:`read_image` gives it."""
    if min(picture.size) < LEAST_SIDE:
        raise ValueError(
            f"image: the picture has {picture.width} × {picture.height} pixels, {LEAST_SIDE} are "
            "needed on either side"
        )
    return _square(_upright(picture), resolution, None, None)


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
    return from_uint8(torch.from_numpy(np.array(image)).permute(2, 0, 1))


def _decode(path: Path) -> Image.Image:
    """The whole picture, upright, in RGB."""
    try:
        with Image.open(path) as image:
            pixels = image.width * image.height
            if pixels <= MAX_PIXELS:
                return _upright(image)
    except Exception as error:  # Pillow answers damaged files with nearly every kind of exception
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(
            f"image: {path} cannot be read as an image ({reason}); give a whole PNG or JPEG file"
        ) from None
    raise ValueError(
        f"image: {path} has {pixels:,} pixels, more than {MAX_PIXELS:,}; scale it down first"
    )


def _upright(image: Image.Image) -> Image.Image:
    """A picture as its EXIF says, in 8-bit RGB, mid grey where it is transparent."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits: Pillow would clip them at 255
        image = Image.fromarray((np.asarray(image, np.uint32) // 257).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, (128, 128, 128, 255)), image)
    return image.convert("RGB")
