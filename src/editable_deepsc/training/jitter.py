"""Latents a little beside those that are known, so that what is trained there also holds where
inversion ends up.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..networks.stylegan2 import rms_normalise


def jittered(latents: Tensor, deviation: Tensor, rng: torch.Generator) -> Tensor:
    """Unit-power latents [N, k] with Gaussian noise of ``deviation`` [N, 1] per component, back on
    their sphere. Drawn on the CPU.
    """
    return rms_normalise(
        latents + (deviation * torch.randn(latents.shape, generator=rng)).to(latents.device)
    )
