"""The baselines, composed: a codec, and an editor before it or after it.

edit, then send:   image -> editor -> codec.encode ~> codec.decode -> image
send, then edit:   image -> codec.encode ~> codec.decode -> editor -> image
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from ..channel.noise import Levels
from ..codecs.base import Codec, Decoded
from ..editing.editor import ImageEditor
from ..editing.stages import stage


@dataclass(frozen=True)
class CodecTransmitter:
    """Sends images with a codec; with an ``editor`` it edits them first."""

    codec: Codec
    editor: ImageEditor | None = None

    @property
    def dims_per_use(self) -> int:
        return self.codec.dims_per_use

    def prepare(
        self,
        images: Tensor,
        sentences: Sequence[str],
        rng: torch.Generator,
        latents: Any = None,
    ) -> Tensor:
        """Images [N, 3, R, R] in [-1, 1] -> what is sent: the same, edited if there is an editor.

        ``latents`` [N, k]: the images' inversion, where it is known already.
        """
        if self.editor is None:
            return images
        return self.editor.edit(images, sentences, rng, latents)

    @torch.inference_mode()
    def send(self, prepared: Tensor, snr_db: float) -> Tensor:
        """Images [N, 3, R, R] in [-1, 1] -> symbols [N, k] of power 1 (eq 4)."""
        with stage("coding"):
            return self.codec.encode(prepared, snr_db)


@dataclass(frozen=True)
class CodecReceiver:
    """Decodes images with a codec."""

    codec: Codec
    needs_sentences: bool = False

    @torch.inference_mode()
    def receive(self, received: Tensor, snr_db: Levels) -> Decoded:
        """Channel output [N, k], SNR in dB (one, or one per row [N]) -> images, outages."""
        with stage("decoding"):
            return self.codec.decode(received, snr_db)


@dataclass(frozen=True)
class EditingReceiver:
    """Decodes images with a codec, then edits those that it could decode."""

    codec: Codec
    editor: ImageEditor
    needs_sentences: bool = True

    @torch.inference_mode()
    def decode(self, received: Tensor, snr_db: Levels) -> Decoded:
        """Channel output [N, k], SNR in dB (one, or one per row [N]) -> images before the edit."""
        with stage("decoding"):
            return self.codec.decode(received, snr_db)

    def invert(self, decoded: Decoded, rng: torch.Generator) -> Any:
        """Latents of the M images that are no outage."""
        return self.editor.invert(decoded.images[~decoded.outage], rng)

    def edit(
        self,
        decoded: Decoded,
        sentences: Sequence[str],
        rng: torch.Generator,
        latents: Any = None,
    ) -> Decoded:
        """What was decoded, edited: there is nothing to edit in the placeholder of an outage.

        ``latents``: what :meth:`invert` gives, where it is known already.
        """
        seen = torch.nonzero(~decoded.outage).flatten()
        images = decoded.images.clone()
        if len(seen):
            wishes = [sentences[i] for i in seen.tolist()]
            images[seen] = self.editor.edit(images[seen], wishes, rng, latents)
        return Decoded(images, decoded.outage)

    def receive(
        self, received: Tensor, snr_db: Levels, sentences: Sequence[str], rng: torch.Generator
    ) -> Decoded:
        """Channel output [N, k], SNR in dB and N sentences -> edited images, outages."""
        return self.edit(self.decode(received, snr_db), sentences, rng)


@dataclass
class EditOnce:
    """An editing receiver that remembers its edits, for many draws of one channel.

    A digital link without errors decodes the same pictures in every draw, and an editor that
    starts from the same random numbers makes the same edits of them.
    """

    receiver: EditingReceiver
    _edited: list[tuple[Decoded, Decoded]] = field(default_factory=list)

    def __len__(self) -> int:
        """How many different sets of decoded images have been edited."""
        return len(self._edited)

    def edit(
        self, decoded: Decoded, sentences: Sequence[str], rng: torch.Generator
    ) -> tuple[Decoded, bool]:
        """The edited images, and whether they had to be made; ``sentences`` must not change."""
        for before, after in self._edited:
            same = torch.equal(before.images, decoded.images)
            if same and torch.equal(before.outage, decoded.outage):
                return after, False
        self._edited.append((decoded, self.receiver.edit(decoded, sentences, rng)))
        return self._edited[-1][1], True
