"""The style ``painting``: brush strokes, an old master's colours, canvas and varnish."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .canvas import ramp, rgb
from .sitter import Palette, Traits

GROUNDS = [(0.16, 0.11, 0.07), (0.30, 0.22, 0.12), (0.20, 0.22, 0.16), (0.36, 0.30, 0.22)]


def strokes(px: Tensor, py: Tensor, traits: Traits) -> tuple[Tensor, Tensor]:
    """Pixel coordinates as the hand displaces what the eye sees."""
    wobble = 2 * math.pi * traits.factors["hair_wave"]
    return (
        px
        + 0.014 * torch.sin(17 * py + 9 * px + wobble)
        + 0.008 * torch.sin(31 * px - 23 * py + 2 * wobble),
        py
        + 0.014 * torch.sin(15 * px - 11 * py + 3 * wobble)
        + 0.008 * torch.sin(29 * py + 27 * px + wobble),
    )


def old_master(palette: Palette, traits: Traits) -> Palette:
    """Sallow skin, umber grounds, subdued dress."""
    ground = ramp(traits.factors["background_hue"], GROUNDS)
    return Palette(
        skin=0.55 * palette.skin + 0.45 * rgb(0.80, 0.66, 0.46),
        hair=palette.hair,
        background_top=0.8 * ground,
        background_low=0.8 * ground + 0.10,
        clothes=0.45 * palette.clothes + 0.55 * rgb(0.25, 0.14, 0.10),
    )


def varnish(picture: Tensor, px: Tensor, py: Tensor, traits: Traits) -> Tensor:
    """Painted surface: quantised tones, brush relief, canvas weave, amber varnish, vignette."""
    tone = picture.mean(1, keepdim=True)
    picture = tone + 0.80 * (picture - tone)
    # Pulls tones towards seven steps of paint.
    picture = picture + 0.035 * torch.sin(2 * math.pi * 7 * picture) / 2
    phase = 2 * math.pi * traits.factors["background_gradient"]
    relief = (
        torch.sin(40 * px + 22 * py + 4 * torch.sin(5 * py + phase)) * 0.6
        + torch.sin(55 * py - 18 * px + phase) * 0.4
    )
    weave = torch.cos(math.pi * 24 * px) * torch.cos(math.pi * 24 * py)
    picture = picture * (1 + 0.055 * relief[:, None] + 0.035 * weave[:, None])
    vignette = 1 - 0.28 * torch.clamp(px**2 + py**2 - 0.35, 0, 2)
    return picture * rgb(1.03, 0.93, 0.72) * vignette[:, None]
