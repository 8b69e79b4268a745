"""Which mode of an adaptive digital codec is for an SNR: the one that looks best on faces that are
in no test.

Every mode sends the same faces over the same channel. Outages count as the placeholder, so a mode
that loses pictures has to be much better in the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ..channel.fading import Channel
from ..codecs.base import Codec
from ..data.pixels import from_uint8
from ..data.seeds import seeded
from ..editing.inversion import DistanceTo

BATCH = 64  # images whose distance is measured at once


@torch.inference_mode()
def try_modes(
    codecs: Sequence[Codec],
    images: Tensor,
    channel: Channel,
    snr_db: float,
    distance: DistanceTo,
    *seed: int | str,
) -> list[dict[str, float]]:
    """Of each codec ``outage``, the share of images uint8 [N, 3, R, R] that is lost, and ``lpips``,
    the mean distance of what arrives.

    ``distance`` is LPIPS to a target; ``seed`` draws the channel, alike for all codecs.
    """
    x, found = from_uint8(images), []
    for codec in codecs:
        symbols = codec.encode(x, snr_db)
        decoded = codec.decode(*channel(symbols, snr_db, seeded(*seed, "modes")))
        parts = zip(x.split(BATCH), decoded.images.split(BATCH), strict=True)
        lpips = torch.cat([distance(original)(arrived) for original, arrived in parts])
        lost = decoded.outage.float().mean()
        found.append({"outage": float(lost), "lpips": float(lpips.mean())})
    return found


def best_mode(found: Sequence[Mapping[str, float]]) -> int:
    """Index of the mode of the least ``lpips``; the first of several, so the most robust should
    stand first: where every mode loses everything, it is that one.
    """
    return min(range(len(found)), key=lambda index: found[index]["lpips"])
