"""What passes between a transmitter and a receiver, and how its size is counted, for every system
alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from ..channel.noise import Levels
from ..codecs.base import Decoded


class Transmitter(Protocol):
    """``prepare`` does what does not depend on the channel (semantic coding, editing); ``send``
    codes it for one SNR.

    ``dims_per_use``: real dimensions in a channel use as the paper counts them (2 for a complex QAM
    symbol).
    """

    dims_per_use: int

    def prepare(self, images: Tensor, sentences: Sequence[str], rng: torch.Generator) -> Tensor: ...

    def send(self, prepared: Tensor, snr_db: float) -> Tensor:
        """Symbols [N, k] of mean square 1 per row (eq 4)."""
        ...


class Receiver(Protocol):
    """``receive`` gets received symbols and the SNR. Only ``needs_sentences`` receivers get the
    sentences, error-free.
    """

    needs_sentences: bool

    def receive(
        self,
        received: Tensor,
        snr_db: Levels,
        sentences: Sequence[str] | None,
        rng: torch.Generator,
    ) -> Decoded: ...


def channel_cost(symbols: Tensor, dims_per_use: int, resolution: int) -> dict[str, float]:
    """Count symbols [N, k] on the wire.

    ``cbr``: channel uses as the paper counts them over H·W·3 (eq 5); ``real_dims_ratio``: real
    dimensions over H·W·3.
    """
    pixels = 3 * resolution**2
    return {
        "cbr": symbols.shape[1] / dims_per_use / pixels,
        "real_dims_ratio": symbols.shape[1] / pixels,
    }
