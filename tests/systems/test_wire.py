"""The bandwidth ratios of the paper's Table I, as the wire counts them."""

from __future__ import annotations

import pytest
import torch

from editable_deepsc.systems.wire import channel_cost


@pytest.mark.parametrize(
    "real_symbols, dims_per_use, resolution, cbr, real_dims_ratio",
    [
        (64 * 64 // 4, 1, 64, "0.0833", "0.0833"),  # DeepSC
        (2 * 478, 2, 64, "0.0389", "0.0778"),  # JPEG + LDPC: complex symbols
        (128, 1, 64, "0.0104", "0.0104"),  # Editable-DeepSC: one latent
        (128 * 128 // 4, 1, 128, "0.0833", "0.0833"),
        (512, 1, 1024, "0.0002", "0.0002"),  # Table II
    ],
)
def test_channel_bandwidth_ratio(real_symbols, dims_per_use, resolution, cbr, real_dims_ratio):
    cost = channel_cost(torch.zeros(3, real_symbols), dims_per_use, resolution)
    assert (f"{cost['cbr']:.4f}", f"{cost['real_dims_ratio']:.4f}") == (cbr, real_dims_ratio)
