"""A session through every system at once, over one channel.

All systems meet the same fading: their draws have one seed, and the coefficient is drawn first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..channel.fading import Channel
from ..channel.noise import Levels
from ..codecs.base import Decoded
from ..data.seeds import seeded
from ..editing.stages import stage, stopwatch
from ..systems.separate import EditingReceiver
from ..systems.system import System
from ..systems.wire import channel_cost
from .loaded import LoadedSystems, editor_name
from .session import Session, follow


@dataclass(frozen=True)
class Link:
    """``snr_db``: average SNR in dB. ``draw``: number of the transmission; another one has other
    noise and another fading coefficient.
    """

    snr_db: float
    channel: Channel = Channel()
    draw: int = 0

    def rng(self) -> torch.Generator:
        """The draws of the channel, for each system anew."""
        return seeded("app", "channel", self.draw)

    def coefficients(self, n: int = 1) -> Tensor | None:
        """h [n] of this transmission; None without fading."""
        return None if self.channel.fading == "none" else self.channel.coefficients(n, self.rng())


@dataclass(frozen=True)
class Received:
    """What one system delivered in D draws of the channel.

    ``images`` [D, 3, R, R] in [-1, 1] and ``outage`` [D]; ``sent`` [k] and ``symbols`` [D, k],
    what left the transmitter and what the receiver worked with. ``channel_uses`` and ``cbr`` of an
    image as :func:`~editable_deepsc.systems.wire.channel_cost` counts. ``adapters_snr_db``: None
    without adapters. ``seconds`` of an image by stage.
    """

    system: str
    images: Tensor
    outage: Tensor
    sent: Tensor
    symbols: Tensor
    channel_uses: int
    cbr: float
    adapters_snr_db: float | None
    seconds: dict[str, float]


def send(loaded: LoadedSystems, session: Session, link: Link, draws: int = 1) -> list[Received]:
    """What every system delivers of the session's face with its wishes, in the order of the page.

    Nothing is inverted again at a transmitter. A receiver that edits inverts what it decoded: it
    knows nothing else. Those of all systems and draws are one batch.
    """
    received = {
        name: _send(replace(system, snr_db=link.snr_db), session, link, draws)
        for name, system in loaded.systems.items()
    }
    editing = [n for n, s in loaded.systems.items() if isinstance(s.receiver, EditingReceiver)]
    if editing and session.turns:
        edited = _edit_received(loaded, session, [received[name] for name in editing])
        received |= dict(zip(editing, edited, strict=True))
    return list(received.values())


def _send(system: System, session: Session, link: Link, draws: int) -> Received:
    face, own = session.face, editor_name(system.name.name)
    seconds = {}
    if system.name.edits_at != "receiver":
        seconds["inversion"] = face.seconds
        seconds["editing"] = session.steps[-1].seconds[own]
    latents = session.latents(own)
    with stopwatch() as spent:
        if system.name.edits_at == "both":
            symbols = system.send(latents)
        else:
            edits = system.name.edits_at == "transmitter" and session.turns
            symbols = system.send(system.editor.draw(latents) if edits else face.image)
        with stage("channel"):
            noisy, seen_db = link.channel(symbols.expand(draws, -1), link.snr_db, link.rng())
        decoded = _decode(system, noisy, seen_db)
    cost = channel_cost(symbols, system.transmitter.dims_per_use, system.resolution)
    return Received(
        system=system.name.name,
        images=decoded.images,
        outage=decoded.outage,
        sent=symbols[0],
        symbols=noisy,
        channel_uses=symbols.shape[1] // system.transmitter.dims_per_use,
        cbr=cost["cbr"],
        adapters_snr_db=system.adapters_snr_db,
        seconds=seconds | {name: s / draws for name, s in spent.items()},
    )


def _decode(system: System, noisy: Tensor, seen_db: Levels) -> Decoded:
    if isinstance(system.receiver, EditingReceiver):
        return system.receiver.decode(noisy, seen_db)
    return system.receive(noisy, seen_db)


def _edit_received(
    loaded: LoadedSystems, session: Session, received: Sequence[Received]
) -> list[Received]:
    """The same with every decoded image edited; equal ones are edited once."""
    editor = loaded.editors[editor_name(received[0].system)]
    images = torch.cat([r.images for r in received])
    seen = ~torch.cat([r.outage for r in received])
    if not bool(seen.any()):
        return list(received)
    distinct, which = images[seen].unique(dim=0, return_inverse=True)
    with stopwatch() as spent:
        latents = editor.invert(distinct, seeded("app", "receiver"))
        edited = follow(editor, latents, distinct, session.requests)[1]
    images = images.clone()
    images[seen] = edited[which]
    share = {name: s / len(distinct) for name, s in spent.items()}
    return [
        replace(r, images=part, seconds=r.seconds | (share if not bool(r.outage.all()) else {}))
        for r, part in zip(received, images.split([len(r.images) for r in received]), strict=True)
    ]
