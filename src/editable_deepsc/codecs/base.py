"""What every image codec is: image -> symbols at the transmitter, symbols -> image at the
receiver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from PIL import Image
from torch import Tensor

from ..channel.noise import Levels
from ..data.pictures import to_pictures


@dataclass(frozen=True)
class Decoded:
    """What a receiver hands on.

    ``images`` [N, 3, H, W] in [-1, 1]; ``outage`` [N] bool: nothing could be decoded and the image
    is the placeholder.
    """

    images: Tensor
    outage: Tensor

    def pictures(self) -> list[Image.Image]:
        """The images as N pictures in RGB."""
        return to_pictures(self.images)


class Codec(Protocol):
    """One way to send an image.

    The two halves share nothing but constants and trained weights: ``decode`` is a function of the
    received symbols and the SNR, in dB: one for all images, or each image's own [N] where the
    receiver knows the fading (see ``channel.fading``). ``dims_per_use``: real dimensions in one
    channel use as the paper counts them, 1 for analogue reals, 2 for complex QAM symbols.
    """

    dims_per_use: int

    def encode(self, images: Tensor, snr_db: float) -> Tensor:
        """Images [N, 3, H, W] in [-1, 1] -> symbols [N, k], each row of power 1 (eq 4)."""
        ...

    def decode(self, received: Tensor, snr_db: Levels) -> Decoded:
        """Received symbols [N, k] -> decoded images."""
        ...


CODECS: dict[str, Callable[..., Codec]] = {}


def register(name: str) -> Callable[[Callable[..., Codec]], Callable[..., Codec]]:
    """Decorator: make a codec's constructor known as ``name``. ValueError if the name is taken."""

    def add(constructor: Callable[..., Codec]) -> Callable[..., Codec]:
        if name in CODECS:
            raise ValueError(f"a codec named {name!r} is registered already")
        CODECS[name] = constructor
        return constructor

    return add


def find_codec(name: str) -> Callable[..., Codec]:
    """The constructor registered as ``name``. ValueError naming the known codecs otherwise."""
    if name not in CODECS:
        raise ValueError(f"codec {name!r} is unknown; choose one of: {', '.join(sorted(CODECS))}")
    return CODECS[name]


def placeholder(n: int, resolution: int) -> Tensor:
    """The picture shown on an outage, [n, 3, resolution, resolution]: mid grey (0) with a dark
    (-0.8) diagonal cross.

    The arms are about a sixteenth of the side wide: nobody takes it for a face at any size.
    """
    row = torch.arange(resolution).unsqueeze(1)
    column = torch.arange(resolution)
    half_width = resolution / 32
    cross = ((row - column).abs() <= half_width) | (
        (row + column - (resolution - 1)).abs() <= half_width
    )
    return torch.where(cross, -0.8, 0.0).expand(n, 3, -1, -1).clone()
