"""Cutting a square, straight or turned, out of a picture, and what is shown beyond its edges."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

FINER = 4  # a turned square is drawn at so many times its resolution, then averaged
_SMALLEST_BORDER = 3  # pixels around a turned square


def cut_straight(picture: Image.Image, square: Sequence[Sequence[float]], side: int) -> Image.Image:
    """A square with edges along the pixels -> ``side`` x ``side``, averaged over areas when it
    shrinks, bicubic when it grows. Beyond the picture its edges are replicated.

    ``square``: corners as :mod:`.framing` gives them.
    """
    left, top, right, bottom = (round(c + 0.5) for c in (*square[0], *square[2]))
    beyond = (
        max(0, -top),
        max(0, bottom - picture.height),
        max(0, -left),
        max(0, right - picture.width),
    )
    inside = picture.crop(
        (
            min(max(left, 0), picture.width - 1),
            min(max(top, 0), picture.height - 1),
            max(min(right, picture.width), 1),
            max(min(bottom, picture.height), 1),
        )
    )
    pixels = np.pad(np.asarray(inside), (beyond[:2], beyond[2:], (0, 0)), "edge")
    whole = Image.fromarray(pixels).crop((0, 0, right - left, bottom - top))
    shrinks = right - left >= side
    return whole.resize((side, side), Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC)


def cut_turned(picture: Image.Image, square: Sequence[Sequence[float]], side: int) -> Image.Image:
    """A turned square -> ``side`` x ``side``, as FFHQ was made: shrunk to not much more than what
    is needed, cropped, padded by reflection that blurs and fades with the distance from the
    picture, drawn at four times the size and averaged.

    ``square``: corners as :mod:`.framing` gives them.
    """
    corners = np.asarray(square, float)
    size = math.dist(corners[0], corners[3])
    shrink = math.floor(size / side * 0.5)
    if shrink > 1:
        smaller = (round(picture.width / shrink), round(picture.height / shrink))
        picture = picture.resize(smaller, Image.Resampling.LANCZOS)
        corners, size = corners / shrink, size / shrink
    border = max(round(size * 0.1), _SMALLEST_BORDER)
    low, high = np.floor(corners.min(0)).astype(int), np.ceil(corners.max(0)).astype(int)
    edges = (
        max(low[0] - border, 0),
        max(low[1] - border, 0),
        min(high[0] + border, picture.width),
        min(high[1] + border, picture.height),
    )
    picture, corners = picture.crop(edges), corners - edges[:2]
    low, high = np.floor(corners.min(0)).astype(int), np.ceil(corners.max(0)).astype(int)
    beyond = np.maximum([*(border - low), *(high - picture.size + border)], 0)
    if beyond.max() > border - 4:
        beyond = np.maximum(beyond, round(size * 0.3))
        picture, corners = _padded(picture, beyond, size * 0.02), corners + beyond[:2]
    drawn = picture.transform(
        (FINER * side, FINER * side),
        Image.Transform.QUAD,
        tuple((corners + 0.5).flatten()),
        Image.Resampling.BILINEAR,
    )
    return drawn.resize((side, side), Image.Resampling.LANCZOS)


def _padded(picture: Image.Image, beyond: np.ndarray, blur: float) -> Image.Image:
    """A picture with ``beyond`` (left, top, right, bottom) pixels of its reflection around it,
    which blur with the distance and fade to the median colour.
    """
    left, top, right, bottom = (int(n) for n in beyond)
    pixels = np.pad(
        np.asarray(picture, np.float32), ((top, bottom), (left, right), (0, 0)), "reflect"
    )
    height, width = pixels.shape[:2]
    y, x, _ = np.ogrid[:height, :width, :1]
    x, y = x.astype(np.float32), y.astype(np.float32)
    outside = np.maximum(
        1 - np.minimum(x / left, (width - 1 - x) / right),
        1 - np.minimum(y / top, (height - 1 - y) / bottom),
    )
    blurred = gaussian_filter(pixels, [blur, blur, 0])
    pixels += (blurred - pixels) * np.clip(outside * 3 + 1, 0, 1)
    pixels += (np.median(pixels, axis=(0, 1)) - pixels) * np.clip(outside, 0, 1)
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
