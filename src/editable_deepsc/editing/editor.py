"""Editing a face by a sentence: inversion, text encoder, attributes matching. Without any channel
this is Talk-to-Edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..data.splits import columns
from ..networks.jecc import SemanticFields
from ..networks.predictor import AttributePredictor
from ..networks.stylegan2 import Generator
from ..networks.text_encoder import TextEncoder
from .inversion import DistanceTo, invert
from .matching import Matched, match, synthesise


@dataclass(frozen=True)
class EditSettings:
    """Q, alpha and lambda of eq 8 and 9, and the search of their start
    (:func:`~editable_deepsc.editing.inversion.invert`); steps of eq 11.
    """

    iterations: int = 110
    rate: float = 0.25
    perceptual_weight: float = 0.1
    starts: int = 3
    trial: int = 10
    noise: float = 0.5
    max_steps: int = 24
    step_size: float = 0.5


@dataclass(frozen=True)
class Editor:
    """The networks an editor owns. ``fields`` decide whose editor it is: JECC's (Editable-DeepSC)
    or Talk-to-Edit's.
    """

    generator: Generator
    predictor: AttributePredictor
    fields: SemanticFields
    text_encoder: TextEncoder
    perceptual: DistanceTo
    settings: EditSettings = EditSettings()
    checkpoint: Path | None = (
        None  # of the inversion, see :func:`~editable_deepsc.editing.inversion.invert`
    )

    def invert(self, images: Tensor, rng: torch.Generator, progress: str | None = None) -> Tensor:
        """s = E_img(x): images [N, 3, R, R] in [-1, 1] -> latents [N, k] (eq 1)."""
        s = self.settings
        return invert(
            images,
            self.generator,
            self.perceptual,
            rng=rng,
            iterations=s.iterations,
            rate=s.rate,
            perceptual_weight=s.perceptual_weight,
            starts=s.starts,
            trial=s.trial,
            noise=s.noise,
            progress=progress,
            checkpoint=self.checkpoint,
        )[s.iterations]

    def match(
        self, latents: Tensor, images: Tensor, sentences: Sequence[str], iterative: bool = True
    ) -> Matched:
        """Read the sentences (eq 2) and walk the latents to the expected degrees (eq 10, 11).

        The current degrees p are those of ``images`` [N, 3, R, R], the images before the edit. A
        sentence that the text encoder refuses leaves its face as it is (not reached, expected
        degree -1): a wrong guess would be worse.
        """
        read = self.text_encoder.read(list(sentences))
        device = latents.device
        understood = torch.tensor([i is not None for i in read], dtype=torch.bool, device=device)
        attribute, direction, degree = (
            column.to(device) for column in columns([i for i in read if i is not None])
        )
        with torch.inference_mode():
            degrees = torch.cat([self.predictor.degrees(x) for x in images[understood].split(128)])
        matched = match(
            latents[understood],
            degrees,
            attribute,
            direction,
            degree,
            self.generator,
            self.predictor,
            self.fields,
            max_steps=self.settings.max_steps,
            step_size=self.settings.step_size,
            iterative=iterative,
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

    def edit(
        self,
        images: Tensor,
        sentences: Sequence[str],
        rng: torch.Generator,
        progress: str | None = None,
    ) -> Tensor:
        """Images and sentences in, edited images out: [N, 3, R, R] in [-1, 1]."""
        latents = self.invert(images, rng, progress)
        matched = self.match(latents, images, sentences)
        with torch.inference_mode():
            return synthesise(self.generator, matched.latents)
