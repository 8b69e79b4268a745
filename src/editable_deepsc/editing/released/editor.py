"""The editor of Talk-to-Edit's release, with the interface of :class:`..editor.Editor`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from ...data.instructions import Instruction, expected_degree
from ...data.splits import columns
from ...networks.jecc import SemanticFields
from ...networks.predictor import AttributePredictor
from ...networks.published.stylegan2 import Generator as PublishedGenerator
from ...networks.published.talk_to_edit import AttributePredictor as PublishedPredictor
from ...networks.published.talk_to_edit import SemanticFields as PublishedFields
from ...networks.stylegan2 import Generator
from ...networks.text_encoder import TextEncoder
from ..finished import FinishedBatches
from ..inversion import DistanceTo
from ..matching import Matched
from ..memory import affordable_own_generators
from ..stages import stage
from .fitting import FittingRecipe, draw_noise, fit_generators
from .space import Fitted, Space
from .walk import Walker


@dataclass(frozen=True)
class ReleasedSettings:
    """How the release inverts and edits. ``max_steps`` 100: at one degree before a walk is given
    up. ``batch`` images have their generators in memory at once; None: what memory allows.
    """

    fitting: FittingRecipe
    max_steps: int
    batch: int | None = None

    @classmethod
    def of(cls, section: dict[str, Any]) -> ReleasedSettings:
        """From one flat map, such as ``talk2edit.released`` of the config."""
        names = {field.name for field in fields(FittingRecipe)}
        fitting = {key: value for key, value in section.items() if key in names}
        others = {key: value for key, value in section.items() if key not in names}
        return cls(FittingRecipe(**fitting), **others)


@dataclass(frozen=True)
class ReleasedEditor:
    """Talk-to-Edit as released; all networks on one device.

    ``perceptual`` is LPIPS to a target (the release's is on VGG). With ``checkpoint`` a killed
    :meth:`edit` continues after its last finished batch.
    """

    generator: Generator | PublishedGenerator
    predictor: AttributePredictor | PublishedPredictor
    fields: SemanticFields | PublishedFields
    text_encoder: TextEncoder
    perceptual: DistanceTo
    settings: ReleasedSettings
    checkpoint: Path | None = None

    @property
    def space(self) -> Space:
        return Space(self.generator)

    def batches(self, n: int) -> list[slice]:
        """The rows of ``n`` images that are fitted at once."""
        size = self.settings.batch or affordable_own_generators(self.generator, self.space.device)
        return [slice(first, first + size) for first in range(0, n, size)]

    def degrees(self, images: Tensor) -> Tensor:
        """Current degrees p [N, 5], 0..5, of images [N, 3, R, R], by the predictor."""
        with torch.inference_mode():
            return torch.cat([self.predictor.degrees(x) for x in images.split(128)])

    def invert(self, images: Tensor, rng: torch.Generator, progress: str | None = None) -> Fitted:
        """Images [N, 3, R, R] in [-1, 1] -> w and a generator for each.

        All N generators stay in memory; :meth:`edit` keeps a batch of them at a time.
        """
        with stage("inversion"):
            mean, noise = self._draw(rng)
            total = self.settings.fitting.iterations * len(self.batches(len(images)))
            with tqdm(total=total, desc=progress, disable=progress is None, mininterval=5) as bar:
                parts = [
                    self._fit(images[rows], mean, noise, bar) for rows in self.batches(len(images))
                ]
        if not parts:
            return Fitted(images.new_zeros(0, self.generator.latent), self.space.parameters(0))
        names = parts[0].parameters
        return Fitted(
            torch.cat([part.w for part in parts]),
            {name: torch.cat([part.parameters[name] for part in parts]) for name in names},
        )

    def _draw(self, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """The mean w [k], and the noise [Q, k] on w: all draws of an inversion."""
        mean, distance = self.space.statistics(rng)
        noise = draw_noise(self.settings.fitting, self.generator.latent, rng)
        return mean, distance * noise.to(mean.device)

    def _fit(self, x: Tensor, mean: Tensor, noise: Tensor, bar: tqdm) -> Fitted:
        recipe = self.settings.fitting
        return fit_generators(x, self.space, self.perceptual, recipe, mean, noise, bar)

    def spread(self, fitted: Fitted, seen: Tensor) -> Fitted:
        """Inversions of the images where ``seen`` [N] is true, at their places among all; w is zero
        and the generator untuned elsewhere.
        """
        w = fitted.w.new_zeros(len(seen), fitted.w.shape[1])
        own = self.space.parameters(len(seen))
        w[seen] = fitted.w
        for name, p in own.items():
            p[seen] = fitted.parameters[name]
        return Fitted(w, own)

    def latents(self, fitted: Fitted) -> Tensor:
        """[N, k] of mean square 1, as the rest of the package has them; without the tuning."""
        return self.space.to_latents(fitted.w)

    @torch.no_grad()
    def draw(self, fitted: Fitted) -> Tensor:
        """The inverted images [N, 3, R, R] in [-1, 1], each by its own generator."""
        with stage("generation"):
            drawn = [
                self.space.images(fitted.w[rows], fitted[rows].parameters).clamp(-1, 1)
                for rows in self.batches(len(fitted))
            ]
            side = self.generator.resolution
            return torch.cat([fitted.w.new_zeros(0, 3, side, side), *drawn])

    def match(
        self, fitted: Fitted, sentences: Sequence[str], inverted: Tensor
    ) -> tuple[Matched, Tensor]:
        """Read the sentences and walk each face to its expected degree; its image comes too.

        ``inverted`` [N, 3, R, R]: :meth:`draw`. As released, the current degree is what the
        predictor says of the inverted image, and of the image that the wish before has left. A
        sentence that is refused leaves its face as it is (expected degree -1).
        """
        with stage("editing"):
            return self._walk(fitted, self.text_encoder.read(list(sentences)), inverted)

    @torch.no_grad()
    def _walk(
        self, fitted: Fitted, requests: Sequence[Sequence[Instruction]], inverted: Tensor
    ) -> tuple[Matched, Tensor]:
        """What became of all wishes in their order, and the images."""
        n, device = len(fitted), fitted.w.device
        w, w_plus, images = fitted.w.clone(), self._plus(fitted.w).clone(), inverted.clone()
        reached = torch.zeros(n, dtype=torch.bool, device=device)
        steps, expected = torch.zeros(n, device=device).long(), torch.full((n,), -1, device=device)
        walker = Walker(self.space, self.predictor, self.fields, self.settings.max_steps)
        for turn in range(max(map(len, requests), default=0)):
            asked = [i for i, wishes in enumerate(requests) if len(wishes) > turn]
            rows = torch.tensor(asked, device=device)
            own = fitted.parameters if len(asked) == n else fitted[rows].parameters
            at, wishes = Fitted(w[rows], own), [requests[i][turn] for i in asked]
            attribute = columns(wishes)[0].to(device)
            start = walker.see(images[rows], attribute)
            wishes = [wish.settled(p) for wish, p in zip(wishes, start.degree.tolist())]
            _, direction, degree = (column.to(device) for column in columns(wishes))
            target = expected_degree(start.degree, direction, degree)
            walked = walker.walk(at, w_plus[rows], attribute, start, target)
            w[rows], w_plus[rows], images[rows] = walked.w, walked.w_plus, walked.images
            reached[rows] = (walked.degree == target) & (reached[rows] | (turn == 0))
            steps[rows] += walked.steps
            expected[rows] = target
        return Matched(self.space.to_latents(w), reached, steps, expected), images

    def _plus(self, w: Tensor) -> Tensor:
        return w[:, None].expand(-1, self.generator.layers, -1)

    def edit(
        self,
        images: Tensor,
        sentences: Sequence[str],
        rng: torch.Generator,
        latents: Fitted | None = None,
    ) -> Tensor:
        """Images and sentences in, edited images out: [N, 3, R, R] in [-1, 1].

        ``latents``: the images' inversion, where it is known already.
        """
        return self.edited(images, sentences, rng, latents)["images"]

    def edited(
        self,
        images: Tensor,
        sentences: Sequence[str],
        rng: torch.Generator,
        latents: Fitted | None = None,
        progress: str | None = None,
    ) -> dict[str, Tensor]:
        """``images`` and ``inverted`` [N, 3, R, R] in [-1, 1], and what :class:`Matched` has, batch
        after batch: ``latents``, ``reached``, ``steps``, ``expected``.
        """
        keys = ("images", "inverted", "latents", "reached", "steps", "expected")
        finished = FinishedBatches(keys, self.checkpoint, images, rng)
        with stage("inversion"):
            mean, noise = self._draw(rng)
        batches = [rows for rows in self.batches(len(images)) if rows.start >= len(finished)]
        total = self.settings.fitting.iterations * len(batches)
        with tqdm(total=total, desc=progress, disable=progress is None, mininterval=5) as bar:
            for rows in batches:
                with stage("inversion"):
                    if latents is None:
                        own = self._fit(images[rows], mean, noise, bar)
                    else:
                        own = latents[rows]
                inverted = self.draw(own)
                matched, drawn = self.match(own, sentences[rows], inverted)
                done = vars(matched) | {"images": drawn, "inverted": inverted}
                finished.add({key: done[key] for key in keys})
        shape = (0, *images.shape[1:])
        nothing = {"images": images.new_zeros(shape), "inverted": images.new_zeros(shape)}
        for key in ("reached", "steps", "expected"):
            nothing[key] = torch.zeros(0, dtype=torch.bool if key == "reached" else torch.long)
        nothing["latents"] = images.new_zeros(0, self.generator.latent)
        return {key: finished.of(key, nothing[key]) for key in keys}
