"""Generative JSCC: a learned analogue codec whose decoder ends in a frozen StyleGAN."""

from __future__ import annotations

import torch
from torch import Tensor

from ..channel.noise import Levels
from ..channel.power import normalise_power
from ..networks.generative_jscc import GenerativeJSCC
from ..networks.precision import computing
from ..networks.stylegan2 import Generator
from .base import Decoded, register

BATCH = 128  # latents that are drawn at once


@register("generative_jscc")
class GenerativeCodec:
    """Wraps a trained network and the generator that it was trained for, a constant of the
    receiver. Always delivers a picture, never an outage. ``ValueError`` without a generator.
    """

    dims_per_use = 1

    def __init__(self, model: GenerativeJSCC, generator: Generator | None = None):
        if generator is None:
            raise ValueError("generative JSCC needs the generator that it was trained for")
        self.model, self.generator = model, generator

    def encode(self, images: Tensor, snr_db: float) -> Tensor:
        """Images [N, 3, R, R] in [-1, 1] -> symbols [N, k] of power 1."""
        levels = torch.full((len(images),), snr_db, device=images.device)
        with computing(images.device):
            symbols = self.model.transmit(images, levels)
        return normalise_power(symbols.float())

    def decode(self, received: Tensor, snr_db: Levels) -> Decoded:
        """Received symbols [N, k], SNR in dB (one, or each image's own [N]) -> images."""
        levels = torch.as_tensor(snr_db, dtype=received.dtype, device=received.device)
        latents = self.model.receive(received, levels.expand(len(received)))
        drawn = [self.generator.synthesis(part).clamp(-1, 1) for part in latents.split(BATCH)]
        lost = torch.zeros(len(received), dtype=torch.bool, device=received.device)
        return Decoded(torch.cat(drawn), lost)
