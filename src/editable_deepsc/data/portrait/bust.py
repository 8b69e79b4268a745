"""Hair behind the head, neck, clothes, ears, skin, cheeks and the marks of age."""

from __future__ import annotations

import torch

from .canvas import ellipse, rgb
from .sitter import EYE_V, Sitter


def paint_back_hair(sitter: Sitter) -> None:
    """Hair behind the head and shoulders."""
    head, hair, canvas = sitter.head, sitter.hair, sitter.canvas
    x, y, v, width, height = head.x, head.y, head.v, head.width, head.height
    volume, length = hair.volume, hair.length
    spread = width * volume * (1 + 0.06 * torch.clamp(v, 0, 1.5))
    crown = ellipse(x, y + 0.03, width * volume, height * (volume + 0.01))
    curtain = torch.maximum(
        torch.abs(x) - spread, torch.maximum(-y, y - length * height + 0.12 * (x / width) ** 2)
    )
    shape = torch.minimum(torch.maximum(crown, y - torch.clamp(length, 0.05, 2) * height), curtain)
    canvas.paint(canvas.cover(shape, 0.02), hair.colour * 0.72)


def paint_neck_and_clothes(sitter: Sitter) -> None:
    """The neck in the shadow of the chin, and the clothes over it."""
    head, canvas, lx = sitter.head, sitter.canvas, sitter.light.x
    x, y, width, height = head.x, head.y, head.width, head.height
    neck = torch.maximum(torch.abs(x) - 0.56 * width - 0.25 * torch.clamp(y - 0.60, 0, 1), 0.3 - y)
    neck_shade = 0.50 + 0.38 * torch.clamp((y - height) / 0.25, 0, 1) * (
        0.6 + 0.4 * torch.clamp(lx + 0.6, 0, 1)
    )
    canvas.paint(canvas.cover(neck), sitter.palette.skin * neck_shade[:, None])
    shoulder = 0.66 + 0.16 * (x / 0.9) ** 2 + 0.07 * torch.exp(-((x / 0.22) ** 2))
    cloth_shade = 0.70 + 0.22 * torch.cos(2.2 * (x - 0.35 * lx)) + 0.04 * torch.sin(9 * x + 6 * y)
    canvas.paint(canvas.cover(shoulder - y), sitter.palette.clothes * cloth_shade[:, None])


def paint_skin(sitter: Sitter) -> None:
    """Ears and head."""
    head, canvas, skin = sitter.head, sitter.canvas, sitter.palette.skin
    lx = sitter.light.x
    for side in (-1.0, 1.0):
        ear = ellipse(
            head.x - side * head.width * (1.0 - 0.05 * side * head.yaw), head.y - 0.02, 0.065, 0.115
        )
        canvas.paint(
            canvas.cover(ear), skin * (0.68 + 0.20 * torch.clamp(side * lx, -0.5, 1))[:, None]
        )
    rim = 1 - 0.22 * torch.clamp((head.u**2 + head.v**2 - 0.62) / 0.38, 0, 1)
    canvas.paint(sitter.on_skin, skin * (sitter.light.skin * rim)[:, None])


def paint_cheeks(sitter: Sitter) -> None:
    """Blush, and the light on cheeks that a smile lifts."""
    fu, v, on_skin, canvas = sitter.head.fu, sitter.head.v, sitter.on_skin, sitter.canvas
    smile = sitter.traits.degrees["smiling"]
    cheek = torch.exp(
        -(((torch.abs(fu) - 0.52) / 0.20) ** 2) - ((v - 0.26 + 0.05 * smile) / 0.15) ** 2
    )
    blush = on_skin * cheek * (0.10 + 0.16 * smile)
    canvas.paint(blush, rgb(0.86, 0.38, 0.33))
    canvas.shade(
        1
        + 0.10
        * on_skin
        * torch.exp(-(((torch.abs(fu) - 0.50) / 0.13) ** 2) - ((v - 0.17) / 0.08) ** 2)
        * smile
    )


def paint_age(sitter: Sitter) -> None:
    """Forehead lines, bags, folds from nose to mouth, crow's feet."""
    fu, v, spacing = sitter.head.fu, sitter.head.v, sitter.head.eye_spacing
    wrinkle = torch.clamp(1.3 * sitter.traits.age, 0, 1.2)
    forehead = torch.zeros_like(fu)
    for line in (-0.52, -0.41, -0.30):
        bend = v - line - 0.05 * fu**2
        forehead = forehead + torch.exp(-((bend / 0.020) ** 2))
    lines = forehead * torch.clamp(1 - (fu / 0.62) ** 4, 0, 1)
    afu = torch.abs(fu)
    fold = torch.exp(-(((afu - 0.24 - 0.42 * (v - 0.24)) / 0.030) ** 2)) * torch.exp(
        -(((v - 0.36) / 0.13) ** 4)
    )
    bag = torch.exp(
        -(((v - EYE_V - 0.15 + 0.10 * ((afu - spacing) / 0.2) ** 2) / 0.022) ** 2)
    ) * torch.exp(-(((afu - spacing) / 0.15) ** 4))
    crow = (
        torch.exp(-(((afu - spacing - 0.27) / 0.07) ** 2))
        * (0.5 + 0.5 * torch.cos(48 * (v - EYE_V)))
        * torch.exp(-(((v - EYE_V) / 0.14) ** 2))
    )
    sag = torch.exp(-(((afu - 0.46) / 0.10) ** 2) - (((v - 0.60) / 0.14) ** 2))
    sitter.canvas.shade(
        1
        - sitter.on_skin
        * wrinkle
        * torch.clamp(0.26 * lines + 0.34 * fold + 0.36 * bag + 0.22 * crow + 0.16 * sag, 0, 0.5)
    )
