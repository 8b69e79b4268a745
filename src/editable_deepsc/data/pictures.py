"""Whatever a person calls a picture, as a batch of images; and images as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from .framing import FindFaces, Framing
from .photographs import centre_square, given_picture, read_picture
from .pixels import from_uint8, to_uint8
from .reframing import cut, framed_already, framings

Picture = str | Path | Image.Image | Tensor
Pictures = Picture | Sequence[Picture]


def as_images(pictures: Pictures, resolution: int) -> Tensor:
    """Pictures -> images [N, 3, R, R] in [-1, 1] with R = ``resolution``, on the CPU.

    A picture is the path of a file, a PIL image (of both the largest square in the centre is kept
    and resized), or a tensor: uint8 in 0..255 or float in [-1, 1], [3, R, R], or [N, 3, R, R] for
    many. A single one becomes a batch of one. ``ValueError`` on an unreadable file, another shape
    or values outside the range.
    """
    return torch.cat([_images(picture, resolution) for picture in _listed(pictures)])


def aligned_images(
    pictures: Pictures, resolution: int, align: str, find: FindFaces | None, exact: bool = False
) -> tuple[Tensor, list[Framing]]:
    """The same, with paths and PIL images aligned (:mod:`.framing`); and what was done to each.

    Tensors are taken as they are. So are, unless ``exact`` is true, pictures of R x R pixels, and
    rendered faces that `editable-deepsc faces` drew at any size: they are framed already. Where
    ``find`` is None or finds no face, the largest square in the centre is kept, and the note of the
    framing says so.
    """
    given = [
        _images(p, resolution) if isinstance(p, Tensor) else _opened(p) for p in _listed(pictures)
    ]
    photographs = {
        i: picture
        for i, picture in enumerate(given)
        if isinstance(picture, Image.Image) and (exact or not framed_already(picture, resolution))
    }
    chosen = dict(zip(photographs, framings(list(photographs.values()), align, find), strict=True))
    images, done = [], list[Framing]()
    for i, picture in enumerate(given):
        framing = chosen.get(i, Framing("none"))
        if isinstance(picture, Image.Image):
            picture = cut(picture, framing, resolution)[None]
        images.append(picture)
        done += [framing] * len(picture)
    return torch.cat(images), done


def _listed(pictures: Pictures) -> Sequence[Picture]:
    if isinstance(pictures, (str, Path, Image.Image, Tensor)):
        pictures = [pictures]
    if not isinstance(pictures, Sequence):
        pictures = [pictures]  # which is then refused by its type
    if not pictures:
        raise ValueError("image: no picture was given; give a path, a PIL image or a tensor")
    return pictures


def _opened(picture: Picture) -> Image.Image:
    """The upright picture of a path or a PIL image; ``ValueError`` on anything else."""
    if isinstance(picture, (str, Path)):
        return read_picture(Path(picture))
    if isinstance(picture, Image.Image):
        return given_picture(picture)
    raise ValueError(
        f"image: {type(picture).__name__} is no picture; give a path, a PIL image or a tensor"
    )


def _images(picture: Picture, resolution: int) -> Tensor:
    if not isinstance(picture, Tensor):
        return centre_square(_opened(picture), resolution)[None]
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
