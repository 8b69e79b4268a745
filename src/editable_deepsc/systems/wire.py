"""What passes between a transmitter and a receiver, and how its size is counted, for every system
alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from ..channel.noise import Levels
from ..codecs.base import Decoded
from ..editing.editor import ImageEditor


class Transmitter(Protocol):
    """``prepare`` does what does not depend on the channel (semantic coding, editing); ``send``
    codes the result for one SNR.

    ``editor`` is None where the transmitter does not edit, or where its edits are made already.
    ``dims_per_use``: real dimensions in a channel use as the paper counts them (2 for a complex
    QAM symbol).
    """

    @property
    def editor(self) -> ImageEditor | None: ...

    @property
    def dims_per_use(self) -> int: ...

    def prepare(
        self,
        images: Tensor,
        sentences: Sequence[str],
        rng: torch.Generator,
        latents: Any = None,
    ) -> Tensor: ...

    def send(self, prepared: Tensor, snr_db: float) -> Tensor:
        """Symbols [N, k] of mean square 1 per row (eq 4)."""
        ...


class Receiver(Protocol):
    """A receiver that does not edit: it gets the received symbols and the SNR, nothing else.

    The one that edits what it decoded also gets the sentences, without an error:
    :class:`~editable_deepsc.systems.separate.EditingReceiver`. ``needs_sentences`` tells them
    apart.
    """

    needs_sentences: bool

    def receive(self, received: Tensor, snr_db: Levels) -> Decoded:
        """Channel output [N, k], SNR in dB (one, or one per row [N]) -> images."""
        ...


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
