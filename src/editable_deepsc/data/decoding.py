"""From the bytes of a picture's file to 8-bit sRGB, by an allow-list of Pillow's decoders.

Pillow opens many more formats, some of them by starting another program (EPS). Those listed here
are decoded in the process and are what cameras, scanners and browsers write. A file's name does
not matter.
"""

from __future__ import annotations

import io
import logging
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from .text_files import cause, shown

LOG = logging.getLogger(__name__)

MAX_PIXELS = 50_000_000  # beyond this it is no face picture; refused before it is decoded
MAX_BYTES = 8 * MAX_PIXELS  # of a file: the largest picture, in 16-bit RGBA, uncompressed

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM", "AVIF")

_ORIENTATION = 0x0112  # tag of EXIF
_GREY = (128, 128, 128, 255)
_SRGB = ImageCms.createProfile("sRGB")
_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}  # mode -> of a profile


def opened(path: Path) -> Image.Image:
    """The picture in a file, of which the head is read; an exception of Pillow's if it is none."""
    with warnings.catch_warnings():
        # Pillow's own limit is above ours, which the caller checks
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            return Image.open(path, formats=FORMATS)
        except UnidentifiedImageError:
            raise ValueError(f"it is none of {', '.join(FORMATS)}, or damaged") from None


def orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 to 8, as far as the head of the file tells; from 5 on the picture lies
    on its side.
    """
    if image.format == "PNG" and "exif" not in image.info:
        return 1  # Pillow would decode the whole picture to look behind it
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # Pillow answers damaged EXIF in many ways; :func:`upright` warns of it
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def upright(image: Image.Image, path: Path | None = None) -> Image.Image:
    """A picture as its EXIF says, in 8-bit sRGB, mid grey where it is transparent.

    ``path`` is for warnings. ``ValueError`` for numbers whose scale cannot be known.
    """
    profile = image.info.get("icc_profile")
    image = _turned(image, path)
    if image.mode == "F" or image.mode.startswith("I"):
        image = _eight_bits(image)
    elif image.mode == "RGB" and isinstance(hole := image.info.get("transparency"), tuple):
        if max(hole) > 255:  # of 16 bits, of which Pillow keeps the upper 8
            image.info["transparency"] = tuple(value >> 8 for value in hole)
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
    if profile:
        image = _to_srgb(image, profile, path)
    if alpha is not None:
        image = image.convert("RGBA")
        image.putalpha(alpha)
        image = Image.alpha_composite(Image.new("RGBA", image.size, _GREY), image)
    return image.convert("RGB")


def _turned(image: Image.Image, path: Path | None) -> Image.Image:
    """A picture as its EXIF says, or as it is, with a warning, where its EXIF is damaged."""
    image.load()  # so that damaged pixels are not taken for damaged EXIF
    try:
        return ImageOps.exif_transpose(image)
    except Exception as error:  # of nearly every kind
        LOG.warning(
            "image: %s: its EXIF cannot be read (%s); it is not turned",
            "a picture" if path is None else shown(path),
            cause(error),
        )
        return image.copy()


def _eight_bits(image: Image.Image) -> Image.Image:
    """A picture of one channel of 16 or 32 bits or floats -> mode L, or LA where it has a hole.

    Known scales are 16 bits (0..65535), floats of 0..1 and floats of 0..255.
    """
    values = np.asarray(image)
    if not np.isfinite(values).all():
        raise ValueError("it has pixels that are not finite")
    lowest, highest = values.min(), values.max()
    if image.mode == "F":
        known = lowest >= 0 and (highest <= 1 or 16 <= highest <= 255)
        grey = values * np.float32(255) + 0.5 if highest <= 1 else values
    else:
        known = lowest >= 0 and 255 < highest <= 65535
        grey = values.astype(np.uint32) // 257
    if not known:
        kind = "floats" if image.mode == "F" else "whole numbers of more than 8 bits"
        raise ValueError(
            f"its pixels are {kind} from {lowest:g} to {highest:g}, of which the scale is not "
            "known: save it in 8 bits"
        )
    result = Image.fromarray(grey.astype(np.uint8))
    hole = image.info.get("transparency")
    if isinstance(hole, int):  # tRNS of PNG: the value of 16 bits that is transparent
        result.putalpha(Image.fromarray(np.where(values == hole, 0, 255).astype(np.uint8)))
    return result


def _to_srgb(image: Image.Image, icc: bytes, path: Path | None) -> Image.Image:
    """The colours that a profile means, in sRGB; without a warning only if it can be followed.

    Where the profile is sRGB, or as good as that, the bytes stay as they are.
    """
    mode = {"LA": "L", "La": "L", "1": "L", "CMYK": "CMYK", "L": "L", "LAB": "LAB"}
    image = image.convert(mode.get(image.mode, "RGB"))
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        space = profile.profile.xcolor_space.strip()
        if space != _SPACES[image.mode]:
            raise ValueError(f"it is of {space}, the picture of {image.mode}")
        if space in ("RGB", "GRAY") and _is_identity(profile, image.mode):
            return image
        converted = ImageCms.profileToProfile(image, profile, _SRGB, outputMode="RGB")
        assert converted is not None  # only None where a picture is changed in place
        return converted
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        LOG.warning(
            "image: %s: its colour profile cannot be used (%s); its colours are read as sRGB",
            "a picture" if path is None else shown(path),
            cause(error),
        )
        return image


def _is_identity(profile: ImageCms.ImageCmsProfile, mode: str) -> bool:
    """Whether no colour of a coarse grid moves by more than two levels of 255."""
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    if mode == "RGB":
        grid = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(1, -1, 3)
    else:
        grid = levels[None]
    moved = ImageCms.profileToProfile(Image.fromarray(grid), profile, _SRGB, outputMode="RGB")
    expected = Image.fromarray(grid).convert("RGB")
    return int(np.abs(np.asarray(moved, int) - np.asarray(expected, int)).max()) <= 2
