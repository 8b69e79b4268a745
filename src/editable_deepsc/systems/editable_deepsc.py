"""Editable-DeepSC: editing and channel coding in one latent (paper, Sections III and IV).

transmitter:  x -> inversion -> s -> matching along F_a -> z* -> adapter -> power 1 -> z
receiver:     z_hat -> power 1 -> adapter -> G -> edited image

With more bandwidth than the latent's k dimensions, z is sent ``repeats`` times and the receiver
takes the mean of what arrives, the matched filter of repetition: the same channel with 1/repeats of
the noise, so the adapters are those of an SNR that is 10 log10(repeats) dB higher. No linear code
of k numbers to repeats·k symbols has a smaller mean square error.
"""

from __future__ import annotations

import math
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
from ..networks.conditioned import ConditionedPair
from ..networks.jecc import ChannelAdapters
from ..networks.stylegan2 import Generator

# SNR in dB of the link that a pair was fine-tuned for -> the pair
Adapters = Mapping[float, ChannelAdapters | ConditionedPair]


def repetition_gain_db(repeats: int) -> float:
    """What sending every symbol ``repeats`` times gains in SNR, in dB."""
    return 10 * math.log10(repeats)


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
    ``repeats``: how often the symbols are sent, one block after the other.
    """

    editor: Editor | None
    adapters: Adapters
    repeats: int = 1
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
        """z* [N, k] -> channel input z [N, repeats·k] (eq 16, 4)."""
        with stage("coding"):
            adapters = self.adapters[nearest_snr(self.adapters, snr_db)]
            return normalise_power(adapters.transmit(prepared)).repeat(1, self.repeats)


@dataclass(frozen=True)
class EditableReceiver:
    """The joint semantic-channel decoder: the adapter of the SNR at hand, then the generator."""

    generator: Generator
    adapters: Adapters
    repeats: int = 1
    needs_sentences: bool = False

    @torch.inference_mode()
    def receive(self, received: Tensor, snr_db: Levels) -> Decoded:
        """Channel output [N, repeats·k] -> edited images (eq 17, 7), by the adapters nearest to
        ``snr_db``.

        Analogue: there is always a picture, never an outage.
        """
        with stage("decoding"):
            combined = received.unflatten(1, (self.repeats, -1)).mean(1)
            latents = self.adapters[nearest_snr(self.adapters, snr_db)].receive(combined)
        with stage("generation"):
            images = synthesise(self.generator, latents)
        return Decoded(images, torch.zeros(len(images), dtype=torch.bool))


# Name of a variant in the config, editable_deepsc_WORD -> its two ends, where they are its own.
ENDS: dict[str, tuple[type[EditableTransmitter], type[EditableReceiver]]] = {}


def register(
    name: str, transmitter: type[EditableTransmitter], receiver: type[EditableReceiver]
) -> None:
    """Make the two ends of a variant known by its name. ValueError if the name is taken."""
    if name in ENDS:
        raise ValueError(f"the ends of {name!r} are registered already")
    ENDS[name] = transmitter, receiver
