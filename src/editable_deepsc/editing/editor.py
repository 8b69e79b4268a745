"""Editing a face by a sentence: inversion, text encoder, attributes matching.

    image -> inversion -> s -> matching along F_a -> z* -> G -> edited image

Without any channel this is Talk-to-Edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from ..data.instructions import Instruction, settled
from ..data.splits import columns
from ..networks.encoder import LatentEncoder
from ..networks.jecc import SemanticFields
from ..networks.predictor import AttributePredictor
from ..networks.stylegan2 import Generator
from ..networks.text_encoder import TextEncoder
from .inversion import DistanceTo, InversionRecipe, invert
from .matching import Matched, MatchingRecipe, match, synthesise
from .stages import stage


@dataclass(frozen=True)
class EditSettings:
    """How a face is inverted (eq 8, 9) and its attributes matched (eq 11)."""

    inversion: InversionRecipe
    matching: MatchingRecipe


class ImageEditor(Protocol):
    """What a system asks of an editor. The ``latents`` are its own inversion's: [N, k], or what
    else :meth:`invert` returns.
    """

    @property
    def generator(self) -> Any: ...

    @property
    def predictor(self) -> Any: ...

    @property
    def text_encoder(self) -> Any: ...

    def degrees(self, images: Tensor) -> Tensor: ...

    def invert(self, images: Tensor, rng: torch.Generator) -> Any: ...

    def spread(self, latents: Any, seen: Tensor) -> Any: ...

    def draw(self, latents: Any) -> Tensor: ...

    def edit(
        self, images: Tensor, sentences: Sequence[str], rng: torch.Generator, latents: Any = None
    ) -> Tensor: ...


@dataclass(frozen=True)
class Editor:
    """The networks that an editor owns, all on one device.

    ``fields`` decide whose editor it is: JECC's (Editable-DeepSC) or Talk-to-Edit's.
    ``perceptual`` is LPIPS to a target. ``encoder`` is for inversions that start from one.
    ``checkpoint`` is that of the inversion.
    """

    generator: Generator
    predictor: AttributePredictor
    fields: SemanticFields
    text_encoder: TextEncoder
    perceptual: DistanceTo
    settings: EditSettings
    encoder: LatentEncoder | None = None
    checkpoint: Path | None = None

    def invert(self, images: Tensor, rng: torch.Generator, progress: str | None = None) -> Tensor:
        """s = E_img(x): images [N, 3, R, R] in [-1, 1] -> latents [N, k] (eq 1)."""
        recipe = self.settings.inversion
        with stage("inversion"):
            latents = invert(
                images,
                self.generator,
                self.perceptual,
                recipe,
                rng,
                encoder=self.encoder,
                progress=progress,
                checkpoint=self.checkpoint,
            )
        return latents[recipe.iterations]

    def degrees(self, images: Tensor) -> Tensor:
        """Current degrees p [N, 5], 0..5, of images [N, 3, R, R], by the predictor."""
        with torch.inference_mode():
            return torch.cat([self.predictor.degrees(x) for x in images.split(128)])

    def spread(self, latents: Tensor, seen: Tensor) -> Tensor:
        """Latents [M, k] of the images where ``seen`` [N] is true, at their places among all
        [N, k]; zeros elsewhere.
        """
        everyone = latents.new_zeros(len(seen), self.generator.latent)
        everyone[seen] = latents
        return everyone

    def match(
        self, latents: Tensor, images: Tensor, sentences: Sequence[str], iterative: bool = True
    ) -> Matched:
        """Read the sentences (eq 2) and walk the latents to the expected degrees (eq 10, 11).

        The current degrees p are those of ``images`` [N, 3, R, R], the images before the edit. A
        sentence that the text encoder refuses leaves its face as it is (not reached, expected
        degree -1): a wrong guess would be worse.
        """
        with stage("editing"):
            requests = self.text_encoder.read(list(sentences))
            return self.walk(latents, self.degrees(images), requests, iterative)

    def walk(
        self,
        latents: Tensor,
        degrees: Tensor,
        requests: Sequence[Sequence[Instruction]],
        iterative: bool = True,
    ) -> Matched:
        """Latents [N, k], edited by the wishes of each in their order: the first of all faces, then
        the second of those that have one from the latent that the first has left, and so on.

        ``degrees`` [N, 5]: p, that of the picture which the wishes speak of. ``reached``: each wish
        at its turn; ``steps``: of all; ``expected``: of the last, -1 without any.
        """
        n, device = len(latents), latents.device
        whole = Matched(
            latents.clone(),
            torch.zeros(n, dtype=torch.bool, device=device),
            torch.zeros(n, dtype=torch.long, device=device),
            torch.full((n,), -1, device=device),
        )
        for turn in range(max(map(len, requests), default=0)):
            asked = [i for i, wishes in enumerate(requests) if len(wishes) > turn]
            rows = torch.tensor(asked, device=device)
            wishes = settled([requests[i][turn] for i in asked], degrees[rows])
            attribute, direction, degree = columns(wishes)
            matched = match(
                whole.latents[rows],
                degrees[rows],
                (attribute.to(device), direction.to(device), degree.to(device)),
                self.generator,
                self.predictor,
                self.fields,
                self.settings.matching,
                iterative,
            )
            whole.reached[rows] = matched.reached & (whole.reached[rows] | (turn == 0))
            whole.latents[rows] = matched.latents
            whole.steps[rows] += matched.steps
            whole.expected[rows] = matched.expected
        return whole

    def draw(self, latents: Tensor) -> Tensor:
        """G(z): latents [N, k] -> images [N, 3, R, R] in [-1, 1]."""
        with stage("generation"), torch.inference_mode():
            return synthesise(self.generator, latents)

    def edit(
        self,
        images: Tensor,
        sentences: Sequence[str],
        rng: torch.Generator,
        latents: Tensor | None = None,
    ) -> Tensor:
        """Images and sentences in, edited images out: [N, 3, R, R] in [-1, 1].

        ``latents`` [N, k]: the images' inversion, where it is known already.
        """
        latents = self.invert(images, rng) if latents is None else latents
        return self.draw(self.match(latents, images, sentences).latents)
