"""Whatever a person calls a picture, as a batch of images; and images as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from .photographs import read_image, to_image
from .pixels import from_uint8, to_uint8

Picture = str | Path | Image.Image | Tensor
Pictures = Picture | Sequence[Picture]


def as_images(pictures: Pictures, resolution: int) -> Tensor:
    """Pictures -> images [N, 3, R, R] in [-1, 1] with R = ``resolution``, on the CPU.

    A picture is the path of a file, a PIL image (of both the largest square in the centre is kept
    and resized), or a tensor: uint8 in 0..255 or float in [-1, 1], [3, R, R], or [N, 3, R, R] for
    many. A single one becomes a batch of one. ``ValueError`` on an unreadable file, another shape
    or values outside the range.
    """
    if isinstance(pictures, (str, Path, Image.Image, Tensor)):
        pictures = [pictures]
    if not isinstance(pictures, Sequence):
        pictures = [pictures]  # which is then refused by its type
    if not pictures:
        raise ValueError("image: no picture was given; give a path, a PIL image or a tensor")
    return torch.cat([_images(picture, resolution) for picture in pictures])


def _images(picture: Picture, resolution: int) -> Tensor:
    if isinstance(picture, (str, Path)):
        return read_image(Path(picture), resolution)[None]
    if isinstance(picture, Image.Image):
        return to_image(picture, resolution)[None]
    if not isinstance(picture, Tensor):
        raise ValueError(
            f"image: {type(picture).__name__} is no picture; give a path, a PIL image or a tensor"
        )
    images = picture[None] if picture.ndim == 3 else picture
    if images.ndim != 4 or images.shape[1:] != (3, resolution, resolution):
        raise ValueError(
            f"image: a tensor of shape {list(picture.shape)}; it must be [3, {resolution}, "
            f"{resolution}], or [N, 3, {resolution}, {resolution}]"
        )
    if images.dtype == torch.uint8:
        return from_uint8(images)
    if not images.is_floating_point() or not bool((images.abs() <= 1).all()):
        raise ValueError("image: a tensor must be uint8 in 0..255, or float in [-1, 1]")
    return images.float()


def to_pictures(images: Tensor) -> list[Image.Image]:
    """Images [N, 3, H, W], float in [-1, 1] or uint8 -> N pictures in RGB."""
    if images.dtype != torch.uint8:
        images = to_uint8(images)
    return [Image.fromarray(x.permute(1, 2, 0).cpu().contiguous().numpy()) for x in images]
