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

from dataclasses import dataclass

import torch
from torch import Tensor

from .attributes import ATTRIBUTES, MAX_DEGREE
from .portrait import STYLES, Traits, draw

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
        """The same faces with degree ``degree`` [N] of attribute ``attribute`` [N]: true edits."""
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
    """The same faces with one attribute of each moved by ``degrees``.

    The attribute is drawn at random and moves towards the farther end of its scale.
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
        out[start : start + step] = draw(_traits(faces[start : start + step]), resolution, style)
    return out


def _traits(faces: Faces) -> Traits:
    """Factors and degrees by name, degrees as a share of ``MAX_DEGREE``."""
    return Traits(
        {name: faces.factors[:, i, None, None] for i, name in enumerate(FACTORS)},
        {name: faces.degrees[:, i, None, None] / MAX_DEGREE for i, name in enumerate(ATTRIBUTES)},
    )
