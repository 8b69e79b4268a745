"""W as Talk-to-Edit's released code uses it, for either kind of generator, and images by a
generator of each image's own.

A published generator's W is free. The embedded one's is the sphere on which its mapping ends: there
every w is brought to mean square 1 before it is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ...networks.jecc import SemanticFields
from ...networks.published.stylegan2 import Generator as PublishedGenerator
from ...networks.published.talk_to_edit import SemanticFields as PublishedFields
from ...networks.stylegan2 import Generator, rms_normalise
from ..matching import edit_step

DRAWS = 10_000  # of W, for its mean and its spread
UNTUNED = ("style.", "mapping.")  # no gradient reaches z -> w


@dataclass(frozen=True)
class Fitted:
    """Inverted images: w [N, k], and of each image the parameters [N, ...] of its own generator, by
    name.
    """

    w: Tensor
    parameters: Mapping[str, Tensor]

    def __len__(self) -> int:
        return len(self.w)

    def __getitem__(self, rows: Any) -> Fitted:
        """Those of ``rows``: a slice, indices or a mask."""
        return Fitted(self.w[rows], {name: p[rows] for name, p in self.parameters.items()})


class _Synthesis(nn.Module):
    """W+ of one image, [layers, k], to its image [3, R, R]."""

    def __init__(self, generator: Generator | PublishedGenerator):
        super().__init__()
        self.generator = generator

    def forward(self, w: Tensor) -> Tensor:
        if isinstance(self.generator, Generator):
            return self.generator.synthesis(w[None], layout=torch.contiguous_format)[0]
        return self.generator.synthesis_w(w[None])[0]


@dataclass(frozen=True)
class Space:
    """W of a ``generator``; ``images`` draws with other parameters than its own."""

    generator: Generator | PublishedGenerator

    @property
    def device(self) -> torch.device:
        return next(self.generator.parameters()).device

    @cached_property
    def _synthesis(self) -> _Synthesis:
        return _Synthesis(self.generator)

    @torch.no_grad()
    def statistics(self, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Mean w [k] of random faces, and the root mean square distance from it, one number."""
        z = torch.randn(DRAWS, self.generator.latent, generator=rng).to(self.device)
        embedded = isinstance(self.generator, Generator)
        w = self.generator.mapping(z) if embedded else self.generator.get_submodule("style")(z)
        mean = w.mean(0)
        return mean, (w - mean).square().sum(1).mean().sqrt()

    def parameters(self, n: int) -> dict[str, Tensor]:
        """``n`` copies of what draws an image from w, to be tuned: by name, [n, ...] each."""
        return {
            name: p.detach()[None].repeat(n, *[1] * p.ndim)
            for name, p in self._synthesis.named_parameters()
            if not name.removeprefix("generator.").startswith(UNTUNED)
        }

    def images(self, w: Tensor, parameters: Mapping[str, Tensor]) -> Tensor:
        """w [N, k] or W+ [N, layers, k] and each image's ``parameters`` [N, ...] -> images
        [N, 3, R, R], about [-1, 1]: one pass over the network for all, its convolutions grouped.
        """
        if w.ndim == 2:
            w = w[:, None].expand(-1, self.generator.layers, -1)
        if isinstance(self.generator, Generator):
            w = rms_normalise(w.flatten(0, 1)).unflatten(0, w.shape[:2])

        def one(own: Mapping[str, Tensor], latents: Tensor) -> Tensor:
            return functional_call(self._synthesis, dict(own), (latents,))

        return torch.vmap(one)(dict(parameters), w)

    def to_latents(self, w: Tensor) -> Tensor:
        """w [N, k] -> latents s [N, k] of mean square 1, as the rest of the package has them."""
        if isinstance(self.generator, PublishedGenerator):
            w = self.generator.to_s(w)
        return rms_normalise(w)

    def step(
        self,
        fields: SemanticFields | PublishedFields,
        w: Tensor,
        w_plus: Tensor,
        attribute: Tensor,
        direction: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """A whole step: w [N, k] and W+ [N, layers, k], attribute and direction (-1 or 1) [N] ->
        both moved.

        Published fields move the first layers of W+ only (:meth:`.talk_to_edit.SemanticFields.
        edit`). Fields trained here know latents on the sphere, which move as a whole.
        """
        if isinstance(fields, PublishedFields):
            return fields.edit(w, w_plus, attribute, direction)
        moved = edit_step(fields, self.to_latents(w), attribute, direction)
        if isinstance(self.generator, PublishedGenerator):
            moved = self.generator.to_w(moved)
        return moved, moved[:, None].expand_as(w_plus)
