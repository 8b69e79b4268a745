"""The power constraint (eq 4): (1/k) sum |z_i|^2 <= P for every transmitted vector, with P = 1."""

from __future__ import annotations

from torch import Tensor


def mean_power(x: Tensor) -> Tensor:
    """Mean square [N] of each row of ``x`` [N, k]: the power per real dimension of each vector."""
    return x.square().mean(dim=1)


def normalise_power(x: Tensor) -> Tensor:
    """Scale each row of ``x`` [N, k] to mean square 1 (eq 4 with equality, P = 1). Differentiable.

    A row of zeros has no direction to scale and stays zero, which eq 4 allows.
    """
    # Dividing by the peak first keeps the squares of very small and very large rows finite. The
    # result does not depend on the peak, so leaving it out of the gradient is exact.
    peak = x.detach().abs().amax(dim=1, keepdim=True)
    zero = peak == 0
    unit = x / peak.masked_fill(zero, 1)
    return unit / mean_power(unit).unsqueeze(1).masked_fill(zero, 1).sqrt()
