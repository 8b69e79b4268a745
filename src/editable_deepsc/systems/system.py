"""Both ends of a system and what a person asks of them: transmit, receive, or deliver and tell
everything about it.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..channel.fading import Channel
from ..channel.noise import Levels
from ..codecs.base import Decoded
from ..data.framing import Framing
from ..data.instructions import Instruction
from ..data.pictures import Pictures, aligned_images
from ..data.seeds import seeded
from ..editing.editor import Editor, ImageEditor
from ..editing.known import Known, Unlike
from ..editing.stages import stage, stopwatch
from ..networks.mtcnn import face_finder
from .delivery import Delivery, changes_of
from .editable_deepsc import EditableReceiver, EditableTransmitter, nearest_snr
from .names import SystemName
from .separate import CodecReceiver, CodecTransmitter, EditingReceiver
from .wire import channel_cost

if TYPE_CHECKING:
    from .dialogue import Dialogue


@dataclass(frozen=True)
class OnAir:
    """``noisy`` [N, k]: symbols behind the channel; ``snr_db``: what the receiver knows of the SNR;
    ``channel_uses`` of one image; ``cost``: :func:`.wire.channel_cost`.
    """

    noisy: Tensor
    snr_db: Levels
    channel_uses: int
    cost: dict[str, float]


@dataclass(frozen=True)
class System:
    """A transmitter and a receiver for a link of ``snr_db`` (dB, the average under fading).

        images, sentences -> transmit -> symbols ~> channel ~> noisy -> receive -> edited images

    The two share no variable: what the receiver gets is what ``receive`` takes. ``seed`` draws the
    random starts of inversions. ``align``: how photographs are framed for these networks, one of
    ``ALIGNMENTS`` in :mod:`~editable_deepsc.data.framing`. ``known``: what tells pictures that are
    unlike what the networks know; None where that was not measured. Built by
    :func:`.build.build_system`.
    """

    name: SystemName
    transmitter: EditableTransmitter | CodecTransmitter
    receiver: EditableReceiver | CodecReceiver | EditingReceiver
    snr_db: float
    seed: int = 0
    align: str = "rendered"
    known: Known | None = None

    @property
    def editor(self) -> ImageEditor:
        """The editor, at whichever end it works."""
        end = self.receiver if isinstance(self.receiver, EditingReceiver) else self.transmitter
        if end.editor is None:
            raise ValueError(f"{self.name.name} was built without an editor; give its fields")
        return end.editor

    @property
    def resolution(self) -> int:
        """Side of an image, in pixels."""
        return self.editor.generator.resolution

    @property
    def adapters_snr_db(self) -> float | None:
        """The SNR, in dB, whose adapters serve this link; None without adapters."""
        if not isinstance(self.transmitter, EditableTransmitter):
            return None
        return nearest_snr(self.transmitter.adapters, self.snr_db)

    def images(self, pictures: Pictures, align: str | None = None) -> Tensor:
        """Paths, PIL images or tensors -> images [N, 3, R, R] in [-1, 1] on the system's device.

        Photographs are framed as :meth:`frame` says.
        """
        return self.frame(pictures, align)[0]

    def frame(self, pictures: Pictures, align: str | None = None) -> tuple[Tensor, list[Framing]]:
        """The same, and what was done to each picture.

        A photograph is cut so that its face is where the networks expect it, which takes the face
        detector of ``pip install "editable-deepsc[align]"``; without it, or where no face is found,
        the largest square in the centre is kept, and a ``UserWarning`` says so. Tensors are never
        touched. Pictures of R x R pixels and faces that were rendered are not either, unless
        ``align`` says how: "none", "box", "ffhq" or "rendered".
        """
        device = next(self.editor.generator.parameters()).device
        find = None if align == "none" else face_finder(str(device))
        images, framings = aligned_images(
            pictures, self.resolution, align or self.align, find, exact=align is not None
        )
        for note in dict.fromkeys(framing.note for framing in framings if framing.note):
            warnings.warn(note, stacklevel=3)
        return images.to(device), framings

    def understand(self, sentences: str | Sequence[str], n: int) -> list[list[Instruction]]:
        """How ``n`` sentences are read (eq 2), each as wishes in their order; one stands for all.
        :class:`UnknownInstruction`, a ``ValueError``, where a sentence names nothing that can be
        edited, or something else besides.
        """
        return self.editor.text_encoder.understand(one_for_each(sentences, n))

    def prepare(
        self,
        images: Pictures,
        sentences: str | Sequence[str],
        latents: Any = None,
        align: str | None = None,
    ) -> Tensor:
        """What does not depend on the channel: edited latents [N, k], or images [N, 3, R, R].

        ``latents`` [N, k]: the images' inversion, where it is known already. ``align``: as for
        :meth:`frame`.
        """
        x = self.images(images, align)
        self.understand(sentences, len(x))  # refuses before any work
        texts = one_for_each(sentences, len(x))
        return self.transmitter.prepare(x, texts, self.rng("transmitter"), latents)

    def send(self, prepared: Tensor) -> Tensor:
        """What ``prepare`` made -> symbols [N, k], real, each row of mean square 1 (eq 4)."""
        return self.transmitter.send(prepared, self.snr_db)

    def prepared_of(self, latents: Tensor) -> Tensor:
        """What ``send`` takes of edited latents [N, k]: these, or the images that they draw."""
        return latents if self.name.codec is None else self.editor.draw(latents)

    def air(self, prepared: Tensor, channel: Channel, rng: torch.Generator) -> OnAir:
        """``send``, and what the ``channel`` makes of it; ``rng`` draws that."""
        symbols = self.send(prepared)
        with stage("channel"):
            noisy, seen_db = channel(symbols, self.snr_db, rng)
        dims = self.transmitter.dims_per_use
        cost = channel_cost(symbols, dims, self.resolution)
        return OnAir(noisy, seen_db, symbols.shape[1] // dims, cost)

    def transmit(
        self, images: Pictures, sentences: str | Sequence[str], align: str | None = None
    ) -> Tensor:
        """Pictures (paths, PIL images, tensors) and sentences -> symbols [N, k] (eq 1 to 4).

        One sentence may stand for all pictures, and several wishes in a sentence are edits in their
        order. ``align``: as for :meth:`frame`. ``ValueError`` on an unreadable picture or a
        sentence that names nothing that can be edited, or something else besides.
        """
        return self.send(self.prepare(images, sentences, align=align))

    def receive(
        self, symbols: Tensor, snr_db: Levels, sentences: str | Sequence[str] | None = None
    ) -> Decoded:
        """Received symbols [N, k] and the SNR in dB (one, or each image's own [N]) -> edited images
        [N, 3, R, R] in [-1, 1], and which of them are outages.

        ``sentences`` are for a system that edits at the receiver, which cannot do without;
        no other looks at them.
        """
        if not isinstance(self.receiver, EditingReceiver):
            return self.receiver.receive(symbols, self._pair_snr(snr_db))
        if sentences is None:
            raise ValueError(
                f"{self.name.name} edits at the receiver and needs the sentences there; pass them "
                "to receive()"
            )
        self.understand(sentences, len(symbols))  # refuses before any work
        texts = one_for_each(sentences, len(symbols))
        return self.receiver.receive(symbols, snr_db, texts, self.rng("receiver"))

    def deliver(
        self,
        images: Pictures,
        sentences: str | Sequence[str],
        channel: Channel | None = None,
        rng: torch.Generator | None = None,
        latents: Any = None,
        align: str | None = None,
    ) -> Delivery:
        """Transmit, send over ``channel`` (AWGN), receive, and tell everything about it.

        ``rng`` draws the channel; without one its draw is that of the system's ``seed``.
        ``latents``: those of an earlier :class:`Delivery` of the same pictures, whose inversion is
        then not made again. ``align`` and ``ValueError`` as for ``transmit``.
        """
        x, framings = self.frame(images, align)
        requests, texts = self.understand(sentences, len(x)), one_for_each(sentences, len(x))
        editor, at_receiver = self.editor, isinstance(self.receiver, EditingReceiver)
        channel, rng = channel or Channel(), rng or self.rng("channel")
        with stopwatch() as seconds:
            if not at_receiver and latents is None:
                latents = editor.invert(x, self.rng("transmitter"))
            prepared = self.transmitter.prepare(x, texts, self.rng("transmitter"), latents)
            sent = self.air(prepared, channel, rng)
            if isinstance(self.receiver, EditingReceiver):
                inverted, decoded, latents = self._edit_received(sent, texts, latents)
            else:
                inverted = Decoded(x, torch.zeros(len(x), dtype=torch.bool))
                decoded = self.receiver.receive(sent.noisy, self._pair_snr(sent.snr_db))
        assert latents is not None  # one of the two ends has inverted
        before, reached = (editor.degrees(images.to(x.device)) for images in (x, decoded.images))
        inversions = editor.draw(latents)
        return Delivery(
            system=self.name.name,
            snr_db=self.snr_db,
            images=decoded.images,
            outage=decoded.outage,
            originals=x,
            framings=framings,
            sentences=texts,
            changes=changes_of(requests, before, reached),
            latents=latents,
            inversions=inversions,
            unlike=self.judged(inverted.images, inversions, inverted.outage),
            channel_uses=sent.channel_uses,
            adapters_snr_db=self.adapters_snr_db,
            seconds=seconds,
            **sent.cost,
        )

    def dialogue(
        self,
        images: Pictures,
        channel: Channel | None = None,
        rng: torch.Generator | None = None,
        latents: Tensor | None = None,
        align: str | None = None,
    ) -> Dialogue:
        """Start a :class:`.dialogue.Dialogue` about pictures: turns that each edit what the one
        before left, over ``channel`` (AWGN).

        ``rng``, ``latents`` and ``align`` as for ``deliver``, but a system that edits at its
        receiver inverts what it has decoded. ``ValueError`` on an unreadable picture, or with
        Talk-to-Edit as released.
        """
        from .dialogue import Dialogue  # which needs a System

        if not isinstance(self.editor, Editor):
            raise ValueError(
                f"{self.name.name} edits as Talk-to-Edit's release does, without dialogues here; "
                "take the system with talk2edit for talk2edit_released"
            )
        x = self.images(images, align)
        return Dialogue(self, x, channel or Channel(), rng or self.rng("channel"), latents)

    def judged(self, images: Tensor, inversions: Tensor, outage: Tensor) -> Unlike | None:
        """Which images [N, 3, R, R] are unlike what the networks know, by their inversions; None
        where that was not measured. ``outage`` [N] bool: those that have none.
        """
        return None if self.known is None else self.known.judge(images, inversions, ~outage)

    def _edit_received(
        self, sent: OnAir, sentences: list[str], latents: Any
    ) -> tuple[Decoded, Decoded, Any]:
        """What a receiver that edits makes of noisy symbols: what it decoded, that edited, and the
        latents in between (zeros for an outage).
        """
        receiver = self.receiver
        assert isinstance(receiver, EditingReceiver)
        decoded = receiver.decode(sent.noisy, sent.snr_db)
        seen = ~decoded.outage
        rng = self.rng("receiver")
        found = receiver.invert(decoded, rng) if latents is None else latents[seen]
        edited = receiver.edit(decoded, sentences, rng, found)
        return decoded, edited, receiver.editor.spread(found, seen)

    def _pair_snr(self, snr_db: Levels) -> Levels:
        """The SNR that a receiver reckons with. Adapters come in pairs, and the transmitter chose
        by the link's average: where each image has an SNR of its own, they serve that average.
        """
        paired = isinstance(self.receiver, EditableReceiver) and isinstance(snr_db, Tensor)
        return self.snr_db if paired else snr_db

    def rng(self, end: str) -> torch.Generator:
        """The draws of "transmitter", "channel" or "receiver", each its own, by ``seed``."""
        return seeded(self.seed, self.name.name, end)


def one_for_each(sentences: str | Sequence[str], n: int) -> list[str]:
    """``n`` sentences; one stands for all. ``ValueError`` on another number."""
    texts = [sentences] if isinstance(sentences, str) else list(sentences)
    texts = texts * n if len(texts) == 1 else texts
    if len(texts) != n:
        raise ValueError(f"{len(texts)} sentences for {n} pictures; give one, or {n}")
    return texts
