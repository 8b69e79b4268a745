"""What all layers of a portrait share: traits, colours, the head's coordinates, light and hair."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from .canvas import Canvas, hsv, ramp, rgb

SKIN = [
    (0.30, 0.19, 0.13),
    (0.48, 0.31, 0.21),
    (0.68, 0.47, 0.34),
    (0.86, 0.66, 0.52),
    (0.96, 0.82, 0.72),
]
HAIR = [
    (0.07, 0.06, 0.06),
    (0.20, 0.12, 0.08),
    (0.40, 0.24, 0.12),
    (0.66, 0.42, 0.18),
    (0.86, 0.69, 0.38),
]
EYE_V = -0.05  # the line of the eyes in head coordinates


@dataclass(frozen=True)
class Traits:
    """``factors`` by name and ``degrees`` by attribute, each [N, 1, 1] in [0, 1]."""

    factors: dict[str, Tensor]
    degrees: dict[str, Tensor]

    def between(self, name: str, low: float, high: float) -> Tensor:
        """Factor ``name``, scaled to the range from ``low`` to ``high``."""
        return low + (high - low) * self.factors[name]

    @cached_property
    def age(self) -> Tensor:
        """0 for the youngest, 1 for the oldest."""
        return 1 - self.degrees["young"]


@dataclass(frozen=True)
class Palette:
    """Colours [N, 3, 1, 1]."""

    skin: Tensor
    hair: Tensor
    background_top: Tensor
    background_low: Tensor
    clothes: Tensor


def palette_of(traits: Traits) -> Palette:
    """The colours of the style ``photo``."""
    factors, between, age = traits.factors, traits.between, traits.age
    skin = ramp(factors["skin_tone"], SKIN)
    warm = between("skin_hue", -0.035, 0.035)
    skin = skin + torch.stack([warm, torch.zeros_like(warm), -warm], 1)
    hair = ramp(factors["hair_colour"], HAIR)
    warm = between("hair_warmth", -0.05, 0.07)
    hair = hair + torch.stack([warm, 0.2 * warm, -0.5 * warm], 1)
    grey = torch.clamp(1.25 * age - 0.06, 0, 0.92)[:, None]
    hair = hair + grey * (rgb(0.76, 0.76, 0.78) - hair)
    skin = skin * (1 - 0.06 * age[:, None]) + 0.02 * age[:, None]
    tone, gradient = (
        between("background_tone", 0.30, 0.90),
        between("background_gradient", -0.25, 0.25),
    )
    return Palette(
        skin=skin,
        hair=hair,
        background_top=hsv(factors["background_hue"], 0.60, tone),
        background_low=hsv(
            torch.remainder(factors["background_hue"] + gradient, 1),
            0.50,
            torch.clamp(tone + gradient, 0.1, 1),
        ),
        clothes=hsv(factors["clothes_hue"], 0.65, between("clothes_tone", 0.25, 0.80)),
    )


@dataclass(frozen=True)
class Head:
    """Coordinates on the head: right is positive, down is positive.

    ``x``, ``y`` are upright picture coordinates; ``u``, ``v`` make the head the unit disc; ``fu``
    is the place on the face, which turns with the head: it moves by yaw, more in the middle.
    """

    x: Tensor
    y: Tensor
    u: Tensor
    v: Tensor
    fu: Tensor
    width: Tensor
    height: Tensor
    yaw: Tensor
    zoom: Tensor
    eye_spacing: Tensor
    nose_end: Tensor


def head_of(traits: Traits, px: Tensor, py: Tensor) -> Head:
    """The head at pixel coordinates ``px``, ``py`` in [-1, 1]."""
    between = traits.between
    zoom, roll = between("zoom", 1.24, 1.32), between("roll", -0.06, 0.06)
    yaw = between("yaw", -0.7, 0.7)
    x0, y0 = px - between("shift_x", -0.03, 0.03), py - between("shift_y", 0.02, 0.06)
    cos, sin = torch.cos(roll), torch.sin(roll)
    x, y = (cos * x0 + sin * y0) / zoom, (-sin * x0 + cos * y0) / zoom
    width, height = between("head_width", 0.41, 0.51), between("head_height", 0.51, 0.60)
    v = y / height
    chin = torch.clamp(v, 0, 1.2)
    narrowing = 1 - between("jaw", 0.30, 0.06) * chin**2
    return Head(
        x=x,
        y=y,
        u=x / (width * narrowing),
        v=v,
        fu=x / width - 0.20 * yaw * torch.clamp(1 - (x / width) ** 2, 0, 1),
        width=width,
        height=height,
        yaw=yaw,
        zoom=zoom,
        eye_spacing=between("eye_spacing", 0.37, 0.47),
        nose_end=between("nose_length", 0.22, 0.36),
    )


@dataclass(frozen=True)
class Light:
    """``x`` where the light comes from, ``lambert`` what falls on the head, ``skin`` its shade."""

    x: Tensor
    lambert: Tensor
    skin: Tensor


def light_of(traits: Traits, head: Head) -> Light:
    """Light on the head as if it were an ellipsoid."""
    azimuth = traits.between("light_azimuth", -1.1, 1.1)
    elevation = traits.between("light_elevation", 0.15, 0.9)
    lx, ly, lz = (
        torch.sin(azimuth) * torch.cos(elevation),
        -torch.sin(elevation),
        torch.cos(azimuth) * torch.cos(elevation),
    )
    nx, ny = torch.clamp(head.u, -1, 1) * 0.85, torch.clamp(head.v, -1, 1) * 0.75
    nz = torch.sqrt(torch.clamp(1 - nx**2 - ny**2, 0.02, 1))
    lambert = torch.clamp(nx * lx + ny * ly + nz * lz, 0, 1)
    return Light(lx, lambert, 0.52 + 0.62 * lambert)


@dataclass(frozen=True)
class Hair:
    """``volume`` and ``length`` in heads, ``part``ing, ``flow`` of the strands, lit ``colour``."""

    volume: Tensor
    length: Tensor
    part: Tensor
    flow: Tensor
    colour: Tensor


def hair_of(traits: Traits, head: Head, light: Light, colour: Tensor) -> Hair:
    """Strands follow the skull on top and hang down at the sides."""
    x, v, width = head.x, head.v, head.width
    wave = traits.between("hair_wave", 0.0, 0.05)
    part = traits.between("parting", -0.45, 0.45)
    flow = torch.atan2(x / width, 1.25 - v) + wave * torch.sin(7 * v)
    strands = 0.92 + 0.07 * torch.sin(19 * flow)
    strands = strands * (
        1
        - 0.20 * torch.exp(-(((x / width - part) / 0.05) ** 2)) * torch.clamp(-2.5 * v - 1.2, 0, 1)
    )
    gloss = torch.exp(-(((torch.sqrt((x / width) ** 2 + v**2) - 0.92) / 0.16) ** 2)) * torch.clamp(
        -v + 0.1, 0, 1
    )
    lit = (
        colour * (strands * (0.62 + 0.45 * light.lambert))[:, None]
        + (0.16 * gloss * light.lambert)[:, None]
    )
    return Hair(
        volume=traits.between("hair_volume", 1.06, 1.22),
        length=traits.between("hair_length", -0.25, 1.30),
        part=part,
        flow=flow,
        colour=lit,
    )


@dataclass
class Sitter:
    """One portrait in the making; ``on_skin`` [N, H, W] is how much of a pixel the head covers."""

    traits: Traits
    palette: Palette
    head: Head
    light: Light
    hair: Hair
    canvas: Canvas
    on_skin: Tensor


def sit(traits: Traits, palette: Palette, px: Tensor, py: Tensor, resolution: int) -> Sitter:
    """A sitter in front of an empty background; pixel coordinates ``px``, ``py`` in [-1, 1]."""
    head = head_of(traits, px, py)
    top, low = palette.background_top, palette.background_low
    canvas = Canvas(
        top + (low - top) * ((py + 1) / 2)[:, None],
        pixel=2.0 / resolution / head.zoom,
    )
    light = light_of(traits, head)
    outline = (torch.sqrt(head.u**2 + head.v**2 + 1e-9) - 1) * (head.width * head.height) ** 0.5
    hair = hair_of(traits, head, light, palette.hair)
    return Sitter(traits, palette, head, light, hair, canvas, canvas.cover(outline))
