from __future__ import annotations

import math

import pytest
import torch

from editable_deepsc.channel.noise import awgn, snr_to_noise_variance
from editable_deepsc.channel.power import normalise_power


def symbols(n: int, k: int) -> torch.Tensor:
    return normalise_power(torch.randn(n, k, generator=torch.Generator().manual_seed(1)))


@pytest.mark.parametrize("snr_db, variance", [(0, 1), (10, 0.1), (-6, 3.981), (math.inf, 0)])
def test_noise_variance_of_an_snr(snr_db, variance):
    assert snr_to_noise_variance(snr_db) == pytest.approx(variance, rel=1e-3)


@pytest.mark.parametrize("snr_db", [-6, 0, 6, 12, 18])
def test_noise_has_the_variance_of_the_snr_per_real_dimension(snr_db):
    z = symbols(40, 5000)
    noise = awgn(z, snr_db, torch.Generator().manual_seed(2)) - z
    count, variance = noise.numel(), snr_to_noise_variance(snr_db)
    # The mean square of n Gaussians has standard deviation sigma^2 sqrt(2 / n); their mean, sigma /
    # sqrt(n).
    assert abs(noise.square().mean().item() - variance) < 4 * variance * math.sqrt(2 / count)
    assert abs(noise.mean().item()) < 4 * math.sqrt(variance / count)
    assert abs((noise * z).mean().item()) < 4 * math.sqrt(variance / count)


def test_noise_is_that_of_the_generator_and_differs_between_rows():
    z = symbols(2, 50)
    first, again = (awgn(z, 0, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal((first - z)[0], (first - z)[1])


def test_infinite_snr_changes_nothing():
    z = symbols(3, 20)
    assert torch.equal(awgn(z, math.inf, torch.Generator()), z)


@pytest.mark.parametrize("bad", [1.01, math.nan, math.inf])
def test_a_row_above_the_power_constraint_is_refused(bad):
    z = symbols(3, 20)
    z[1] *= bad
    with pytest.raises(ValueError, match="mean square at most 1"):
        awgn(z, 10, torch.Generator())


@pytest.mark.parametrize("snr_db", [math.nan, -math.inf])
def test_an_snr_that_is_no_number_is_refused(snr_db):
    with pytest.raises(ValueError, match="SNR must be"):
        snr_to_noise_variance(snr_db)
