"""Whether the networks know a face: its inversion, judged beside those of faces to learn from.

A generator that has seen rendered faces makes a rendered face of every photograph. How far that is
from the photograph is in three figures of the inversion G(s) of a picture x:

    lpips      LPIPS between G(s) and x
    identity   cosine similarity of the recogniser's embeddings of G(s) and x
    realism    the discriminator's score of G(s): low where inversion left the faces that G knows

They are judged beside those of many inverted faces from the distribution that the networks were
trained on. A picture is unlike what the networks know if one figure is farther from the median of
these faces, to the worse side, than ``MARGIN`` times the farthest of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..data.faces import render, sample_faces
from ..data.seeds import seeded
from ..networks.encoder import LatentEncoder
from ..networks.stylegan2 import Generator
from .inversion import DistanceTo, InversionRecipe, invert
from .matching import synthesise

FIGURES = ("lpips", "identity", "realism")
MARGIN = 1.5
PIXELS = 2**20  # of images that are judged at once


@dataclass(frozen=True)
class KnownRange:
    """The highest ``lpips`` and the lowest ``identity`` and ``realism`` of what is known, as
    ``faces`` inverted faces say; ``of`` says in words which.
    """

    lpips: float
    identity: float
    realism: float
    faces: int
    of: str = "rendered faces"

    @classmethod
    def around(cls, figures: Mapping[str, Tensor], of: str = "rendered faces") -> KnownRange:
        """The range that figures [N] of known faces set."""

        def limit(name: str, highest: bool) -> float:
            values = figures[name].double()
            median, extreme = values.median(), values.max() if highest else values.min()
            return float(median + MARGIN * (extreme - median))

        lpips, identity, realism = (limit(name, name == "lpips") for name in FIGURES)
        return cls(lpips, identity, realism, faces=len(figures["lpips"]), of=of)

    def outside(self, figures: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Which of N pictures have a figure outside, [N] bool for each figure."""
        return {
            "lpips": figures["lpips"] > self.lpips,
            "identity": figures["identity"] < self.identity,
            "realism": figures["realism"] < self.realism,
        }


@dataclass(frozen=True)
class Judges:
    """The networks that give the three figures, all on one device.

    ``perceptual``: LPIPS to a target. ``recogniser``: images to unit embeddings [N, E].
    ``discriminator``: images to scores.
    """

    perceptual: DistanceTo
    recogniser: Callable[[Tensor], Tensor]
    discriminator: nn.Module

    @staticmethod
    def batch(resolution: int) -> int:
        """How many images of R x R pixels are judged at once."""
        return max(1, PIXELS // resolution**2)

    @torch.inference_mode()
    def figures(self, images: Tensor, inversions: Tensor) -> dict[str, Tensor]:
        """The three figures, [N] each on the CPU, of images and inversions [N, 3, R, R]."""
        batch = self.batch(images.shape[-1])
        pairs = zip(images.split(batch), inversions.split(batch), strict=True)
        found = [
            torch.stack(
                [
                    self.perceptual(x)(y),
                    (self.recogniser(x) * self.recogniser(y)).sum(1),
                    self.discriminator(y).flatten(),
                ]
            )
            for x, y in pairs
        ]
        return dict(zip(FIGURES, torch.cat(found, 1).float().cpu(), strict=True))


@dataclass(frozen=True)
class Unlike:
    """The figures, [N] each, of N pictures, and the ``known`` range beside which they are judged.

    A picture that was not inverted (an outage) has NaN, and is not outside.
    """

    figures: Mapping[str, Tensor]
    known: KnownRange

    @property
    def outside(self) -> Tensor:
        """Which pictures are unlike what the networks know, [N] bool."""
        return torch.stack(list(self.known.outside(self.figures).values())).any(0)

    def why(self, i: int) -> str | None:
        """What of picture ``i`` is outside, in a sentence; None where nothing is."""
        outside = self.known.outside(self.figures)
        parts = []
        for name, title, bound in (
            ("lpips", "LPIPS", "at most"),
            ("identity", "identity similarity", "at least"),
            ("realism", "discriminator score", "at least"),
        ):
            if bool(outside[name][i]):
                limit = getattr(self.known, name)
                parts.append(f"{title} {self.figures[name][i]:.3g} ({bound} {limit:.3g})")
        if not parts:
            return None
        return (
            "this picture is unlike what the networks know, so expect little of the edit: its "
            f"inversion has {', '.join(parts)}; in brackets the limits that {self.known.faces} "
            f"inverted {self.known.of} set"
        )

    def report(self, i: int) -> dict[str, Any]:
        """The same of picture ``i``, JSON-able; figures of an outage are None."""
        values = {name: float(values[i]) for name, values in self.figures.items()}
        return {
            "outside": bool(self.outside[i]),
            **{name: value if value == value else None for name, value in values.items()},
            "known": asdict(self.known),
            "why": self.why(i),
        }


@dataclass(frozen=True)
class Known:
    """The judges and the range: what says whether a picture is known."""

    judges: Judges
    range: KnownRange

    def judge(self, images: Tensor, inversions: Tensor, inverted: Tensor | None = None) -> Unlike:
        """Judge pictures by their inversions, both [N, 3, R, R] in [-1, 1]; ``inverted`` [N] bool:
        those that have one.
        """
        figures = self.judges.figures(images, inversions)
        if inverted is not None:
            missing = ~inverted.cpu()
            figures = {name: f.masked_fill(missing, torch.nan) for name, f in figures.items()}
        return Unlike(figures, self.range)


def rendered_range(
    generator: Generator,
    judges: Judges,
    recipe: InversionRecipe,
    encoder: LatentEncoder | None,
    faces: int,
    seed: int,
    checkpoint: Path | None = None,
) -> KnownRange:
    """The range of ``faces`` rendered photographs, drawn by ``seed`` and inverted by ``recipe``.

    ``checkpoint``: of the inversion, from which a killed run continues.
    """
    rng = seeded(seed, "known range", generator.resolution)
    images = render(sample_faces(faces, rng), generator.resolution)
    images = images.to(next(generator.parameters()).device)
    latents = invert(
        images,
        generator,
        judges.perceptual,
        recipe,
        rng,
        encoder=encoder,
        progress="known range",
        checkpoint=checkpoint,
    )[recipe.iterations]
    with torch.inference_mode():
        inversions = synthesise(generator, latents)
    return KnownRange.around(judges.figures(images, inversions))
