"""The renderer behind ``data.faces.render``: a portrait as layers, painted from back to front."""

from __future__ import annotations

import torch
from torch import Tensor

from .bust import paint_age, paint_back_hair, paint_cheeks, paint_neck_and_clothes, paint_skin
from .features import mouth_of, paint_eyes, paint_mouth, paint_nose
from .glasses import paint_glasses
from .hair import paint_beard, paint_front_hair
from .painting import old_master, strokes, varnish
from .sitter import Traits, palette_of, sit

STYLES = ("photo", "painting")


def draw(traits: Traits, resolution: int, style: str) -> Tensor:
    """Images [N, 3, resolution, resolution] in [-1, 1] of the people that ``traits`` describes."""
    axis = (torch.arange(resolution) + 0.5) / resolution * 2 - 1
    py, px = axis[None, :, None], axis[None, None, :]
    palette = palette_of(traits)
    if style == "painting":
        px, py = strokes(px, py, traits)
        palette = old_master(palette, traits)
    sitter = sit(traits, palette, px, py, resolution)
    paint_back_hair(sitter)
    paint_neck_and_clothes(sitter)
    paint_skin(sitter)
    paint_cheeks(sitter)
    paint_age(sitter)
    paint_nose(sitter)
    paint_eyes(sitter)
    mouth = mouth_of(sitter)
    paint_mouth(sitter, mouth)
    paint_beard(sitter, mouth)
    paint_front_hair(sitter)
    paint_glasses(sitter)
    picture = sitter.canvas.rgb
    if style == "painting":
        picture = varnish(picture, px, py, traits)
    return picture.clamp(0, 1).mul(2).sub(1)
