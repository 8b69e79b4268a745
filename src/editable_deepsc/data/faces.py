"""The embedded faces: a vectorised, seeded renderer of shaded portraits at any resolution.

A face is 34 continuous identity and scene factors in [0, 1] plus five attribute degrees in [0, 5],
all independent of each other. Because the picture is a function of these numbers, the *true* edited
image of any instruction exists: the same factors with one degree changed.

    factors [N, 34], degrees [N, 5]  ->  render  ->  images [N, 3, H, W] in [-1, 1]

Every edge is anti-aliased analytically (coverage = signed distance / pixel width), so the same face
drawn at 64 and at 128 pixels is the same picture. Two styles share the geometry: ``photo`` and
``painting`` (palette, brush strokes, canvas, other skin and background statistics), which plays the
part that MetFaces plays in the paper.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .attributes import ATTRIBUTES, MAX_DEGREE

# What stays with a person, and what changes from one picture of that person to the next.
PERSON_FACTORS = (
    "head_width",
    "head_height",
    "jaw",
    "skin_tone",
    "skin_hue",
    "hair_colour",
    "hair_warmth",
    "hair_length",
    "hair_volume",
    "hair_wave",
    "parting",
    "eye_size",
    "eye_spacing",
    "eye_colour",
    "eye_slant",
    "brow_thickness",
    "brow_slope",
    "nose_length",
    "nose_width",
    "mouth_width",
    "lip_fullness",
    "lip_colour",
)
SCENE_FACTORS = (
    "yaw",
    "roll",
    "shift_x",
    "shift_y",
    "zoom",
    "light_azimuth",
    "light_elevation",
    "background_hue",
    "background_tone",
    "background_gradient",
    "clothes_hue",
    "clothes_tone",
)
FACTORS = PERSON_FACTORS + SCENE_FACTORS
STYLES = ("photo", "painting")


@dataclass(frozen=True)
class Faces:
    """A batch of faces before rendering.

    ``factors`` [N, 34] in [0, 1] (columns named by ``FACTORS``), ``degrees`` [N, 5] in [0, 5].
    """

    factors: Tensor
    degrees: Tensor

    def __len__(self) -> int:
        return len(self.factors)

    def __getitem__(self, index) -> "Faces":
        return Faces(self.factors[index], self.degrees[index])

    def with_degree(self, attribute: Tensor, degree: Tensor) -> "Faces":
        """The same faces with degree ``degree`` [N] of attribute ``attribute`` [N]: the true
        edit.
        """
        degrees = self.degrees.clone()
        degrees[torch.arange(len(degrees)), attribute] = degree.to(degrees.dtype)
        return Faces(self.factors, degrees)


def sample_faces(n: int, generator: torch.Generator) -> Faces:
    """Draw ``n`` faces: every factor uniform on [0, 1], every degree uniform on [0, 5]."""
    factors = torch.rand(n, len(FACTORS), generator=generator)
    degrees = torch.rand(n, len(ATTRIBUTES), generator=generator) * MAX_DEGREE
    return Faces(factors, degrees)


def same_person(faces: Faces, generator: torch.Generator) -> Faces:
    """The same people in another picture: person factors kept, scene and degrees drawn anew."""
    return another_person(sample_faces(len(faces), generator), faces)


def another_light(faces: Faces, other: Faces) -> Faces:
    """The same faces, everything but the light on them: that is of ``other``."""
    factors = faces.factors.clone()
    for column in ("light_azimuth", "light_elevation"):
        factors[:, FACTORS.index(column)] = other.factors[:, FACTORS.index(column)]
    return Faces(factors, faces.degrees)


def another_person(faces: Faces, other: Faces) -> Faces:
    """The people of ``other`` in the scenes and with the degrees of ``faces``."""
    return Faces(
        torch.cat(
            [other.factors[:, : len(PERSON_FACTORS)], faces.factors[:, len(PERSON_FACTORS) :]], 1
        ),
        faces.degrees,
    )


def another_degree(faces: Faces, generator: torch.Generator, degrees: int = 2) -> Faces:
    """The same faces with one attribute of each, drawn at random, moved by ``degrees`` towards the
    farther end of its scale.
    """
    changed, rows = faces.degrees.clone(), torch.arange(len(faces))
    attribute = torch.randint(len(ATTRIBUTES), (len(faces),), generator=generator)
    now = changed[rows, attribute]
    changed[rows, attribute] = torch.where(now > MAX_DEGREE / 2, now - degrees, now + degrees)
    return Faces(faces.factors, changed)


def render(
    faces: Faces, resolution: int, style: str = "photo", chunk_pixels: int = 1 << 17
) -> Tensor:
    """Draw faces.

    Returns float32 images [N, 3, resolution, resolution] in [-1, 1]. Works in chunks of about
    ``chunk_pixels`` pixels, so that the working set stays in the processor's cache.
    """
    if style not in STYLES:
        raise ValueError(f"style {style!r} is unknown; choose one of: {', '.join(STYLES)}")
    step = max(1, chunk_pixels // resolution**2)
    out = torch.empty(len(faces), 3, resolution, resolution)
    for start in range(0, len(faces), step):
        out[start : start + step] = _render_chunk(faces[start : start + step], resolution, style)
    return out


# --- drawing -----------------------------------------------------------------------------------


def _ellipse(x: Tensor, y: Tensor, a, b) -> Tensor:
    """Approximate signed distance to an axis-aligned ellipse, negative inside."""
    r = torch.sqrt((x / a) ** 2 + (y / b) ** 2 + 1e-9)
    return (r - 1) * (a * b) ** 0.5


def _ramp(t: Tensor, stops: list[tuple[float, float, float]]) -> Tensor:
    """Piecewise-linear palette: t [N, 1, 1] in [0, 1] to colours [N, 3, 1, 1]."""
    table = torch.tensor(stops, dtype=t.dtype)
    position = t.flatten() * (len(stops) - 1)
    low = position.floor().clamp(0, len(stops) - 2).long()
    f = (position - low)[:, None]
    return ((1 - f) * table[low] + f * table[low + 1])[:, :, None, None]


def _hsv(h: Tensor, s, v) -> Tensor:
    """Hue, saturation, value (each [N, 1, 1] or a number) to RGB [N, 3, 1, 1]."""
    channels = []
    for offset in (5.0, 3.0, 1.0):
        k = torch.remainder(offset + h * 6, 6)
        channels.append(v - v * s * torch.clamp(torch.minimum(k, 4 - k), 0, 1))
    return torch.stack(channels, 1)


class _Canvas:
    """An RGB picture that layers are composed onto; remembers the pixel width for anti-aliasing."""

    def __init__(self, rgb: Tensor, pixel: Tensor | float):
        self.rgb, self.pixel = rgb, pixel

    def cover(self, distance: Tensor, soft: float = 0.0) -> Tensor:
        """Coverage in [0, 1] of a shape by its signed distance; ``soft`` widens the edge."""
        return torch.clamp(0.5 - distance / (self.pixel + soft), 0, 1)

    def paint(self, alpha: Tensor, colour: Tensor) -> None:
        """Blend ``colour`` ([N, 3, 1 or H, 1 or W]) over the picture with opacity alpha [N, H,
        W].
        """
        self.rgb = self.rgb + alpha[:, None] * (colour - self.rgb)

    def shade(self, factor: Tensor) -> None:
        self.rgb = self.rgb * factor[:, None]


_SKIN = [
    (0.30, 0.19, 0.13),
    (0.48, 0.31, 0.21),
    (0.68, 0.47, 0.34),
    (0.86, 0.66, 0.52),
    (0.96, 0.82, 0.72),
]
_HAIR = [
    (0.07, 0.06, 0.06),
    (0.20, 0.12, 0.08),
    (0.40, 0.24, 0.12),
    (0.66, 0.42, 0.18),
    (0.86, 0.69, 0.38),
]
_EYE = [
    (0.22, 0.13, 0.07),
    (0.40, 0.27, 0.12),
    (0.28, 0.42, 0.22),
    (0.25, 0.45, 0.65),
    (0.50, 0.62, 0.72),
]
_LIP = [(0.62, 0.27, 0.24), (0.72, 0.34, 0.33), (0.80, 0.28, 0.34)]


def _render_chunk(faces: Faces, resolution: int, style: str) -> Tensor:
    f = {name: faces.factors[:, i, None, None] for i, name in enumerate(FACTORS)}
    a = {name: faces.degrees[:, i, None, None] / MAX_DEGREE for i, name in enumerate(ATTRIBUTES)}

    def between(name: str, low: float, high: float) -> Tensor:
        return low + (high - low) * f[name]

    axis = (torch.arange(resolution) + 0.5) / resolution * 2 - 1
    py, px = axis[None, :, None], axis[None, None, :]
    if style == "painting":  # brush strokes: the hand displaces what the eye sees
        wobble = 2 * math.pi * f["hair_wave"]
        px, py = (
            px
            + 0.014 * torch.sin(17 * py + 9 * px + wobble)
            + 0.008 * torch.sin(31 * px - 23 * py + 2 * wobble),
            py
            + 0.014 * torch.sin(15 * px - 11 * py + 3 * wobble)
            + 0.008 * torch.sin(29 * py + 27 * px + wobble),
        )

    # Palette.
    age = 1 - a["young"]
    skin = _ramp(f["skin_tone"], _SKIN)
    warm = between("skin_hue", -0.035, 0.035)
    skin = skin + torch.stack([warm, torch.zeros_like(warm), -warm], 1)
    hair = _ramp(f["hair_colour"], _HAIR)
    warm = between("hair_warmth", -0.05, 0.07)
    hair = hair + torch.stack([warm, 0.2 * warm, -0.5 * warm], 1)
    grey = torch.clamp(1.25 * age - 0.06, 0, 0.92)[:, None]
    hair = hair + grey * (torch.tensor([0.76, 0.76, 0.78])[None, :, None, None] - hair)
    skin = skin * (1 - 0.06 * age[:, None]) + 0.02 * age[:, None]
    light_back = between("background_tone", 0.30, 0.90)
    back_top = _hsv(f["background_hue"], 0.60, light_back)
    back_low = _hsv(
        torch.remainder(f["background_hue"] + between("background_gradient", -0.25, 0.25), 1),
        0.50,
        torch.clamp(light_back + between("background_gradient", -0.25, 0.25), 0.1, 1),
    )
    clothes = _hsv(f["clothes_hue"], 0.65, between("clothes_tone", 0.25, 0.80))
    if style == "painting":  # old masters: sallow skin, umber grounds, subdued dress
        skin = 0.55 * skin + 0.45 * torch.tensor([0.80, 0.66, 0.46])[None, :, None, None]
        ground = _ramp(
            f["background_hue"],
            [(0.16, 0.11, 0.07), (0.30, 0.22, 0.12), (0.20, 0.22, 0.16), (0.36, 0.30, 0.22)],
        )
        back_top, back_low = 0.8 * ground, 0.8 * ground + 0.10
        clothes = 0.45 * clothes + 0.55 * torch.tensor([0.25, 0.14, 0.10])[None, :, None, None]

    # Head coordinates: u to the right and v down, the head is the unit disc.
    zoom = between("zoom", 1.24, 1.32)
    roll = between("roll", -0.06, 0.06)
    yaw = between("yaw", -0.7, 0.7)
    x0, y0 = px - between("shift_x", -0.03, 0.03), py - between("shift_y", 0.02, 0.06)
    cos, sin = torch.cos(roll), torch.sin(roll)
    x, y = (cos * x0 + sin * y0) / zoom, (-sin * x0 + cos * y0) / zoom
    width, height = between("head_width", 0.41, 0.51), between("head_height", 0.51, 0.60)
    v = y / height
    chin = torch.clamp(v, 0, 1.2)
    narrowing = 1 - between("jaw", 0.30, 0.06) * chin**2
    u = x / (width * narrowing)
    pixel = 2.0 / resolution / zoom
    paint = _Canvas(back_top + (back_low - back_top) * ((py + 1) / 2)[:, None], pixel)
    head = (torch.sqrt(u**2 + v**2 + 1e-9) - 1) * (width * height) ** 0.5

    # Light on the head as if it were an ellipsoid.
    azimuth, elevation = between("light_azimuth", -1.1, 1.1), between("light_elevation", 0.15, 0.9)
    lx, ly, lz = (
        torch.sin(azimuth) * torch.cos(elevation),
        -torch.sin(elevation),
        torch.cos(azimuth) * torch.cos(elevation),
    )
    nx, ny = torch.clamp(u, -1, 1) * 0.85, torch.clamp(v, -1, 1) * 0.75
    nz = torch.sqrt(torch.clamp(1 - nx**2 - ny**2, 0.02, 1))
    lambert = torch.clamp(nx * lx + ny * ly + nz * lz, 0, 1)
    light = 0.52 + 0.62 * lambert

    # Strands follow the skull on top and hang down at the sides.
    wave = between("hair_wave", 0.0, 0.05)
    part = between("parting", -0.45, 0.45)
    flow = torch.atan2(x / width, 1.25 - v) + wave * torch.sin(7 * v)
    strands = 0.92 + 0.07 * torch.sin(19 * flow)
    strands = strands * (
        1
        - 0.20 * torch.exp(-(((x / width - part) / 0.05) ** 2)) * torch.clamp(-2.5 * v - 1.2, 0, 1)
    )
    gloss = torch.exp(-(((torch.sqrt((x / width) ** 2 + v**2) - 0.92) / 0.16) ** 2)) * torch.clamp(
        -v + 0.1, 0, 1
    )
    hair_colour = (
        hair * (strands * (0.62 + 0.45 * lambert))[:, None] + (0.16 * gloss * lambert)[:, None]
    )

    # Hair behind the head and shoulders.
    volume = between("hair_volume", 1.06, 1.22)
    length = between("hair_length", -0.25, 1.30)
    spread = width * volume * (1 + 0.06 * torch.clamp(v, 0, 1.5))
    crown = _ellipse(x, y + 0.03, width * volume, height * (volume + 0.01))
    curtain = torch.maximum(
        torch.abs(x) - spread, torch.maximum(-y, y - length * height + 0.12 * (x / width) ** 2)
    )
    back_hair = torch.minimum(
        torch.maximum(crown, y - torch.clamp(length, 0.05, 2) * height), curtain
    )
    paint.paint(paint.cover(back_hair, 0.02), hair_colour * 0.72)

    # Neck and clothes.
    neck = torch.maximum(torch.abs(x) - 0.56 * width - 0.25 * torch.clamp(y - 0.60, 0, 1), 0.3 - y)
    neck_shade = 0.50 + 0.38 * torch.clamp((y - height) / 0.25, 0, 1) * (
        0.6 + 0.4 * torch.clamp(lx + 0.6, 0, 1)
    )
    paint.paint(paint.cover(neck), skin * neck_shade[:, None])
    shoulder = 0.66 + 0.16 * (x / 0.9) ** 2 + 0.07 * torch.exp(-((x / 0.22) ** 2))
    cloth_shade = 0.70 + 0.22 * torch.cos(2.2 * (x - 0.35 * lx)) + 0.04 * torch.sin(9 * x + 6 * y)
    paint.paint(paint.cover(shoulder - y), clothes * cloth_shade[:, None])

    # Ears and head.
    for side in (-1.0, 1.0):
        ear = _ellipse(x - side * width * (1.0 - 0.05 * side * yaw), y - 0.02, 0.065, 0.115)
        paint.paint(
            paint.cover(ear), skin * (0.68 + 0.20 * torch.clamp(side * lx, -0.5, 1))[:, None]
        )
    skin_coverage = paint.cover(head)
    rim = 1 - 0.22 * torch.clamp((u**2 + v**2 - 0.62) / 0.38, 0, 1)
    paint.paint(skin_coverage, skin * (light * rim)[:, None])
    on_skin = skin_coverage

    # Features turn with the head: everything on the face moves by yaw, more in the middle.
    fu = x / width - 0.20 * yaw * torch.clamp(1 - (x / width) ** 2, 0, 1)
    smile = a["smiling"]
    cheek = torch.exp(
        -(((torch.abs(fu) - 0.52) / 0.20) ** 2) - ((v - 0.26 + 0.05 * smile) / 0.15) ** 2
    )
    blush = on_skin * cheek * (0.10 + 0.16 * smile)
    paint.paint(blush, torch.tensor([0.86, 0.38, 0.33])[None, :, None, None])
    paint.shade(
        1
        + 0.10
        * on_skin
        * torch.exp(-(((torch.abs(fu) - 0.50) / 0.13) ** 2) - ((v - 0.17) / 0.08) ** 2)
        * smile
    )

    # Age: forehead lines, bags, folds from nose to mouth, crow's feet.
    eye_v = -0.05
    spacing = between("eye_spacing", 0.37, 0.47)
    wrinkle = torch.clamp(1.3 * age, 0, 1.2)
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
        -(((v - eye_v - 0.15 + 0.10 * ((afu - spacing) / 0.2) ** 2) / 0.022) ** 2)
    ) * torch.exp(-(((afu - spacing) / 0.15) ** 4))
    crow = (
        torch.exp(-(((afu - spacing - 0.27) / 0.07) ** 2))
        * (0.5 + 0.5 * torch.cos(48 * (v - eye_v)))
        * torch.exp(-(((v - eye_v) / 0.14) ** 2))
    )
    sag = torch.exp(-(((afu - 0.46) / 0.10) ** 2) - (((v - 0.60) / 0.14) ** 2))
    paint.shade(
        1
        - on_skin
        * wrinkle
        * torch.clamp(0.26 * lines + 0.34 * fold + 0.36 * bag + 0.22 * crow + 0.16 * sag, 0, 0.5)
    )

    # Nose: bridge light, side shade on the side away from the light, tip and nostrils.
    nose_end = between("nose_length", 0.22, 0.36)
    nose_width = between("nose_width", 0.11, 0.19)
    along = torch.clamp((v - eye_v) / (nose_end - eye_v), 0, 1)
    half = nose_width * (0.35 + 0.65 * along**2)
    nose_fu = fu - 0.10 * yaw * along
    bridge = (
        torch.exp(-((nose_fu / (0.55 * half)) ** 2))
        * on_skin
        * torch.clamp((v - eye_v) / 0.1, 0, 1)
        * paint.cover((v - nose_end) * height, 0.08)
    )
    away = -torch.tanh(3 * lx)
    side_shade = (
        torch.exp(-(((nose_fu - away * half) / (0.5 * half)) ** 2))
        * on_skin
        * torch.clamp((v - eye_v) / 0.2, 0, 1)
        * paint.cover((v - nose_end - 0.02) * height, 0.06)
    )
    paint.shade(1 + 0.16 * bridge - 0.26 * side_shade)
    under = torch.exp(-(((v - nose_end - 0.025) / 0.028) ** 2)) * torch.exp(
        -((nose_fu / nose_width) ** 4)
    )
    nostril = torch.exp(
        -(((torch.abs(nose_fu) - 0.55 * nose_width) / 0.045) ** 2) - (((v - nose_end) / 0.026) ** 2)
    )
    paint.shade(1 - on_skin * torch.clamp(0.26 * under + 0.50 * nostril, 0, 0.7))

    # Eyes.
    size = between("eye_size", 0.85, 1.25)
    slant = between("eye_slant", -0.22, 0.22)
    open_ = (0.092 * size * (1 - 0.30 * smile) * (1 - 0.30 * age)) * height / 0.6
    eye_half = 0.102 * size
    for side in (-1.0, 1.0):
        ex = (fu - side * spacing) * width
        ey = (v - eye_v) * height + slant * side * ex
        socket = torch.exp(-((ex / (1.7 * eye_half)) ** 2) - (((ey + 0.015) / 0.105) ** 2))
        paint.shade(1 - 0.20 * socket * on_skin)
        lid = open_ * (1 - torch.clamp((ex / eye_half) ** 2, 0, 1))
        white = torch.maximum(torch.abs(ey) - lid, torch.abs(ex) - eye_half)
        eye = paint.cover(white, 0.008) * on_skin
        paint.paint(
            eye,
            torch.tensor([0.93, 0.93, 0.92])[None, :, None, None] * (0.72 + 0.30 * light)[:, None],
        )
        gaze = 0.020 * yaw
        iris_r = 0.056 * size**0.5
        d = torch.sqrt((ex - gaze) ** 2 + ey**2 + 1e-9)
        paint.paint(paint.cover(d - iris_r) * eye, _ramp(f["eye_colour"], _EYE))
        paint.paint(paint.cover(d - 0.46 * iris_r) * eye, torch.full((1, 3, 1, 1), 0.04))
        glint = torch.sqrt((ex - gaze - 0.016 * torch.sign(lx)) ** 2 + (ey + 0.018) ** 2 + 1e-9)
        paint.paint(0.9 * paint.cover(glint - 0.014) * eye, torch.full((1, 3, 1, 1), 1.0))
        lash = torch.exp(-(((ey + lid) / 0.015) ** 2)) * paint.cover(
            torch.abs(ex) - eye_half * 1.08, 0.02
        )
        paint.paint(0.80 * lash * on_skin, torch.full((1, 3, 1, 1), 0.08))
        lower = torch.exp(-(((ey - lid) / 0.012) ** 2)) * paint.cover(
            torch.abs(ex) - eye_half, 0.02
        )
        paint.shade(1 - 0.28 * lower * on_skin)
        # Brow, in the hair's colour but never lighter than a shadow on the skin.
        bx = ex / (1.45 * eye_half)
        slope = between("brow_slope", -0.05, 0.06)
        by = ey + 0.150 * height / 0.6 + 0.015 * smile - slope * bx * side + 0.035 * bx**2
        thick = between("brow_thickness", 0.014, 0.036) * (
            1 - 0.45 * torch.clamp(bx * side, -0.3, 1)
        )
        brow = (
            paint.cover(torch.maximum(torch.abs(by) - thick, (torch.abs(bx) - 1) * 0.1), 0.012)
            * on_skin
        )
        paint.paint(0.88 * brow, hair * 0.62)

    # Mouth. The corners rise and the lips part as the degree of smiling grows.
    mouth_v = torch.maximum(nose_end + 0.17, torch.full_like(nose_end, 0.46))
    mouth_half = between("mouth_width", 0.135, 0.185) * (1 + 0.34 * smile)
    mx = (fu - 0.06 * yaw) * width
    t = torch.clamp(mx / mouth_half, -1.3, 1.3)
    curve = (-0.045 + 0.145 * smile) * (t**2 - 0.55)
    my = (v - mouth_v) * height + curve
    gap = torch.clamp(smile - 0.30, 0, 1) * 0.115
    arch = torch.clamp(1 - t**2, 0, 1)
    full = between("lip_fullness", 0.026, 0.056)
    upper_edge = -0.25 * gap * arch
    lower_edge = 0.75 * gap * arch
    inside = paint.cover(torch.abs(t) * mouth_half - mouth_half, 0.01)
    lips = (
        paint.cover(
            torch.maximum(
                upper_edge - full * 0.8 * arch**0.7 - my, my - lower_edge - full * arch**0.7
            ),
            0.008,
        )
        * inside
        * on_skin
    )
    lip = _ramp(f["lip_colour"], _LIP) * 0.60 + skin * 0.40
    paint.paint(0.92 * lips, lip * (0.66 + 0.36 * light)[:, None])
    opening = (
        paint.cover(torch.maximum(upper_edge - my, my - lower_edge), 0.006)
        * inside
        * on_skin
        * torch.clamp(gap / 0.02, 0, 1)
    )
    paint.paint(opening, torch.tensor([0.30, 0.07, 0.08])[None, :, None, None])
    teeth = paint.cover(my - (upper_edge + 0.70 * (lower_edge - upper_edge)), 0.008) * opening
    paint.paint(0.95 * teeth, torch.full((1, 3, 1, 1), 0.95))
    seam = torch.exp(-((my / 0.012) ** 2)) * inside * on_skin * torch.clamp(1 - gap / 0.02, 0, 1)
    paint.shade(1 - 0.62 * seam)
    dimple = torch.exp(
        -(
            (((torch.abs(mx) - 1.12 * mouth_half) / 0.022) ** 2)
            + (((v - mouth_v) * height + 0.45 * (-0.045 + 0.145 * smile)) / 0.040) ** 2
        )
    )
    paint.shade(1 - 0.34 * smile * dimple * on_skin)

    # Beard: stubble, then cover, then length below the chin.
    beard = a["beard"]
    reach = 0.95 + 0.60 * torch.clamp(beard - 0.20, 0, 1)
    jaw_band = torch.sqrt(u**2 + (v / reach) ** 2 + 1e-9)
    below = (jaw_band - 1.0) * 0.5
    top = 0.40 - 0.26 * torch.clamp(torch.abs(u) - 0.45, 0, 0.6) / 0.6 * 1.6 - v  # sideburns climb
    cheek_line = torch.maximum(below, top * height)
    taper = torch.abs(x) - width * torch.clamp(1.04 - 0.62 * torch.clamp(v - 0.75, 0, 1), 0.1, 1.2)
    shape = torch.maximum(cheek_line, taper)
    around_mouth = _ellipse(
        mx, (v - mouth_v) * height - 0.3 * gap, mouth_half * 1.08, 0.058 + 0.65 * gap
    )
    shape = torch.maximum(shape, -around_mouth)
    moustache = torch.maximum(
        torch.abs(
            (v - 0.5 * (nose_end + 0.06 + mouth_v - 0.06) - 0.02) * height
            - 0.12 * (fu - 0.06 * yaw) ** 2
            + curve * 0.6
        )
        - 0.040,
        torch.abs(mx) - mouth_half * 1.10,
    )
    shape = torch.minimum(shape, moustache)
    density = torch.clamp(beard * 1.5, 0, 1) ** 0.8 * 0.94
    curls = 0.96 + 0.04 * torch.sin(20 * x / width + 3 * torch.sin(8 * v)) * torch.clamp(
        beard * 1.6, 0, 1
    )
    below_light = torch.where(v > 1, 0.80, 1.0)
    paint.paint(
        density * paint.cover(shape, 0.05),
        hair * 0.88 * (curls * (0.58 + 0.48 * lambert) * below_light)[:, None],
    )

    # Hair on top: the cap above the hairline, and the bangs that the hairline lets fall.
    scalp = _ellipse(x, y + 0.02, width * (volume - 0.03), height * volume)
    hairline = (
        -0.70
        + 0.34 * torch.clamp(torch.abs(u), 0, 1.2) ** 2.5
        + 0.55 * torch.clamp(torch.abs(u) - 0.80, 0, 1)
    )
    bangs = a["bangs"]
    fringe_u = u / 0.98
    fall = (
        -0.70
        + 0.64 * bangs
        + 0.025 * torch.sin(19 * flow) * torch.clamp(bangs * 3, 0, 1)
        - 0.05 * bangs * torch.abs(fringe_u - 0.5 * part)
    )
    fringe = torch.where(torch.abs(fringe_u) < 0.98, torch.maximum(hairline, fall), hairline)
    cap = torch.maximum(scalp, (v - fringe) * height)
    front = paint.cover(cap, 0.010)
    edge_shadow = torch.exp(-((torch.clamp(v - fringe, 0, 1) / 0.05) ** 2)) * on_skin * (1 - front)
    paint.shade(1 - 0.30 * edge_shadow)
    paint.paint(front, hair_colour)
    side_lock = torch.maximum(
        torch.abs(torch.abs(x) - width * (volume + 0.86) / 2) - width * (volume - 0.84) / 2,
        torch.maximum(
            -0.45 * height - y, y - torch.minimum(length, torch.full_like(length, 1.0)) * height
        ),
    )
    paint.paint(paint.cover(side_lock, 0.02), hair_colour * 0.94)

    # Eyeglasses: from thin rims to thick frames to dark lenses.
    glasses = a["eyeglasses"]
    presence = torch.clamp(glasses * 4.5, 0, 1)
    frame_half = 0.008 + 0.030 * glasses
    tint = torch.clamp(glasses - 0.22, 0, 1) / 0.78
    frame = _hsv(torch.remainder(f["clothes_hue"] + 0.45, 1), 0.5, 0.30) * (
        1 - 0.55 * tint[:, None]
    )
    ring: Tensor | None = None
    for side in (-1.0, 1.0):
        gx, gy = (fu - side * spacing) * width, (v - eye_v - 0.02) * height
        lens = _ellipse(gx, gy, 0.155, 0.125)
        lens_cover = paint.cover(lens)
        paint.paint(
            presence * (0.06 + 0.84 * tint**1.3) * lens_cover,
            torch.tensor([0.10, 0.10, 0.13])[None, :, None, None],
        )
        glare = torch.exp(-(((gx + 0.6 * gy + 0.05) / 0.022) ** 2)) * lens_cover
        paint.paint(0.35 * presence * glare, torch.full((1, 3, 1, 1), 0.95))
        ring = torch.abs(lens) if ring is None else torch.minimum(ring, torch.abs(lens))
    gy = (v - eye_v + 0.01) * height
    bridge_bar = torch.maximum(
        torch.abs(gy) - 0.004, torch.abs(fu) * width - torch.clamp(spacing * width - 0.15, 0.005, 1)
    )
    temples = torch.maximum(
        torch.abs(gy) - 0.004,
        torch.maximum(spacing * width + 0.15 - torch.abs(fu * width), torch.abs(u) * width - width),
    )
    assert ring is not None  # there are two lenses
    rims = torch.minimum(ring, torch.minimum(bridge_bar, temples)) - frame_half
    paint.paint(presence * paint.cover(rims, 0.006), frame)

    rgb = paint.rgb
    if style == "painting":
        rgb = _varnish(rgb, px, py, f)
    return rgb.clamp(0, 1).mul(2).sub(1)


def _varnish(rgb: Tensor, px: Tensor, py: Tensor, f: dict[str, Tensor]) -> Tensor:
    """Painted surface: quantised tones, brush relief, canvas weave, amber varnish, vignette."""
    tone = rgb.mean(1, keepdim=True)
    rgb = tone + 0.80 * (rgb - tone)
    rgb = (
        rgb + 0.035 * torch.sin(2 * math.pi * 7 * rgb) / 2
    )  # pulls tones towards seven steps of paint
    phase = 2 * math.pi * f["background_gradient"]
    relief = (
        torch.sin(40 * px + 22 * py + 4 * torch.sin(5 * py + phase)) * 0.6
        + torch.sin(55 * py - 18 * px + phase) * 0.4
    )
    weave = torch.cos(math.pi * 24 * px) * torch.cos(math.pi * 24 * py)
    rgb = rgb * (1 + 0.055 * relief[:, None] + 0.035 * weave[:, None])
    amber = torch.tensor([1.03, 0.93, 0.72])[None, :, None, None]
    vignette = 1 - 0.28 * torch.clamp(px**2 + py**2 - 0.35, 0, 2)
    return rgb * amber * vignette[:, None]
