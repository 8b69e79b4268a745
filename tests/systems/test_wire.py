"""The bandwidth ratios of the paper's Table I, as the wire counts them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml

from editable_deepsc.codecs.build import build_codec
from editable_deepsc.networks.jecc import ChannelAdapters
from editable_deepsc.networks.jscc import DeepSC
from editable_deepsc.systems.build import SystemNetworks, build_transmitter
from editable_deepsc.systems.wire import channel_cost

ROOT = Path(__file__).parents[2]


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


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        ("celeba", ["0.0833", "0.0389", "0.0104"]),
        ("celeba-hq", ["0.0833", "0.0111", "0.0002"]),
        ("metfaces", ["0.0833", "0.0111", "0.0002"]),
    ],
)
def test_tables_1_and_2_at_the_papers_sizes(dataset, expected):
    """What the systems of paper.yaml, with random weights, put on the wire for one image."""
    config, paper = (
        yaml.safe_load((ROOT / path).read_text())
        for path in ("config.yaml", "workflow/configs/paper.yaml")
    )
    entry = paper["datasets"][dataset]
    options = {
        name: config["codecs"][name]
        | paper["codecs"].get(name, {})
        | entry.get("codecs", {}).get(name, {})
        for name in ("deepsc", "jpeg_ldpc")
    }
    resolution = entry["resolution"]
    image = torch.zeros(1, 3, resolution, resolution)
    deepsc = DeepSC(
        resolution, width=8, symbols_per_position=options["deepsc"]["symbols_per_position"]
    )  # the width does not go on air
    coders = {"deepsc": deepsc, "jpeg_ldpc": None}
    codecs = {n: build_codec(n, resolution, options[n], coders[n]) for n in coders}
    adapters = {6.0: ChannelAdapters(latent=512)}  # the latent of the published StyleGAN2
    chains = [
        (build_transmitter("deepsc+talk2edit", codec=codecs["deepsc"]), image),
        (build_transmitter("jpeg_ldpc+talk2edit", codec=codecs["jpeg_ldpc"]), image),
        (
            build_transmitter("editable_deepsc", SystemNetworks(adapters=adapters)),
            torch.randn(1, 512),
        ),
    ]
    costs = [
        channel_cost(transmitter.send(prepared, 6.0), transmitter.dims_per_use, resolution)["cbr"]
        for transmitter, prepared in chains
    ]
    assert [f"{cbr:.4f}" for cbr in costs] == expected
