"""Rendered faces to try things on, and pictures of them that say how they were drawn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from PIL import Image, PngImagePlugin
from torch import Tensor

from .faces import Faces, render, sample_faces
from .instructions import Instruction, expected_degree
from .pictures import to_pictures
from .reframing import DRAWN
from .seeds import seeded


@dataclass(frozen=True)
class Drawn:
    """How a face was drawn: which of a seed's, in which style, of R x R pixels.

    ``degrees``: five in [0, 5] instead of the seed's own.
    """

    seed: int
    index: int
    style: str
    resolution: int
    degrees: Sequence[float] | None = None

    def face(self) -> Faces:
        """The one face, its factors and degrees."""
        face = sample_faces(1, seeded(self.seed, "drawn face", self.index))
        return face if self.degrees is None else Faces(face.factors, torch.tensor([self.degrees]))

    def image(self) -> Tensor:
        """The image [1, 3, R, R] in [-1, 1]."""
        return render(self.face(), self.resolution, self.style)

    def truth(self, wishes: Sequence[Instruction]) -> Tensor:
        """The true edited image [1, 3, R, R] in [-1, 1]: every wish in its order (eq 10, on the
        true degree).
        """
        face = self.face()
        for wish in wishes:
            target = expected_degree(
                face.degrees[:, wish.attribute], torch.tensor([wish.direction]), wish.degree
            )
            face = face.with_degree(torch.tensor([wish.attribute]), target)
        return render(face, self.resolution, self.style)


def draw_faces(n: int, seed: int = 0, resolution: int = 64, style: str = "photo") -> Tensor:
    """``n`` rendered faces [n, 3, resolution, resolution] in [-1, 1].

    ``style``: "photo" or "painting". The same seed gives the same faces, whatever ``n``. They are
    in no split that anything was trained on. ``ValueError`` on another style or less than one.
    """
    if n < 1:
        raise ValueError(f"at least one face must be drawn, not {n}")
    faces = [Drawn(seed, index, style, resolution).face() for index in range(n)]
    every = Faces(torch.cat([f.factors for f in faces]), torch.cat([f.degrees for f in faces]))
    return render(every, resolution, style)


def save_face(drawn: Drawn, path: Path) -> None:
    """Write a face as a PNG file that carries how it was drawn (a text chunk)."""
    about = PngImagePlugin.PngInfo()
    about.add_text(DRAWN, json.dumps(asdict(drawn)))
    to_pictures(drawn.image())[0].save(path, format="PNG", pnginfo=about)


def drawn_face(path: Path) -> Drawn | None:
    """How the face in a file was drawn; None for any other picture, an altered one included."""
    try:
        with Image.open(path) as picture:
            about, size = picture.info.get(DRAWN), picture.size
            if not isinstance(about, str):
                return None
            drawn = Drawn(**json.loads(about))
            if size != (drawn.resolution, drawn.resolution):
                return None
            same = to_pictures(drawn.image())[0].tobytes() == picture.convert("RGB").tobytes()
    except (OSError, ValueError, TypeError):
        return None
    return drawn if same else None
