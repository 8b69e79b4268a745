"""The estimate of surviving information, on cases whose answer is known in closed form or by
quadrature.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.special import ndtr

from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.pixels import to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.evaluation.measure.information import (
    Eyes,
    _densities,
    _weights_from_others,
    counted_factors,
    face_targets,
    fit_reader,
    infonce_bits,
    surviving_bits,
    train_reader,
)
from editable_deepsc.evaluation.measure.statistics import bootstrap_interval
from editable_deepsc.networks.weights import load_bundled

FACTORS = 12


def nothing_lost(x):
    return torch.zeros(x.shape[:2], dtype=torch.bool)


def noisy(n: int, sigma: float, seeds: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    rng = seeded(0, "noisy", n)
    y = torch.rand(n, FACTORS, generator=rng)
    return y + sigma * torch.randn(seeds, n, FACTORS, generator=rng), y


def information_of(sigma: float) -> float:
    """I(Y; Y + sigma N) in bits, Y uniform on [0, 1]: h(Y + sigma N) - h(sigma N)."""

    def density(x):
        return ndtr(x / sigma) - ndtr((x - 1) / sigma)

    entropy = quad(
        lambda x: -density(x) * math.log2(max(density(x), 1e-300)),
        -8 * sigma,
        1 + 8 * sigma,
        limit=400,
    )[0]
    return entropy - 0.5 * math.log2(2 * math.pi * math.e * sigma**2)


@pytest.mark.parametrize("sigma", [0.05, 0.15, 0.5])
def test_uniform_in_gaussian_noise(sigma):
    """The posterior is nearly in our family: at most 15 % or 0.03 bits per factor are lost, and the
    truth is not exceeded.
    """
    x, y = noisy(200, sigma)
    bits = surviving_bits(x, y, nothing_lost(x)).sum(1).numpy()
    truth = FACTORS * information_of(sigma)
    assert bits.mean() >= truth - max(0.15 * truth, 0.03 * FACTORS)
    assert bootstrap_interval(bits)[0] <= truth


@pytest.mark.parametrize("correlation", [0.5, 0.9])
def test_correlated_gaussians(correlation):
    """Y = Phi(g) is uniform and holds what g holds: I = -1/2 log2(1 - rho^2) per pair. Our
    densities do not fit exactly: a looser bound, but a bound.
    """
    rng = seeded(0, "gaussians")
    g = torch.randn(400, FACTORS, generator=rng)
    seen = correlation * g + math.sqrt(1 - correlation**2) * torch.randn(
        400, FACTORS, generator=rng
    )
    x, y = torch.special.ndtr(seen)[None], torch.special.ndtr(g)
    bits = surviving_bits(x, y, nothing_lost(x)).sum(1).numpy()
    truth = -FACTORS / 2 * math.log2(1 - correlation**2)
    assert bootstrap_interval(bits)[0] <= truth
    assert bits.mean() >= 0.75 * truth


@pytest.mark.parametrize("n", [24, 48, 200])
def test_of_independent_pairs_nothing_is_read(n):
    _, y = noisy(n, 1.0)
    x = torch.rand(1, n, FACTORS, generator=seeded(0, "other"))
    bits = surviving_bits(x, y, nothing_lost(x)).sum(1)
    assert abs(float(bits.mean())) < 0.05 * FACTORS
    assert (
        float(infonce_bits(x, y, nothing_lost(x), torch.ones_like(y), 255, seeded(0)).mean())
        < 0.05 * FACTORS
    )


def test_more_noise_leaves_less():
    means = [
        float(surviving_bits(x, y, nothing_lost(x)).sum(1).mean())
        for x, y in (noisy(48, s) for s in (0.03, 0.1, 0.3, 1.0))
    ]
    assert all(a > b + 1 for a, b in zip(means[:3], means[1:])), means


def test_a_bias_or_a_scale_of_the_reader_costs_little():
    x, y = noisy(100, 0.1)
    straight, bent = (
        float(surviving_bits(p, y, nothing_lost(p)).sum(1).mean())
        for p in (x, 0.45 + 1.3 * (x - 0.5))
    )
    assert bent > 0.9 * straight


def test_a_face_has_no_part_in_its_own_density():
    """Another truth of face 0 changes what all others are weighed by, and leaves its own weights as
    they were.
    """
    x, y = noisy(24, 0.1)
    other = y.clone()
    other[0] = 1 - y[0]
    before, after = (
        _weights_from_others(_densities(x, t).log(), nothing_lost(x)) for t in (y, other)
    )
    assert torch.allclose(before[:, 0], after[:, 0], atol=1e-9)
    assert not torch.allclose(before[:, 1:], after[:, 1:], atol=1e-2)


def test_an_outage_carries_nothing_and_spoils_nothing():
    x, y = noisy(40, 0.1, seeds=2)
    lost = nothing_lost(x)
    lost[:, 20:] = True
    x[:, 20:] = 0.0
    bits = surviving_bits(x, y, lost)
    assert (bits[20:] == 0).all()
    assert float(bits[:20].sum(1).mean()) > 0.7 * FACTORS * information_of(0.1)
    lost[:] = True
    assert (surviving_bits(x, y, lost) == 0).all() and (
        infonce_bits(x, y, lost, torch.ones_like(y), 63, seeded(0)) == 0
    ).all()


def test_infonce_is_a_bound_that_saturates_and_tends_to_the_other():
    x, y = noisy(60, 0.3)
    all_of_them = torch.ones_like(y)
    full = float(surviving_bits(x, y, nothing_lost(x)).sum(1).mean())
    few, many = (
        float(infonce_bits(x, y, nothing_lost(x), all_of_them, n, seeded(0)).mean())
        for n in (15, 16383)
    )
    assert few <= 4 and few < many <= 14
    assert abs(many - full) < 0.1 * full
    clear, y = noisy(60, 0.03)
    assert (
        math.log2(64) - 0.1
        < float(infonce_bits(clear, y, nothing_lost(clear), all_of_them, 63, seeded(0)).mean())
        <= 6
    )


def test_the_reader_finds_a_linear_map():
    rng = seeded(0, "linear")
    y = torch.rand(300, 5, generator=rng)
    features = y @ torch.randn(5, 400, generator=rng) + 0.1 * torch.randn(300, 400, generator=rng)
    reader = fit_reader(features[:200], y[:200], ridge=0.01)
    assert float((reader(features[200:]) - y[200:]).square().mean().sqrt()) < 0.05
    with pytest.raises(ValueError, match="one row for each face"):
        fit_reader(features, y[:10], ridge=1.0)


def test_faces_blurred_pictures_and_strangers():
    """On rendered faces: a picture tells much, a blurred one less, another face's picture
    nothing.
    """
    eyes = Eyes(*(load_bundled(name) for name in ("fidelity", "evaluator", "recogniser")))
    reader = train_reader(eyes, 120, 64, "photo", 1.0, 0, "test")
    faces = sample_faces(24, seeded(0, "information test"))
    y, clean = face_targets(faces.factors, faces.degrees), render(faces, 64)
    blurred = torch.nn.functional.interpolate(
        torch.nn.functional.avg_pool2d(clean, 8), scale_factor=8.0
    )
    read = {
        name: reader(eyes(to_uint8(x)))[None]
        for name, x in (
            ("clean", clean.clone()),
            ("blurred", blurred),
            ("strangers", clean.roll(1, 0)),
        )
    }
    bits = {
        name: float(surviving_bits(x, y, nothing_lost(x)).sum(1).mean()) for name, x in read.items()
    }
    assert bits["clean"] > bits["blurred"] + 3 and bits["blurred"] > bits["strangers"] + 3
    assert bits["strangers"] < 1.0


def test_the_edited_attribute_does_not_count():
    counted = counted_factors(torch.tensor([0, 4]))
    assert counted.sum(1).tolist() == [38, 38] and counted[0, 34] == 0 and counted[1, 38] == 0


def test_what_does_not_belong_together_is_said():
    x, y = noisy(10, 0.1)
    with pytest.raises(ValueError, match="do not belong together"):
        surviving_bits(x, y[:9], nothing_lost(x))
    with pytest.raises(ValueError, match="at least 4"):
        surviving_bits(x[:, :3], y[:3], nothing_lost(x)[:, :3])
    with pytest.raises(ValueError, match="'bundled'"):
        Eyes(torch.nn.Linear(1, 1), torch.nn.Linear(1, 1), torch.nn.Linear(1, 1))
    assert np.isfinite(surviving_bits(x * 100, y, nothing_lost(x)).numpy()).all()
