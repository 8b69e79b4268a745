"""Learned codecs: trained analogue transmission of images.

One network each (``networks.jscc``), one entry here.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..channel.noise import Levels
from ..channel.power import normalise_power
from ..networks.jscc import DeepJSCC, DeepSC
from .base import Decoded, register

# Name in the config -> network. A network has ``transmit(images, snr_db)`` and ``receive(received,
# snr_db)``, SNRs [N].
LEARNED: dict[str, type[DeepSC] | type[DeepJSCC]] = {
    "deepsc": DeepSC,
    "deepjscc": DeepJSCC,
    "semantic_jscc": DeepJSCC,
}


class LearnedCodec:
    """Wraps a trained network. Always delivers a picture, never an outage."""

    dims_per_use = 1

    def __init__(self, model: DeepSC | DeepJSCC):
        self.model = model

    def encode(self, images: Tensor, snr_db: float) -> Tensor:
        """Images [N, 3, R, R] in [-1, 1] -> symbols [N, k] of power 1."""
        levels = torch.full((len(images),), snr_db, device=images.device)
        return normalise_power(self.model.transmit(images, levels))

    def decode(self, received: Tensor, snr_db: Levels) -> Decoded:
        levels = (
            snr_db.float()
            if isinstance(snr_db, Tensor)
            else torch.full((len(received),), snr_db, device=received.device)
        )
        images = self.model.receive(received, levels)
        return Decoded(images, torch.zeros(len(images), dtype=torch.bool, device=images.device))


for _name in LEARNED:
    register(_name)(LearnedCodec)
