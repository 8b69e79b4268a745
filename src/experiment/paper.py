"""What the paper's own sizes say, of workflow/configs/paper.yaml, without its data or networks."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from editable_deepsc.codecs.build import build_codec
from editable_deepsc.networks.jecc import ChannelAdapters
from editable_deepsc.networks.jscc import DeepSC
from editable_deepsc.systems.build import SystemNetworks, build_transmitter
from editable_deepsc.systems.names import EDITABLE, EDITOR
from editable_deepsc.systems.wire import Transmitter, channel_cost

LATENT = 512  # reals of the published StyleGAN2's latent
SNR_DB = 6.0  # of the transmission that is counted; a frame is as long at every other


def paper_bandwidth(defaults: Mapping, paper: Mapping, dataset: str) -> dict[str, float]:
    """System -> CBR, counted on the wire of one image of the paper's size.

    ``defaults`` and ``paper``: config.yaml and workflow/configs/paper.yaml as they are in the file.
    ``dataset``: the one of paper.yaml with the image size. The weights are random and DeepSC is
    narrow, since neither goes on air.
    """
    entry = paper["datasets"][dataset]
    resolution = entry["resolution"]
    options = {
        name: defaults["codecs"][name]
        | paper["codecs"].get(name, {})
        | entry.get("codecs", {}).get(name, {})
        for name in ("deepsc", "jpeg_ldpc")
    }
    symbols = options["deepsc"]["symbols_per_position"]
    deepsc = DeepSC(resolution, width=8, symbols_per_position=symbols)
    models = {"deepsc": deepsc, "jpeg_ldpc": None}
    codecs = {name: build_codec(name, resolution, options[name], models[name]) for name in models}
    image = torch.zeros(1, 3, resolution, resolution)
    adapters = {SNR_DB: ChannelAdapters(latent=LATENT)}

    def counted(transmitter: Transmitter, prepared: Tensor) -> float:
        symbols = transmitter.send(prepared, SNR_DB)
        return channel_cost(symbols, transmitter.dims_per_use, resolution)["cbr"]

    ours = build_transmitter(EDITABLE, SystemNetworks(adapters=adapters))
    found = {EDITABLE: counted(ours, torch.ones(1, LATENT))}
    for name, codec in codecs.items():
        cbr = counted(build_transmitter(f"{EDITOR}+{name}", codec=codec), image)
        found |= {f"{name}+{EDITOR}": cbr, f"{EDITOR}+{name}": cbr}
    return found
