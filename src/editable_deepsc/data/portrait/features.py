"""Nose, eyes with brows, and mouth."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .canvas import grey, ramp, rgb
from .sitter import EYE_V, Sitter

EYE = [
    (0.22, 0.13, 0.07),
    (0.40, 0.27, 0.12),
    (0.28, 0.42, 0.22),
    (0.25, 0.45, 0.65),
    (0.50, 0.62, 0.72),
]
LIP = [(0.62, 0.27, 0.24), (0.72, 0.34, 0.33), (0.80, 0.28, 0.34)]


def paint_nose(sitter: Sitter) -> None:
    """Bridge light, shade on the side away from the light, tip and nostrils."""
    head, canvas, on_skin = sitter.head, sitter.canvas, sitter.on_skin
    v, height, nose_end = head.v, head.height, head.nose_end
    nose_width = sitter.traits.between("nose_width", 0.11, 0.19)
    along = torch.clamp((v - EYE_V) / (nose_end - EYE_V), 0, 1)
    half = nose_width * (0.35 + 0.65 * along**2)
    nose_fu = head.fu - 0.10 * head.yaw * along
    bridge = (
        torch.exp(-((nose_fu / (0.55 * half)) ** 2))
        * on_skin
        * torch.clamp((v - EYE_V) / 0.1, 0, 1)
        * canvas.cover((v - nose_end) * height, 0.08)
    )
    away = -torch.tanh(3 * sitter.light.x)
    side_shade = (
        torch.exp(-(((nose_fu - away * half) / (0.5 * half)) ** 2))
        * on_skin
        * torch.clamp((v - EYE_V) / 0.2, 0, 1)
        * canvas.cover((v - nose_end - 0.02) * height, 0.06)
    )
    canvas.shade(1 + 0.16 * bridge - 0.26 * side_shade)
    under = torch.exp(-(((v - nose_end - 0.025) / 0.028) ** 2)) * torch.exp(
        -((nose_fu / nose_width) ** 4)
    )
    nostril = torch.exp(
        -(((torch.abs(nose_fu) - 0.55 * nose_width) / 0.045) ** 2) - (((v - nose_end) / 0.026) ** 2)
    )
    canvas.shade(1 - on_skin * torch.clamp(0.26 * under + 0.50 * nostril, 0, 0.7))


def paint_eyes(sitter: Sitter) -> None:
    """Both eyes, each with its brow."""
    head, traits = sitter.head, sitter.traits
    size = traits.between("eye_size", 0.85, 1.25)
    slant = traits.between("eye_slant", -0.22, 0.22)
    for side in (-1.0, 1.0):
        ex = (head.fu - side * head.eye_spacing) * head.width
        ey = (head.v - EYE_V) * head.height + slant * side * ex
        _paint_eye(sitter, ex, ey, size)
        _paint_brow(sitter, ex, ey, 0.102 * size, side)


def _paint_eye(sitter: Sitter, ex: Tensor, ey: Tensor, size: Tensor) -> None:
    """Socket, white, iris, pupil, glint and lashes around the centre of ``ex``, ``ey``."""
    canvas, on_skin, traits = sitter.canvas, sitter.on_skin, sitter.traits
    smile, age = traits.degrees["smiling"], traits.age
    open_ = (0.092 * size * (1 - 0.30 * smile) * (1 - 0.30 * age)) * sitter.head.height / 0.6
    eye_half = 0.102 * size
    socket = torch.exp(-((ex / (1.7 * eye_half)) ** 2) - (((ey + 0.015) / 0.105) ** 2))
    canvas.shade(1 - 0.20 * socket * on_skin)
    lid = open_ * (1 - torch.clamp((ex / eye_half) ** 2, 0, 1))
    white = torch.maximum(torch.abs(ey) - lid, torch.abs(ex) - eye_half)
    eye = canvas.cover(white, 0.008) * on_skin
    canvas.paint(eye, rgb(0.93, 0.93, 0.92) * (0.72 + 0.30 * sitter.light.skin)[:, None])
    gaze = 0.020 * sitter.head.yaw
    iris_r = 0.056 * size**0.5
    d = torch.sqrt((ex - gaze) ** 2 + ey**2 + 1e-9)
    canvas.paint(canvas.cover(d - iris_r) * eye, ramp(traits.factors["eye_colour"], EYE))
    canvas.paint(canvas.cover(d - 0.46 * iris_r) * eye, grey(0.04))
    glint = torch.sqrt(
        (ex - gaze - 0.016 * torch.sign(sitter.light.x)) ** 2 + (ey + 0.018) ** 2 + 1e-9
    )
    canvas.paint(0.9 * canvas.cover(glint - 0.014) * eye, grey(1.0))
    lash = torch.exp(-(((ey + lid) / 0.015) ** 2)) * canvas.cover(
        torch.abs(ex) - eye_half * 1.08, 0.02
    )
    canvas.paint(0.80 * lash * on_skin, grey(0.08))
    lower = torch.exp(-(((ey - lid) / 0.012) ** 2)) * canvas.cover(torch.abs(ex) - eye_half, 0.02)
    canvas.shade(1 - 0.28 * lower * on_skin)


def _paint_brow(sitter: Sitter, ex: Tensor, ey: Tensor, eye_half: Tensor, side: float) -> None:
    """A brow in the hair's colour, but never lighter than a shadow on the skin."""
    canvas, traits = sitter.canvas, sitter.traits
    bx = ex / (1.45 * eye_half)
    slope = traits.between("brow_slope", -0.05, 0.06)
    by = (
        ey
        + 0.150 * sitter.head.height / 0.6
        + 0.015 * traits.degrees["smiling"]
        - slope * bx * side
        + 0.035 * bx**2
    )
    thick = traits.between("brow_thickness", 0.014, 0.036) * (
        1 - 0.45 * torch.clamp(bx * side, -0.3, 1)
    )
    brow = (
        canvas.cover(torch.maximum(torch.abs(by) - thick, (torch.abs(bx) - 1) * 0.1), 0.012)
        * sitter.on_skin
    )
    canvas.paint(0.88 * brow, sitter.palette.hair * 0.62)


@dataclass(frozen=True)
class Mouth:
    """``v`` of its line, ``half`` its width, ``x`` along it, ``curve`` off it, ``gap`` of lips."""

    v: Tensor
    half: Tensor
    x: Tensor
    curve: Tensor
    gap: Tensor


def mouth_of(sitter: Sitter) -> Mouth:
    """The corners rise and the lips part as the degree of smiling grows."""
    head, traits = sitter.head, sitter.traits
    smile = traits.degrees["smiling"]
    half = traits.between("mouth_width", 0.135, 0.185) * (1 + 0.34 * smile)
    mx = (head.fu - 0.06 * head.yaw) * head.width
    t = torch.clamp(mx / half, -1.3, 1.3)
    return Mouth(
        v=torch.maximum(head.nose_end + 0.17, torch.full_like(head.nose_end, 0.46)),
        half=half,
        x=mx,
        curve=(-0.045 + 0.145 * smile) * (t**2 - 0.55),
        gap=torch.clamp(smile - 0.30, 0, 1) * 0.115,
    )


def paint_mouth(sitter: Sitter, mouth: Mouth) -> None:
    """Lips, the opening with its teeth, the seam of a closed mouth, dimples."""
    canvas, on_skin, traits, head = sitter.canvas, sitter.on_skin, sitter.traits, sitter.head
    smile, gap = traits.degrees["smiling"], mouth.gap
    t = torch.clamp(mouth.x / mouth.half, -1.3, 1.3)
    my = (head.v - mouth.v) * head.height + mouth.curve
    arch = torch.clamp(1 - t**2, 0, 1)
    full = traits.between("lip_fullness", 0.026, 0.056)
    upper_edge = -0.25 * gap * arch
    lower_edge = 0.75 * gap * arch
    inside = canvas.cover(torch.abs(t) * mouth.half - mouth.half, 0.01)
    above = upper_edge - full * 0.8 * arch**0.7 - my
    below = my - lower_edge - full * arch**0.7
    lips = canvas.cover(torch.maximum(above, below), 0.008) * inside * on_skin
    lip = ramp(traits.factors["lip_colour"], LIP) * 0.60 + sitter.palette.skin * 0.40
    canvas.paint(0.92 * lips, lip * (0.66 + 0.36 * sitter.light.skin)[:, None])
    opening = (
        canvas.cover(torch.maximum(upper_edge - my, my - lower_edge), 0.006)
        * inside
        * on_skin
        * torch.clamp(gap / 0.02, 0, 1)
    )
    canvas.paint(opening, rgb(0.30, 0.07, 0.08))
    teeth = canvas.cover(my - (upper_edge + 0.70 * (lower_edge - upper_edge)), 0.008) * opening
    canvas.paint(0.95 * teeth, grey(0.95))
    seam = torch.exp(-((my / 0.012) ** 2)) * inside * on_skin * torch.clamp(1 - gap / 0.02, 0, 1)
    canvas.shade(1 - 0.62 * seam)
    dimple = torch.exp(
        -(
            (((torch.abs(mouth.x) - 1.12 * mouth.half) / 0.022) ** 2)
            + (((head.v - mouth.v) * head.height + 0.45 * (-0.045 + 0.145 * smile)) / 0.040) ** 2
        )
    )
    canvas.shade(1 - 0.34 * smile * dimple * on_skin)
