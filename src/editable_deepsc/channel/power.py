"""The power constraint (eq 4): (1/k) sum |z_i|^2 <= P for every transmitted vector, with P = 1."""

from __future__ import annotations

import torch
from torch import Tensor

EPSILON = 1e-8
ORDINARY = 1e-3, 1e8  # mean squares that neither vanish beside EPSILON nor overflow


def mean_power(x: Tensor) -> Tensor:
    """Mean square [N] of each row of ``x`` [N, k]: the power per real dimension of each vector."""
    return x.square().mean(dim=1)


def normalise_power(x: Tensor) -> Tensor:
    """Scale each row of ``x`` [N, k] to mean square 1 (eq 4 with equality, P = 1). Differentiable.

    A row of zeros has no direction to scale and stays zero, which eq 4 allows.
    """
    # Very small and very large rows are divided by their peak first. The result does not depend on
    # the peak, so leaving it out of the gradient is exact.
    rows = x.detach()
    peak, power = rows.abs().amax(dim=1, keepdim=True), mean_power(rows).unsqueeze(1)
    as_it_is = (peak == 0) | ((power >= ORDINARY[0]) & (power <= ORDINARY[1]))
    unit = x / torch.where(as_it_is, 1, peak)
    return unit * torch.rsqrt(mean_power(unit).unsqueeze(1) + EPSILON)
