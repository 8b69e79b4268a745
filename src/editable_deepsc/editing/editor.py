"""Editing a face by a sentence: inversion, text encoder, attributes matching.

    image -> inversion -> s -> matching along F_a -> z* -> G -> edited image

Without any channel this is Talk-to-Edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

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

    def match(
        self, latents: Tensor, images: Tensor, sentences: Sequence[str], iterative: bool = True
    ) -> Matched:
        """Read the sentences (eq 2) and walk the latents to the expected degrees (eq 10, 11).

        The current degrees p are those of ``images`` [N, 3, R, R], the images before the edit. A
        sentence that the text encoder refuses leaves its face as it is (not reached, expected
        degree -1): a wrong guess would be worse.
        """
        with stage("editing"):
            return self._match(latents, images, sentences, iterative)

    def _match(
        self, latents: Tensor, images: Tensor, sentences: Sequence[str], iterative: bool
    ) -> Matched:
        read = self.text_encoder.read(list(sentences))
        device = latents.device
        understood = torch.tensor([i is not None for i in read], dtype=torch.bool, device=device)
        attribute, direction, degree = columns([i for i in read if i is not None])
        wishes = attribute.to(device), direction.to(device), degree.to(device)
        with torch.inference_mode():
            batches = images[understood].split(128)
            degrees = torch.cat([self.predictor.degrees(x) for x in batches])
        matched = match(
            latents[understood],
            degrees,
            wishes,
            self.generator,
            self.predictor,
            self.fields,
            self.settings.matching,
            iterative,
        )

        def everyone(values: Tensor, others: Tensor) -> Tensor:
            return others.masked_scatter(understood.view(-1, *[1] * (others.ndim - 1)), values)

        n = len(latents)
        return Matched(
            everyone(matched.latents, latents),
            everyone(matched.reached, torch.zeros(n, dtype=torch.bool, device=device)),
            everyone(matched.steps, torch.zeros(n, device=device).long()),
            everyone(matched.expected, torch.full((n,), -1, device=device)),
        )

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
