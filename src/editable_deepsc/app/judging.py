"""What the judges say of pictures that arrived, and the curve of it against SNR."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..channel.fading import Channel
from ..data.pixels import from_uint8, to_uint8
from ..evaluation.measure.distances import lpips_of_sets
from .loaded import LoadedSystems
from .sending import Link, Received, send
from .session import Session

CURVE_DRAWS = 3  # of the channel at each SNR


@dataclass(frozen=True)
class Judged:
    """Of N pictures: ``lpips`` [N] to the original, as the paper has it, and ``lpips_truth`` [N] to
    the true edit (None of a photograph); ``identity`` [N], the recogniser's cosine similarity to
    the original; ``degrees`` [N, 5] by the evaluator, which never guided an edit.
    """

    lpips: Tensor
    lpips_truth: Tensor | None
    identity: Tensor
    degrees: Tensor

    @property
    def quality(self) -> Tensor:
        """[N], less is better: LPIPS to the true edit, or to the original where it is unknown."""
        return self.lpips if self.lpips_truth is None else self.lpips_truth


@torch.inference_mode()
def judge(loaded: LoadedSystems, session: Session, images: Tensor) -> Judged:
    """Pictures [N, 3, R, R] in [-1, 1], as 8-bit pictures that a person would save."""
    judges, n = loaded.judges, len(images)
    truth = session.truth()
    pictures = to_uint8(torch.cat([images, session.face.image]))
    seen = from_uint8(pictures)
    embeddings = judges.recogniser(seen)

    def distance(reference: Tensor) -> Tensor:
        return lpips_of_sets(judges.lpips, pictures[:n], to_uint8(reference).expand(n, -1, -1, -1))

    return Judged(
        lpips=distance(session.face.image),
        lpips_truth=None if truth is None else distance(truth.to(images.device)),
        identity=(embeddings[:n] @ embeddings[n]).cpu(),
        degrees=judges.evaluator(seen[:n]).argmax(2).cpu(),
    )


@dataclass(frozen=True)
class Delivery:
    """Everything about one transmission of a session by all systems.

    Row i of ``judged`` is of ``received[i]``; behind them come the original and, where it is known,
    the true edit.
    """

    session: Session
    link: Link
    received: Sequence[Received]
    truth: Tensor | None
    judged: Judged


def deliver(loaded: LoadedSystems, session: Session, link: Link) -> Delivery:
    """Send once through every system, and judge."""
    received, truth = send(loaded, session, link), session.truth()
    images = [*(r.images for r in received), session.face.image]
    images += [] if truth is None else [truth.to(loaded.device)]
    return Delivery(session, link, received, truth, judge(loaded, session, torch.cat(images)))


@dataclass(frozen=True)
class CurvePoint:
    """Mean of ``Judged.quality`` of a system at an SNR, and the share of outages."""

    system: str
    snr_db: float
    quality: float
    outage: float


def curve(
    loaded: LoadedSystems, session: Session, channel: Channel, snrs: Sequence[float], draw: int = 0
) -> Iterator[list[CurvePoint]]:
    """Points of all systems, for one SNR after the other: the mean of ``CURVE_DRAWS`` draws."""
    for snr_db in snrs:
        received = send(loaded, session, Link(snr_db, channel, draw), CURVE_DRAWS)
        judged = judge(loaded, session, torch.cat([r.images for r in received]))
        means = judged.quality.view(len(received), CURVE_DRAWS).mean(1).tolist()
        yield [
            CurvePoint(r.system, snr_db, mean, float(r.outage.float().mean()))
            for r, mean in zip(received, means, strict=True)
        ]
