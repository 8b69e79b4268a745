"""DeepSC as a codec (paper, Section V-A): trained analogue transmission of images, CBR 1/12."""

from __future__ import annotations

import torch
from torch import Tensor

from ..networks.jscc import DeepSC
from .base import Decoded, register


@register("deepsc")
class DeepSCCodec:
    """Wraps a trained :class:`~editable_deepsc.networks.jscc.DeepSC`. Always delivers a picture, never an outage."""

    name = "deepsc"
    dims_per_use = 1

    def __init__(self, model: DeepSC):
        self.model = model

    def encode(self, images: Tensor, snr_db: float) -> Tensor:
        """Images [N, 3, R, R] in [-1, 1] -> symbols [N, R²/4] of power 1."""
        return self.model.transmit(images, torch.full((len(images),), snr_db))

    def decode(self, received: Tensor, snr_db: float) -> Decoded:
        images = self.model.receive(received, torch.full((len(received),), snr_db))
        return Decoded(images, torch.zeros(len(images), dtype=torch.bool))
