"""The best affine adapters for one SNR, in closed form.

Of latents of mean m and covariance C the transmitter sends E (s - m), of mean power 1, and the
receiver estimates m + C E' (E C E' + sigma^2 I)^-1 z_hat, the linear estimate of least mean square
error (LMMSE). With l_i the eigenvalues of C, the best E gives its i-th eigenvector the power

    p_i = max(0, sqrt(l_i sigma^2 / mu) - sigma^2),  sum p_i = k

(Lagrangian of the error sum l_i sigma^2 / (p_i + sigma^2) under the power), and an orthogonal
matrix of equal entries after it spreads this power evenly over the k dimensions, which costs
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from scipy.fft import dct
from scipy.linalg import hadamard
from torch import Tensor, nn

from ..channel.noise import snr_to_noise_variance
from ..networks.conditioned import ConditionedAdapters
from ..networks.jecc import ChannelAdapters

SHRINKAGE = 0.1  # of the covariance to a multiple of I: few faces, many dimensions


def moments(prior: Tensor, faces: Tensor) -> tuple[Tensor, Tensor]:
    """Mean [k] and covariance [k, k] of latents, of which one half are samples ``prior`` [P, k] and
    the other inverted ``faces`` [M, k]; the covariance is shrunk.
    """
    m_p, m_f = prior.mean(0), faces.mean(0)
    apart = (m_p - m_f)[:, None] / 2
    covariance = apart @ apart.T
    for latents, mean in ((prior, m_p), (faces, m_f)):
        covariance += (latents - mean).T @ (latents - mean) / (2 * len(latents))
    k = len(m_p)
    spread = covariance.trace() / k * torch.eye(k, dtype=prior.dtype)
    return (m_p + m_f) / 2, (1 - SHRINKAGE) * covariance + SHRINKAGE * spread


def powers(spectrum: Tensor, variance: float) -> Tensor:
    """p_i [k] above, of mean 1, for eigenvalues l_i [k] and noise of ``variance`` sigma^2."""
    roots, order = spectrum.clamp_min(0).sqrt().sort(descending=True)
    k = len(roots)
    used = torch.arange(1, k + 1, dtype=roots.dtype)
    # With the n strongest modes in use: sqrt(sigma^2 / mu) = (k + n sigma^2) / sum of their roots.
    level = (k + used * variance) / roots.cumsum(0)
    n = int((roots * level > variance).sum())  # true for the strongest, then false
    p = torch.zeros_like(roots)
    p[:n] = roots[:n] * level[n - 1] - variance
    return torch.empty_like(p).scatter_(0, order, p)


def spreading(k: int) -> Tensor:
    """An orthogonal matrix [k, k] of entries alike: Hadamard's where k is a power of 2 (all
    +-1/sqrt(k)), else the discrete cosine transform's.
    """
    if k & (k - 1) == 0:
        return torch.from_numpy(hadamard(k) / math.sqrt(k))
    return torch.from_numpy(dct(np.eye(k), axis=0, norm="ortho"))


def mode_gains(spectrum: Tensor, variance: float) -> tuple[Tensor, Tensor]:
    """Gains [k] of the modes before the channel, sqrt(p_i / l_i), and after it."""
    p = powers(spectrum, variance)
    send = (p / spectrum.clamp_min(1e-12)).sqrt()
    return send, (p * spectrum.clamp_min(0)).sqrt() / (p + variance)


@torch.no_grad()
def closed_form(prior: Tensor, faces: Tensor, snr_db: float) -> ChannelAdapters:
    """Affine adapters for ``snr_db`` from latents ``prior`` [P, k] and ``faces`` [M, k], the rest
    of their layers untrained; on the CPU.
    """
    k, variance = prior.shape[1], snr_to_noise_variance(snr_db)
    m, covariance = moments(prior.double(), faces.double())
    spectrum, modes = torch.linalg.eigh(covariance)
    before, after = mode_gains(spectrum, variance)
    spread = spreading(k)
    send = spread @ (before[:, None] * modes.T)  # E
    estimate = modes @ (after[:, None] * spread.T)  # C E' (E C E' + sigma^2 I)^-1
    adapters = ChannelAdapters(k, affine=True)
    # The receiver's adapter sees what came at mean square 1 instead of 1 + sigma^2.
    receive = estimate * math.sqrt(1 + variance)
    for adapter, weight, bias in (
        (adapters.encoder, send, -send @ m),
        (adapters.decoder, receive, m),
    ):
        assert isinstance(adapter.skip, nn.Linear)
        adapter.skip.weight.copy_(weight)
        adapter.skip.bias.copy_(bias)
    return adapters


@torch.no_grad()
def conditioned_closed_form(
    prior: Tensor, faces: Tensor, knots: Sequence[float]
) -> ConditionedAdapters:
    """The pairs of :func:`closed_form` at all ``knots`` (dB) in one: the modes are the same at
    every SNR, and the gains are those of each.
    """
    k = prior.shape[1]
    m, covariance = moments(prior.double(), faces.double())
    spectrum, modes = torch.linalg.eigh(covariance)
    spread, adapters = spreading(k), ConditionedAdapters(knots, k)
    encoder, decoder = adapters.encoder, adapters.decoder
    for layer, weight, bias in (
        (encoder.before, modes.T, -modes.T @ m),
        (encoder.after, spread, torch.zeros(k)),
        (decoder.before, spread.T, torch.zeros(k)),
        (decoder.after, modes, m),
    ):
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    for row, snr_db in enumerate(knots):
        variance = snr_to_noise_variance(snr_db)
        before, after = mode_gains(spectrum, variance)
        encoder.gains[row] = before
        decoder.gains[row] = after * math.sqrt(1 + variance)
    return adapters
