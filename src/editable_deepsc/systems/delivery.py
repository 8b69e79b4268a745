"""What a system has delivered: pictures, and what became of every wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image
from torch import Tensor

from ..data.attributes import ATTRIBUTES
from ..data.framing import Framing
from ..data.instructions import Instruction, expected_degree
from ..data.pictures import to_pictures
from ..editing.known import Unlike


@dataclass(frozen=True)
class Change:
    """A ``wish`` and what became of it. Degrees, 0 to 5, of the attribute that it names, by the
    predictor: ``before`` in the picture that the wish was made of, ``expected`` (eq 10), and
    ``reached`` in the received image.
    """

    wish: Instruction
    before: int
    expected: int
    reached: int

    def report(self) -> dict:
        """As a dictionary, JSON-able."""
        return {
            "sentence": self.wish.text,
            "attribute": ATTRIBUTES[self.wish.attribute],
            "direction": self.wish.direction,
            "degree": self.wish.degree,
            "degree_before": self.before,
            "degree_expected": self.expected,
            "degree_reached": self.reached,
        }


def changes_of(
    requests: Sequence[Sequence[Instruction]], before: Tensor, reached: Tensor
) -> list[tuple[Change, ...]]:
    """What became of the wishes of each of N pictures: degrees [N, 5] before and after."""

    def change(wish: Instruction, old: list[int], new: list[int]) -> Change:
        p = old[wish.attribute]
        wish = wish.settled(p)
        expected = expected_degree(p, wish.direction, wish.degree)
        return Change(wish, p, expected, new[wish.attribute])

    rows = zip(requests, before.tolist(), reached.tolist(), strict=True)
    return [tuple(change(wish, old, new) for wish in wishes) for wishes, old, new in rows]


@dataclass(frozen=True)
class Delivery:
    """What became of N pictures.

    ``images`` [N, 3, R, R] in [-1, 1], as received; ``outage`` [N] bool: nothing could be decoded.
    ``originals`` [N, 3, R, R]: the pictures, as they were framed; ``framings``: how. ``sentences``:
    N, as they were said; ``changes``: of each its wishes in their order, how they were understood,
    and the degrees before, expected and reached. ``latents`` [N, k] and ``inversions`` [N, 3, R,
    R]: the inverted images before the edit, those that the receiver decoded where it edits (an
    outage has none: zeros). Latents of Talk-to-Edit as released are a
    :class:`~..editing.released.space.Fitted`. ``unlike``: which of these pictures are unlike what
    the networks know, by their inversions (:mod:`~editable_deepsc.editing.known`); None where
    nothing was measured that says so. ``channel_uses`` of one image, ``cbr`` and
    ``real_dims_ratio`` as :func:`.wire.channel_cost` counts them. ``adapters_snr_db``: the SNR that
    the adapters were fine-tuned for, None without adapters. ``seconds`` of the whole batch by
    stage.
    """

    system: str
    snr_db: float
    images: Tensor
    outage: Tensor
    originals: Tensor
    framings: list[Framing]
    sentences: list[str]
    changes: list[tuple[Change, ...]]
    latents: Any
    inversions: Tensor
    unlike: Unlike | None
    channel_uses: int
    cbr: float
    real_dims_ratio: float
    adapters_snr_db: float | None
    seconds: dict[str, float]

    def pictures(self) -> list[Image.Image]:
        """The received images, as N pictures in RGB."""
        return to_pictures(self.images)

    def report(self) -> list[dict]:
        """One dictionary for each picture, JSON-able, with one for each of its ``changes``;
        ``seconds`` are those of one image.
        """
        return [self._report(i) for i in range(len(self.images))]

    def _report(self, i: int) -> dict:
        return {
            "system": self.system,
            "snr_db": self.snr_db,
            "sentence": self.sentences[i],
            "changes": [change.report() for change in self.changes[i]],
            "outage": bool(self.outage[i]),
            "framing": self.framings[i].about(),
            "unlike": self.unlike and self.unlike.report(i),
            "channel_uses": self.channel_uses,
            "cbr": self.cbr,
            "real_dims_ratio": self.real_dims_ratio,
            "adapters_snr_db": self.adapters_snr_db,
            "seconds": {name: s / len(self.images) for name, s in self.seconds.items()},
        }
