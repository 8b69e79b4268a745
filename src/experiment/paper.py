"""What the paper's own sizes say, of workflow/configs/paper.yaml, without its data or networks.

Rules ask for the sizes, so PyTorch is imported where frames are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from torch import Tensor

    from editable_deepsc.systems.wire import Transmitter

LATENT = 512  # reals of the published StyleGAN2's latent
SNR_DB = 6.0  # of the transmission that is counted; a frame is as long at every other


def paper_sizes(defaults: str | Path, paper: str | Path, dataset: str) -> dict[str, Any]:
    """What decides the length of the frames of the paper's systems, for images of ``dataset``.

    ``defaults`` and ``paper``: the files config.yaml and workflow/configs/paper.yaml; overlays of a
    run change nothing. Keys: ``resolution``, ``symbols_per_position`` of DeepSC, and ``jpeg_ldpc``,
    its options.
    """
    base, overlay = (yaml.safe_load(Path(path).read_text()) for path in (defaults, paper))
    entry = overlay["datasets"][dataset]
    deepsc, jpeg_ldpc = (
        base["codecs"][name]
        | overlay["codecs"].get(name, {})
        | entry.get("codecs", {}).get(name, {})
        for name in ("deepsc", "jpeg_ldpc")
    )
    return {
        "resolution": entry["resolution"],
        "symbols_per_position": deepsc["symbols_per_position"],
        "jpeg_ldpc": jpeg_ldpc,
    }


def paper_bandwidth(sizes: Mapping[str, Any]) -> dict[str, float]:
    """System -> CBR, counted on the wire of one image. ``sizes``: of :func:`paper_sizes`.

    The weights are random and DeepSC is narrow, since neither goes on air.
    """
    import torch

    from editable_deepsc.codecs.build import build_codec
    from editable_deepsc.networks.jecc import ChannelAdapters
    from editable_deepsc.networks.jscc import DeepSC
    from editable_deepsc.systems.build import SystemNetworks, build_transmitter
    from editable_deepsc.systems.names import EDITABLE, EDITOR
    from editable_deepsc.systems.wire import channel_cost

    resolution = sizes["resolution"]

    def counted(transmitter: Transmitter, prepared: Tensor) -> float:
        symbols = transmitter.send(prepared, SNR_DB)
        return channel_cost(symbols, transmitter.dims_per_use, resolution)["cbr"]

    adapters = {SNR_DB: ChannelAdapters(latent=LATENT)}
    ours = build_transmitter(EDITABLE, SystemNetworks(adapters=adapters))
    found = {EDITABLE: counted(ours, torch.ones(1, LATENT))}
    image = torch.zeros(1, 3, resolution, resolution)
    deepsc = DeepSC(resolution, width=8, symbols_per_position=sizes["symbols_per_position"])
    for name, codec in {
        "deepsc": build_codec("deepsc", resolution, {}, deepsc),
        "jpeg_ldpc": build_codec("jpeg_ldpc", resolution, sizes["jpeg_ldpc"]),
    }.items():
        cbr = counted(build_transmitter(f"{EDITOR}+{name}", codec=codec), image)
        found |= {f"{name}+{EDITOR}": cbr, f"{EDITOR}+{name}": cbr}
    return found
