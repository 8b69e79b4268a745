"""Editable-DeepSC: editing and channel coding in one latent (paper, Sections III and IV).

transmitter:  x -> inversion -> s -> matching along F_a -> z* -> adapter -> power 1 -> z
receiver:     z_hat -> power 1 -> adapter -> G -> edited image
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..channel.noise import Levels
from ..codecs.base import Decoded
from ..editing.editor import Editor
from ..editing.matching import synthesise
from ..networks.jecc import ChannelAdapters
from ..networks.stylegan2 import Generator


@dataclass(frozen=True)
class EditableTransmitter:
    """``adapters`` are those fine-tuned for the SNR at hand; fresh ones are the identity (no
    fine-tuning).

    ``editor`` is needed to ``prepare``, not to ``send`` latents that are edited already.
    """

    editor: Editor | None
    adapters: ChannelAdapters
    dims_per_use: int = 1

    def prepare(self, images: Tensor, sentences: Sequence[str], rng: torch.Generator) -> Tensor:
        """Images [N, 3, R, R] and sentences -> edited latents z* [N, k] (eq 1, 2, 10, 11)."""
        latents = self.editor.invert(images, rng)
        return self.editor.match(latents, images, sentences).latents

    @torch.inference_mode()
    def send(self, prepared: Tensor, snr_db: float) -> Tensor:
        """z* [N, k] -> channel input z [N, k] (eq 16, 4)."""
        return self.adapters.transmit(prepared)


@dataclass(frozen=True)
class EditableReceiver:
    generator: Generator
    adapters: ChannelAdapters
    needs_sentences: bool = False

    @torch.inference_mode()
    def receive(
        self,
        received: Tensor,
        snr_db: Levels,
        sentences: Sequence[str] | None,
        rng: torch.Generator,
    ) -> Decoded:
        """Channel output [N, k] -> edited images (eq 17, 7). Analogue: there is always a picture,
        never an outage.
        """
        images = synthesise(self.generator, self.adapters.receive(received))
        return Decoded(images, torch.zeros(len(images), dtype=torch.bool))
