"""Latents by lot to train at: those of the prior, and those a little beside known ones, so that
what is trained there also holds where inversion ends up.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..networks.stylegan2 import Generator, rms_normalise


def prior_latents(n: int, generator: Generator, rng: torch.Generator) -> Tensor:
    """M(z) [n, k] of faces by lot, on the generator's device. z is drawn on the CPU."""
    device = next(generator.parameters()).device
    return generator.mapping(torch.randn(n, generator.latent, generator=rng).to(device))


def jittered(latents: Tensor, deviation: Tensor, rng: torch.Generator) -> Tensor:
    """Unit-power latents [N, k] with Gaussian noise of ``deviation`` [N, 1] per component, back on
    their sphere. Drawn on the CPU.
    """
    return rms_normalise(
        latents + (deviation * torch.randn(latents.shape, generator=rng)).to(latents.device)
    )
