"""Pixels as bytes, as files hold them, and as the floats that networks work on."""

from __future__ import annotations

import torch
from torch import Tensor


def to_uint8(images: Tensor) -> Tensor:
    """[-1, 1] floats to 0..255 bytes, rounded to nearest."""
    return images.add(1).mul(127.5).round_().clamp_(0, 255).to(torch.uint8)


def from_uint8(images: Tensor) -> Tensor:
    """0..255 bytes to [-1, 1] floats."""
    return images.float().div_(127.5).sub_(1)
