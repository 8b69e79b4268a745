"""Beard, and the hair in front of the head: cap, bangs and side locks."""

from __future__ import annotations

import torch
from torch import Tensor

from .canvas import ellipse
from .features import Mouth
from .sitter import Sitter


def paint_beard(sitter: Sitter, mouth: Mouth) -> None:
    """Stubble, then cover, then length below the chin."""
    head, canvas, beard = sitter.head, sitter.canvas, sitter.traits.degrees["beard"]
    density = torch.clamp(beard * 1.5, 0, 1) ** 0.8 * 0.94
    curls = 0.96 + 0.04 * torch.sin(
        20 * head.x / head.width + 3 * torch.sin(8 * head.v)
    ) * torch.clamp(beard * 1.6, 0, 1)
    below_light = torch.where(head.v > 1, 0.80, 1.0)
    canvas.paint(
        density * canvas.cover(_beard_shape(sitter, mouth), 0.05),
        sitter.palette.hair
        * 0.88
        * (curls * (0.58 + 0.48 * sitter.light.lambert) * below_light)[:, None],
    )


def _beard_shape(sitter: Sitter, mouth: Mouth) -> Tensor:
    """Signed distance to beard and moustache."""
    head = sitter.head
    u, v, width, height = head.u, head.v, head.width, head.height
    reach = 0.95 + 0.60 * torch.clamp(sitter.traits.degrees["beard"] - 0.20, 0, 1)
    jaw_band = torch.sqrt(u**2 + (v / reach) ** 2 + 1e-9)
    below = (jaw_band - 1.0) * 0.5
    top = 0.40 - 0.26 * torch.clamp(torch.abs(u) - 0.45, 0, 0.6) / 0.6 * 1.6 - v  # sideburns climb
    cheek_line = torch.maximum(below, top * height)
    taper = torch.abs(head.x) - width * torch.clamp(
        1.04 - 0.62 * torch.clamp(v - 0.75, 0, 1), 0.1, 1.2
    )
    shape = torch.maximum(cheek_line, taper)
    around_mouth = ellipse(
        mouth.x,
        (v - mouth.v) * height - 0.3 * mouth.gap,
        mouth.half * 1.08,
        0.058 + 0.65 * mouth.gap,
    )
    shape = torch.maximum(shape, -around_mouth)
    moustache = torch.maximum(
        torch.abs(
            (v - 0.5 * (head.nose_end + 0.06 + mouth.v - 0.06) - 0.02) * height
            - 0.12 * (head.fu - 0.06 * head.yaw) ** 2
            + mouth.curve * 0.6
        )
        - 0.040,
        torch.abs(mouth.x) - mouth.half * 1.10,
    )
    return torch.minimum(shape, moustache)


def paint_front_hair(sitter: Sitter) -> None:
    """The cap above the hairline, the bangs that the hairline lets fall, the locks at the sides."""
    head, hair, canvas = sitter.head, sitter.hair, sitter.canvas
    x, y, u, v, width, height = head.x, head.y, head.u, head.v, head.width, head.height
    volume, bangs = hair.volume, sitter.traits.degrees["bangs"]
    scalp = ellipse(x, y + 0.02, width * (volume - 0.03), height * volume)
    hairline = (
        -0.70
        + 0.34 * torch.clamp(torch.abs(u), 0, 1.2) ** 2.5
        + 0.55 * torch.clamp(torch.abs(u) - 0.80, 0, 1)
    )
    fringe_u = u / 0.98
    fall = (
        -0.70
        + 0.64 * bangs
        + 0.025 * torch.sin(19 * hair.flow) * torch.clamp(bangs * 3, 0, 1)
        - 0.05 * bangs * torch.abs(fringe_u - 0.5 * hair.part)
    )
    fringe = torch.where(torch.abs(fringe_u) < 0.98, torch.maximum(hairline, fall), hairline)
    cap = torch.maximum(scalp, (v - fringe) * height)
    front = canvas.cover(cap, 0.010)
    edge_shadow = (
        torch.exp(-((torch.clamp(v - fringe, 0, 1) / 0.05) ** 2)) * sitter.on_skin * (1 - front)
    )
    canvas.shade(1 - 0.30 * edge_shadow)
    canvas.paint(front, hair.colour)
    shortest = torch.minimum(hair.length, torch.full_like(hair.length, 1.0))
    side_lock = torch.maximum(
        torch.abs(torch.abs(x) - width * (volume + 0.86) / 2) - width * (volume - 0.84) / 2,
        torch.maximum(-0.45 * height - y, y - shortest * height),
    )
    canvas.paint(canvas.cover(side_lock, 0.02), hair.colour * 0.94)
