from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch import nn
from torch_fidelity.metric_kid import kernel_mmd

from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.evaluation.measure.fid_kid import (
    KERNEL,
    features_of,
    fid,
    kid,
    paired_fid_kid,
)
from editable_deepsc.networks.perceptual import FidelityFeatures


@pytest.fixture(scope="module")
def faces() -> torch.Tensor:
    """160 uint8 faces of 32 pixels."""
    return to_uint8(render(sample_faces(160, torch.Generator().manual_seed(1)), 32))


class ChannelMeans(nn.Module):
    """Features that a test can compute by hand: the mean of every colour."""

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(3))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean((2, 3)) * self.gain


def gaussian_images(n: int, mean: list[float], spread: float, seed: int) -> torch.Tensor:
    """Plain uint8 images whose colours are Gaussian."""
    generator = torch.Generator().manual_seed(seed)
    colours = torch.tensor(mean) + spread * torch.randn(n, 3, generator=generator)
    return (
        colours.round()
        .clamp(0, 255)
        .to(torch.uint8)[:, :, None, None]
        .expand(-1, -1, 16, 16)
        .contiguous()
    )


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Closed form of the Fréchet distance of two Gaussians (Dowson and Landau 1982), with scipy's
    matrix square root.
    """
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca + cb - 2 * sqrtm(ca @ cb).real))


# --- networks
# --------------------------------------------------------------------------------------


def test_fid_of_two_gaussians_is_the_closed_form():
    a = gaussian_images(300, [100.0, 120.0, 140.0], 12.0, seed=1)
    b = gaussian_images(250, [110.0, 120.0, 150.0], 20.0, seed=2)
    found = fid(*(features_of(ChannelMeans(), x) for x in (a, b)))
    features = [from_uint8(x).double().mean((2, 3)).numpy() for x in (a, b)]
    assert found == pytest.approx(frechet(*features), rel=1e-5)
    # and, up to sampling error, of the distributions that the samples came from
    exact = (10**2 + 10**2 + 3 * (20 - 12) ** 2) / 127.5**2
    assert found == pytest.approx(exact, rel=0.2)


def test_fid_through_our_features_is_the_closed_form(faces):
    torch.manual_seed(0)
    network = FidelityFeatures(n_out=1)
    noisy = (faces.float() + 40 * torch.randn(faces.shape)).clamp(0, 255).to(torch.uint8)
    seen = [features_of(network, x) for x in (faces, noisy)]
    with torch.no_grad():
        features = [network(from_uint8(x)).double().numpy() for x in (faces, noisy)]
    assert fid(*seen) == pytest.approx(frechet(*features), rel=1e-3)
    assert kid(*seen) > 0 and paired_fid_kid(*seen, 5, 100, seed=0)[1] > 0


def test_kid_is_that_of_torch_fidelity_where_the_sets_are_of_one_size(faces):
    a, b = torch.rand(30, 8, dtype=torch.double), 1.2 * torch.rand(30, 8, dtype=torch.double)
    assert kid(a, b) == pytest.approx(kernel_mmd(a.numpy(), b.numpy(), **KERNEL), rel=1e-9)
    assert kid(a, b) == pytest.approx(paired_fid_kid(a, b, 1, 30, 0)[1], rel=1e-9)
    # and of unequal sizes by its definition, pair by pair
    c = b[:7]

    def kernel(x, y):
        return float((x @ y / 8 + 1) ** 3)

    own = [
        np.mean([kernel(x[i], x[j]) for i in range(len(x)) for j in range(len(x)) if i != j])
        for x in (a, c)
    ]
    across = np.mean([kernel(x, y) for x in a for y in c])
    assert kid(a, c) == pytest.approx(sum(own) - 2 * across, rel=1e-9)


def test_kid_of_two_sets_of_one_distribution_is_0_on_average():
    generator = torch.Generator().manual_seed(0)
    found = [
        kid(*(torch.rand(n, 4, generator=generator, dtype=torch.double) for n in (12, 60)))
        for _ in range(400)
    ]
    assert abs(np.mean(found)) < 3 * np.std(found) / 20 and min(found) < 0 < max(found)


def test_the_paired_form_is_of_the_faces_themselves(faces):
    seen = features_of(FidelityFeatures(1), faces)
    found = paired_fid_kid(seen, seen, 3, len(faces), 0)
    assert abs(found[0]) < 1e-4
    assert found[1] < 0  # the unbiased estimator leaves the diagonal out


def test_fid_kid_depend_on_nothing_but_their_arguments(faces):
    network = FidelityFeatures(1)
    half = len(faces) // 2

    def measure(seed: int, batch_size: int) -> tuple[float, float]:
        halves = (features_of(network, x, batch_size) for x in (faces[:half], faces[half:]))
        return paired_fid_kid(*halves, 4, 40, seed)

    first = measure(3, 64)
    torch.rand(5)
    assert measure(3, 64) == first
    assert measure(3, 7) == pytest.approx(first, rel=1e-3)
    assert measure(4, 64)[0] == first[0] and measure(4, 64)[1] != first[1]
    assert all(p.requires_grad for p in network.parameters()) and network.training  # left as it was


@pytest.mark.parametrize("size", [1, 11])
def test_kid_subset_must_fit(size):
    with pytest.raises(ValueError, match=f"kid_subset_size is {size}.*10 and 20"):
        paired_fid_kid(torch.rand(10, 3).double(), torch.rand(20, 3).double(), 2, size, seed=0)


def test_one_image_is_no_set():
    with pytest.raises(ValueError, match="not 1 and 20"):
        kid(torch.rand(1, 3).double(), torch.rand(20, 3).double())


def test_features_are_of_bytes_only(faces):
    with pytest.raises(ValueError, match="uint8"):
        features_of(FidelityFeatures(1), faces[:10].float())
