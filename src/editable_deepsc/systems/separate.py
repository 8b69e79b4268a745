"""The baselines, composed: a codec, and an editor before it or after it.

edit, then send:   image -> editor -> codec.encode ~> codec.decode -> image
send, then edit:   image -> codec.encode ~> codec.decode -> editor -> image
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..channel.noise import Levels
from ..codecs.base import Codec, Decoded
from ..editing.editor import Editor


@dataclass(frozen=True)
class CodecTransmitter:
    """Sends images with a codec; with an ``editor`` it edits them first."""

    codec: Codec
    editor: Editor | None = None

    @property
    def dims_per_use(self) -> int:
        return self.codec.dims_per_use

    def prepare(self, images: Tensor, sentences: Sequence[str], rng: torch.Generator) -> Tensor:
        return images if self.editor is None else self.editor.edit(images, sentences, rng)

    @torch.inference_mode()
    def send(self, prepared: Tensor, snr_db: float) -> Tensor:
        return self.codec.encode(prepared, snr_db)


@dataclass(frozen=True)
class CodecReceiver:
    """Decodes images with a codec; with an ``editor`` it edits what it could decode."""

    codec: Codec
    editor: Editor | None = None

    @property
    def needs_sentences(self) -> bool:
        return self.editor is not None

    def receive(
        self,
        received: Tensor,
        snr_db: Levels,
        sentences: Sequence[str] | None,
        rng: torch.Generator,
    ) -> Decoded:
        return self.edit(self.decode(received, snr_db), sentences, rng)

    @torch.inference_mode()
    def decode(self, received: Tensor, snr_db: Levels) -> Decoded:
        return self.codec.decode(received, snr_db)

    def edit(
        self, decoded: Decoded, sentences: Sequence[str] | None, rng: torch.Generator
    ) -> Decoded:
        """What was decoded, edited where there is an editor."""
        if self.editor is None:
            return decoded
        if sentences is None:
            raise ValueError(
                (
                    "a system that edits at the receiver needs the sentences there; pass them "
                    "to receive()"
                )
            )
        seen = torch.nonzero(~decoded.outage).flatten()
        images = decoded.images.clone()
        if len(seen):  # there is nothing to edit in a placeholder
            images[seen] = self.editor.edit(
                images[seen], [sentences[i] for i in seen.tolist()], rng
            )
        return Decoded(images, decoded.outage)
