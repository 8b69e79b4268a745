"""The physical channel z_hat = h z + n (eq 6), here with h = 1: additive white Gaussian noise. For
other h see ``fading``.

SNR in dB is 10 log10(P / sigma^2), with P = 1 the power and sigma^2 the noise variance, both per
real dimension. A complex symbol is two real dimensions, so its Es/N0 is the same number.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .power import mean_power

# An SNR in dB: one for all rows, or one per row [N].
Levels = float | Tensor

# Rounding in a transmitter's own normalisation is not a breach of eq 4.
POWER_TOLERANCE = 1e-3


def snr_to_noise_variance(snr_db: float) -> float:
    """Noise variance sigma^2 per real dimension for P = 1; 0 for ``snr_db`` = inf."""
    if math.isnan(snr_db) or snr_db == -math.inf:
        raise ValueError(f"SNR must be a number of dB above -inf, not {snr_db}")
    return 10 ** (-snr_db / 10)


def awgn(symbols: Tensor, snr_db: float, generator: torch.Generator) -> Tensor:
    """Received symbols [N, k] = ``symbols`` [N, k] + n, n i.i.d. Gaussian (eq 6, h = 1).

    The noise is drawn on the generator's device, so that a CPU generator gives the same channel to
    a transmitter on any device. Raises ValueError where a row breaks the power constraint (eq 4).
    """
    power = mean_power(symbols)
    # Written as "not <=" so that NaN and infinite symbols are caught too.
    if not bool((power <= 1 + POWER_TOLERANCE).all()):
        raise ValueError(
            (
                "transmitted vectors must have mean square at most 1 (eq 4), the largest here "
                f"is {power.max().item():.4f}"
            )
        )
    noise = torch.randn(
        symbols.shape, generator=generator, device=generator.device, dtype=symbols.dtype
    )
    return symbols + math.sqrt(snr_to_noise_variance(snr_db)) * noise.to(symbols.device)


def add_noise(symbols: Tensor, snr_db: Tensor, generator: torch.Generator) -> Tensor:
    """The same channel inside a training step: symbols [N, k], an SNR for every row [N];
    differentiable.
    """
    deviation = 10 ** (-snr_db / 20)
    noise = torch.randn(symbols.shape, generator=generator, device=generator.device)
    return symbols + deviation[:, None].to(symbols.device) * noise.to(symbols.device)
