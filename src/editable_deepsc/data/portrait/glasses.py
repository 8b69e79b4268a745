"""Eyeglasses: from thin rims to thick frames to dark lenses."""

from __future__ import annotations

import torch

from .canvas import ellipse, grey, hsv, rgb
from .sitter import EYE_V, Sitter


def paint_glasses(sitter: Sitter) -> None:
    """Two lenses with glare, then rims, bridge and temples in front."""
    head, canvas, glasses = sitter.head, sitter.canvas, sitter.traits.degrees["eyeglasses"]
    fu, v, width, height, spacing = head.fu, head.v, head.width, head.height, head.eye_spacing
    presence = torch.clamp(glasses * 4.5, 0, 1)
    frame_half = 0.008 + 0.030 * glasses
    tint = torch.clamp(glasses - 0.22, 0, 1) / 0.78
    frame = hsv(torch.remainder(sitter.traits.factors["clothes_hue"] + 0.45, 1), 0.5, 0.30) * (
        1 - 0.55 * tint[:, None]
    )
    rings = []
    for side in (-1.0, 1.0):
        gx, gy = (fu - side * spacing) * width, (v - EYE_V - 0.02) * height
        lens = ellipse(gx, gy, 0.155, 0.125)
        lens_cover = canvas.cover(lens)
        canvas.paint(presence * (0.06 + 0.84 * tint**1.3) * lens_cover, rgb(0.10, 0.10, 0.13))
        glare = torch.exp(-(((gx + 0.6 * gy + 0.05) / 0.022) ** 2)) * lens_cover
        canvas.paint(0.35 * presence * glare, grey(0.95))
        rings.append(torch.abs(lens))
    gy = (v - EYE_V + 0.01) * height
    bridge = torch.maximum(
        torch.abs(gy) - 0.004, torch.abs(fu) * width - torch.clamp(spacing * width - 0.15, 0.005, 1)
    )
    temples = torch.maximum(
        torch.abs(gy) - 0.004,
        torch.maximum(
            spacing * width + 0.15 - torch.abs(fu * width), torch.abs(head.u) * width - width
        ),
    )
    rims = torch.minimum(torch.minimum(*rings), torch.minimum(bridge, temples)) - frame_half
    canvas.paint(presence * canvas.cover(rims, 0.006), frame)
