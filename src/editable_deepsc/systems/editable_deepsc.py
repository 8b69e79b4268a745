"""Editable-DeepSC: editing and channel coding in one latent (paper, Sections III and IV).

transmitter:  x -> inversion -> s -> matching along F_a -> z* -> adapter -> power 1 -> z
receiver:     z_hat -> power 1 -> adapter -> G -> edited image
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..channel.noise import Levels
from ..channel.power import normalise_power
from ..codecs.base import Decoded
from ..editing.editor import Editor
from ..editing.matching import synthesise
from ..editing.stages import stage
from ..networks.jecc import ChannelAdapters
from ..networks.stylegan2 import Generator

Adapters = Mapping[float, ChannelAdapters]  # SNR in dB that a pair was fine-tuned for -> the pair


def nearest_snr(adapters: Adapters, snr_db: Levels) -> float:
    """The SNR, of those that ``adapters`` were fine-tuned for, that is nearest to ``snr_db``.

    The transmitter chose its pair by the average SNR. Under fading a receiver that knows every
    image's own SNR [N] must therefore be built with that one pair; ``ValueError`` with more.
    """
    if not adapters:
        raise ValueError("Editable-DeepSC needs at least one pair of adapters")
    if len(adapters) == 1:
        return next(iter(adapters))
    if isinstance(snr_db, Tensor):
        raise ValueError(
            "each image has an SNR of its own, by which no pair of adapters can be chosen: build "
            "the receiver with the one pair that the transmitter uses"
        )
    return min(adapters, key=lambda known: (abs(known - snr_db), known))


@dataclass(frozen=True)
class EditableTransmitter:
    """``adapters`` by the SNR that they were fine-tuned for; fresh ones are the identity (no
    fine-tuning).

    ``editor`` is needed to ``prepare``, not to ``send`` latents that are edited already.
    """

    editor: Editor | None
    adapters: Adapters
    dims_per_use: int = 1

    def prepare(
        self,
        images: Tensor,
        sentences: Sequence[str],
        rng: torch.Generator,
        latents: Tensor | None = None,
    ) -> Tensor:
        """Images [N, 3, R, R] and sentences -> edited latents z* [N, k] (eq 1, 2, 10, 11).

        ``latents`` [N, k]: the images' inversion, where it is known already.
        """
        if self.editor is None:
            raise ValueError(
                "this transmitter was built without an editor: it sends edited latents"
            )
        latents = self.editor.invert(images, rng) if latents is None else latents
        return self.editor.match(latents, images, sentences).latents

    @torch.inference_mode()
    def send(self, prepared: Tensor, snr_db: float) -> Tensor:
        """z* [N, k] -> channel input z [N, k] (eq 16, 4)."""
        with stage("coding"):
            adapters = self.adapters[nearest_snr(self.adapters, snr_db)]
            return normalise_power(adapters.transmit(prepared))


@dataclass(frozen=True)
class EditableReceiver:
    """The joint semantic-channel decoder: the adapter of the SNR at hand, then the generator."""

    generator: Generator
    adapters: Adapters
    needs_sentences: bool = False

    @torch.inference_mode()
    def receive(self, received: Tensor, snr_db: Levels) -> Decoded:
        """Channel output [N, k] -> edited images (eq 17, 7), by the adapters nearest to ``snr_db``.

        Analogue: there is always a picture, never an outage.
        """
        with stage("decoding"):
            latents = self.adapters[nearest_snr(self.adapters, snr_db)].receive(received)
        with stage("generation"):
            images = synthesise(self.generator, latents)
        return Decoded(images, torch.zeros(len(images), dtype=torch.bool))
