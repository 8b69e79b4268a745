"""The losses between pictures against closed forms."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from editable_deepsc.training.picture_losses import (
    contrast_loss,
    detail_loss,
    focus_map,
    pyramid_loss,
)


def test_pyramid_loss_is_zero_only_for_equal_images_and_counts_edges():
    a = torch.rand(2, 3, 16, 16)
    assert float(pyramid_loss(a, a)) == 0
    assert float(pyramid_loss(a, a + 0.1)) == pytest.approx(
        4 * 0.1, rel=1e-3
    )  # a shift has no gradients: once a scale
    stripes = 0.1 * (torch.arange(16) % 2).float().mul(2).sub(1).expand_as(
        a
    )  # the finest scale sees them, the others their mean
    assert float(pyramid_loss(a, a + stripes)) == pytest.approx(0.1 + 0.2, rel=1e-3)
    assert float(pyramid_loss(a, a + 0.1, torch.full((16, 16), 3.0))) == pytest.approx(
        3 * 4 * 0.1, rel=1e-3
    )


def test_the_focus_lies_on_the_face():
    weight = focus_map(32, 4.0)
    assert float(weight.max()) == pytest.approx(5, abs=0.01) and float(
        weight[:2].max()
    ) == pytest.approx(1, abs=0.01)
    assert weight.argmax() // 32 in (15, 16, 17) and torch.equal(
        focus_map(8, 0.0), torch.ones(8, 8)
    )


def test_contrast_loss_forgives_a_shifted_texture_and_not_a_blurred_one():
    torch.manual_seed(0)
    texture, ones = torch.randn(2, 3, 32, 32), torch.ones(32, 32)
    shifted, blurred = texture.roll(2, dims=3), nn.functional.avg_pool2d(texture, 3, 1, 1)
    assert float(contrast_loss(texture, texture, ones)) == 0
    assert float(contrast_loss(shifted, texture, ones)) < 0.5 * float(
        contrast_loss(blurred, texture, ones)
    )


def test_detail_loss_asks_for_the_amplitude_of_fine_edges_and_for_nothing_else():
    torch.manual_seed(0)
    noise, ones = torch.randn(2, 3, 32, 32), torch.ones(32, 32)
    assert float(detail_loss(noise, noise, ones)) == 0
    assert float(detail_loss(noise + 0.3, noise, ones)) == pytest.approx(
        0, abs=1e-5
    )  # brightness is no detail
    half = [float(detail_loss(gain * noise, noise, ones)) for gain in (0.5, 1.5)]
    deviation = (
        8 / 27
    ) ** 0.5  # of brightness less its mean over nine, of three independent colours
    assert half == pytest.approx([0.5 * deviation + 0.25] * 2, rel=0.03)
    assert float(detail_loss(noise.roll(8, dims=3), noise, ones)) < 0.2 * half[0]
    assert float(detail_loss(1.5 * noise, noise, ones, amplitude=1.5)) == pytest.approx(0, abs=1e-4)
