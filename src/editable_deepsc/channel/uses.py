"""Real dimensions and complex channel uses: dimensions 2i and 2i + 1 of a wire are the I and Q of
complex use i.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def complex_uses(wire: Tensor) -> Tensor:
    """Real [N, k] -> complex64 [N, ceil(k / 2)]; where k is odd, the last imaginary part is 0."""
    if wire.shape[1] % 2:
        wire = F.pad(wire, (0, 1))
    return torch.view_as_complex(wire.float().unflatten(1, (-1, 2)).contiguous())


def real_dimensions(uses: Tensor, k: int) -> Tensor:
    """Complex [N, ceil(k / 2)] -> real [N, k]."""
    return torch.view_as_real(uses).flatten(1)[:, :k]
