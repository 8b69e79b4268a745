"""Closed-form adapters against what they minimise, and against every other pair."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from editable_deepsc.training import linear_adapters
from editable_deepsc.training.linear_adapters import closed_form, moments, powers, spreading

K = 8


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def latents(n: int, seed: int, shift: float = 0.0) -> Tensor:
    """Gaussian latents of very different variances in random directions."""
    mixing = torch.randn(K, K, generator=rng(7)) * torch.logspace(0, -2, K)
    return torch.randn(n, K, generator=rng(seed)) @ mixing.T + shift


def error(spectrum: Tensor, p: Tensor, variance: float) -> float:
    """Mean square error that the LMMSE receiver is left with."""
    return float((spectrum * variance / (p + variance)).sum())


@pytest.mark.parametrize("variance", [0.01, 0.3, 1.0, 4.0, 100.0])
def test_no_other_share_of_the_power_leaves_a_smaller_error(variance):
    spectrum = torch.tensor([2.0, 0.001, 0.5, 0.1, 1.0, 0.05, 0.3, 0.7], dtype=torch.double)
    p = powers(spectrum, variance)
    assert (p >= 0).all() and float(p.sum()) == pytest.approx(K)
    best = error(spectrum, p, variance)
    for seed in range(200):
        other = p * torch.exp(0.3 * torch.randn(K, generator=rng(seed), dtype=torch.double))
        other += 0.05 * torch.rand(K, generator=rng(seed), dtype=torch.double)
        assert error(spectrum, other * K / other.sum(), variance) >= best - 1e-12


def test_weak_modes_get_nothing_in_much_noise_and_all_get_something_in_little():
    spectrum = torch.tensor([1.0, 0.01], dtype=torch.double)
    assert powers(spectrum, 10.0).tolist() == [2.0, 0.0]
    assert (powers(spectrum, 1e-4) > 0).all()


def test_moments_are_those_of_the_mixture():
    prior, faces = latents(4000, 1), latents(50, 2, shift=1.0)
    mean, covariance = moments(prior, faces)
    mixture = torch.cat([prior, faces.repeat(80, 1)])
    torch.testing.assert_close(mean, mixture.mean(0), atol=1e-5, rtol=1e-4)
    whole = torch.cov(mixture.T, correction=0)
    expected = 0.9 * whole + 0.1 * whole.trace() / K * torch.eye(K)
    torch.testing.assert_close(covariance, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("snr_db", [-6.0, 6.0, 18.0])
def test_power_one_is_sent_and_the_receiver_is_the_linear_estimate(snr_db, monkeypatch):
    monkeypatch.setattr(linear_adapters, "SHRINKAGE", 0.0)
    prior, faces = latents(20_000, 1), latents(20_000, 2)
    adapters, variance = closed_form(prior, faces, snr_db), 10 ** (-snr_db / 10)
    with torch.no_grad():
        sent = adapters.transmit(faces)
        assert float(sent.square().mean()) == pytest.approx(1, abs=0.03)
        assert float(sent.mean(0).abs().max()) < 0.02  # no power for the mean
        per_dimension = sent.square().mean(0)
        assert float(per_dimension.max() / per_dimension.min()) < 1.2
        noisy = sent + math.sqrt(variance) * torch.randn(sent.shape, generator=rng(3))
        # as `receive` does, without the normalisation of single rows
        estimate = adapters.decoder(noisy / math.sqrt(1 + variance))
    # the best affine map of these very numbers, by least squares
    design = torch.cat([noisy, torch.ones(len(noisy), 1)], 1)
    best = design @ torch.linalg.lstsq(design, faces).solution
    ours, least = ((x - faces).square().mean() for x in (estimate, best))
    assert float(ours) < 1.03 * float(least)


@pytest.mark.parametrize("k", [8, 12, 128])
def test_the_spreading_is_orthogonal_and_even(k):
    matrix = spreading(k)
    torch.testing.assert_close(matrix @ matrix.T, torch.eye(k, dtype=torch.double))
    assert float(matrix.abs().max()) <= math.sqrt(2 / k) + 1e-12


def test_at_every_snr_it_is_better_than_sending_the_latents_as_they_are():
    few, k = latents(64, 2), K
    for snr_db in (-6.0, 0.0, 6.0):
        adapters, variance = closed_form(latents(4000, 1), few, snr_db), 10 ** (-snr_db / 10)
        noise = math.sqrt(variance) * torch.randn(64, k, generator=rng(5))
        plain = few / few.square().mean().sqrt()
        with torch.no_grad():
            sent = adapters.transmit(few)
            ours = adapters.decoder((sent + noise) / math.sqrt(1 + variance))
        theirs = (plain + noise) / (1 + variance) * few.square().mean().sqrt()
        assert (ours - few).square().mean() < (theirs - few).square().mean()
