"""Generative joint source-channel coding, after Erdemir, Tung, Dragotti and Gündüz, "Generative
joint source-channel coding for semantic image transmission", IEEE JSAC 2023.

    transmitter:  image -> encoder E -> s -> adapter(SNR) -> power 1 -> symbols
    receiver:     received -> power 1 -> adapter(SNR) -> latent -> frozen StyleGAN G -> image

Everything but G learns end to end through the channel. The networks around G are ours: the encoder
of this package, and adapters that know the SNR; the symbols are as many as a latent has reals.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from .conditioned import ConditionedAdapters
from .encoder import LatentEncoder


class GenerativeJSCC(nn.Module):
    """What the two ends learn; the generator is not part of it.

    ``transmit``: images [N, 3, R, R] in [-1, 1], SNRs in dB [N] -> symbols [N, k] before the power
    constraint; ``receive``: received symbols [N, k], SNRs [N] -> latents [N, k] of the generator.
    ``resolution``: that the encoder sees; images of another are averaged to it.
    """

    def __init__(
        self,
        knots: Sequence[float],
        latent: int = 128,
        resolution: int = 64,
        hidden: int = 128,
    ):
        super().__init__()
        self.encoder = LatentEncoder(latent, resolution)
        self.adapters = ConditionedAdapters(knots, latent, hidden)

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``GenerativeJSCC(**config)`` fits this state dict."""
        return self.encoder.config() | self.adapters.config()

    def transmit(self, images: Tensor, snr_db: Tensor) -> Tensor:
        return self.adapters.transmit(self.encoder(images), snr_db)

    def receive(self, received: Tensor, snr_db: Tensor) -> Tensor:
        return self.adapters.receive(received, snr_db)
