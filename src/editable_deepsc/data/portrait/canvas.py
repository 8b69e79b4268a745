"""Shapes, palettes and the canvas that the layers of a portrait are composed onto."""

from __future__ import annotations

import torch
from torch import Tensor


def ellipse(x: Tensor, y: Tensor, a, b) -> Tensor:
    """Approximate signed distance to an axis-aligned ellipse, negative inside."""
    r = torch.sqrt((x / a) ** 2 + (y / b) ** 2 + 1e-9)
    return (r - 1) * (a * b) ** 0.5


def ramp(t: Tensor, stops: list[tuple[float, float, float]]) -> Tensor:
    """Piecewise-linear palette: t [N, 1, 1] in [0, 1] to colours [N, 3, 1, 1]."""
    table = torch.tensor(stops, dtype=t.dtype)
    position = t.flatten() * (len(stops) - 1)
    low = position.floor().clamp(0, len(stops) - 2).long()
    f = (position - low)[:, None]
    return ((1 - f) * table[low] + f * table[low + 1])[:, :, None, None]


def hsv(h: Tensor, s, v) -> Tensor:
    """Hue, saturation, value (each [N, 1, 1] or a number) to RGB [N, 3, 1, 1]."""
    channels = []
    for offset in (5.0, 3.0, 1.0):
        k = torch.remainder(offset + h * 6, 6)
        channels.append(v - v * s * torch.clamp(torch.minimum(k, 4 - k), 0, 1))
    return torch.stack(channels, 1)


def rgb(red: float, green: float, blue: float) -> Tensor:
    """One colour [1, 3, 1, 1]."""
    return torch.tensor([red, green, blue])[None, :, None, None]


def grey(value: float) -> Tensor:
    """One shade of grey [1, 3, 1, 1]: 0 is black, 1 is white."""
    return torch.full((1, 3, 1, 1), value)


class Canvas:
    """An RGB picture [N, 3, H, W] in [0, 1]; remembers the pixel width for anti-aliasing."""

    def __init__(self, rgb: Tensor, pixel: Tensor | float):
        self.rgb, self.pixel = rgb, pixel

    def cover(self, distance: Tensor, soft: float = 0.0) -> Tensor:
        """Coverage in [0, 1] of a shape by its signed distance; ``soft`` widens the edge."""
        return torch.clamp(0.5 - distance / (self.pixel + soft), 0, 1)

    def paint(self, alpha: Tensor, colour: Tensor) -> None:
        """Blend ``colour`` [N, 3, 1 or H, 1 or W] over the picture; opacity alpha [N, H, W]."""
        self.rgb = self.rgb + alpha[:, None] * (colour - self.rgb)

    def shade(self, factor: Tensor) -> None:
        """Multiply the picture by ``factor`` [N, H, W]."""
        self.rgb = self.rgb * factor[:, None]
