"""Studies of the codecs: what the sweep does not show.

Distortion and perception at equal bits, and what a task still sees in the delivered images.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from tqdm import tqdm

from ...channel.noise import awgn
from ...codecs.base import Codec, placeholder
from ...codecs.digital import Digital
from ...data.pixels import from_uint8, to_uint8
from .distances import lpips_of_sets, psnr_db, ssim
from .fid_kid import features_of, fid
from .statistics import bootstrap_interval

_BATCH = 64


# --- distortion against perception ----------------------------------------------------------------


def without_loss(codec: Digital, images: Tensor) -> tuple[Tensor, Tensor, float]:
    """Images uint8 [N, 3, R, R] through a digital codec's source coder, with no channel.

    Returns the decoded images; bool [N], which of them did not fit the codec's frame (they are
    placeholders, as on an outage); and the mean length in bytes of the streams that fit.
    """
    delivered = to_uint8(placeholder(len(images), images.shape[-1]))
    outage = torch.zeros(len(images), dtype=torch.bool)
    lengths: list[int] = []
    for i, image in enumerate(images.permute(0, 2, 3, 1).contiguous().numpy()):
        stream = codec.source.encode(image, codec.payload_bytes)
        if stream is None:
            outage[i] = True
        else:
            delivered[i] = torch.from_numpy(
                codec.source.decode(stream, images.shape[-1]).copy()
            ).permute(2, 0, 1)
            lengths.append(len(stream))
    return delivered, outage, float(np.mean(lengths)) if lengths else float("nan")


def quality(
    originals: Tensor, delivered: Tensor, lpips: nn.Module, fidelity: nn.Module
) -> dict[str, float]:
    """Distortion and perception of uint8 images [N, 3, R, R].

    Means of ``mse`` (of values in [0, 1]), ``psnr_db``, ``ssim``, ``lpips``, and the set's ``fid``.
    """
    mse = ((originals.float() - delivered.float()) / 255).square().mean((1, 2, 3))
    batches = zip(originals.split(_BATCH), delivered.split(_BATCH))
    return {
        "mse": float(mse.mean()),
        "psnr_db": float(psnr_db(delivered, originals).mean()),
        "ssim": float(torch.cat([ssim(b, a) for a, b in batches]).mean()),
        "lpips": float(lpips_of_sets(lpips, delivered, originals).mean()),
        "fid": fid(features_of(fidelity, originals), features_of(fidelity, delivered)),
    }


def rate_rows(
    codecs: Iterator[tuple[dict, Digital]], images: Tensor, lpips: nn.Module, fidelity: nn.Module
) -> pd.DataFrame:
    """One row per codec of ``codecs`` (what names it, and itself).

    :func:`quality`, ``outage`` (share that did not fit), ``bytes`` (mean length), ``frame_bytes``.
    """
    rows = []
    for keys, codec in tqdm(codecs, desc="codecs", mininterval=5):
        delivered, outage, length = without_loss(codec, images)
        rows.append(
            keys
            | {
                "frame_bytes": codec.payload_bytes,
                "bytes": length,
                "outage": float(outage.float().mean()),
            }
            | quality(images, delivered, lpips, fidelity)
        )
        print(rows[-1])
    return pd.DataFrame(rows)


# --- what a task sees -----------------------------------------------------------------------------


@torch.inference_mode()
def encoded(codec: Codec, images: Tensor, snr_db: float) -> Tensor:
    """Symbols [N, k] of images uint8 [N, 3, R, R]."""
    return torch.cat([codec.encode(from_uint8(batch), snr_db) for batch in images.split(_BATCH)])


@torch.inference_mode()
def task_hits(
    codec: Codec,
    symbols: Tensor,
    images: Tensor,
    degrees: Tensor,
    evaluator: Callable[[Tensor], Tensor],
    snr_db: float,
    rng: torch.Generator,
) -> dict[str, Tensor]:
    """What the evaluator sees of images uint8 [N, 3, R, R] after AWGN on their ``symbols`` [N, k].

    The symbols, the codec and the evaluator are on one device; the rest, and what is returned, are
    on the CPU.

    ``accuracy`` [N]: share of the attributes whose degree it sees exactly as it is (``degrees`` [N,
    5]); ``psnr_db`` [N]; ``outage`` [N]. On an outage it looks at the placeholder, as everywhere.
    """
    out: dict[str, list[Tensor]] = {"accuracy": [], "psnr_db": [], "outage": []}
    for sent, batch, truth in zip(
        symbols.split(_BATCH), images.split(_BATCH), degrees.round().long().split(_BATCH)
    ):
        decoded = codec.decode(awgn(sent, snr_db, rng), snr_db)
        delivered = to_uint8(decoded.images)
        seen = evaluator(from_uint8(delivered)).argmax(-1).cpu()
        out["accuracy"].append((seen == truth).float().mean(1))
        out["psnr_db"].append(psnr_db(delivered.cpu(), batch))
        out["outage"].append(decoded.outage.float().cpu())
    return {name: torch.cat(parts) for name, parts in out.items()} | {
        "real_dims": torch.full((len(images),), float(symbols.shape[1]))
    }


def with_intervals(hits: pd.DataFrame, weighted: str, unweighted: str) -> pd.DataFrame:
    """Means per codec and SNR, with 95 % bootstrap intervals over images.

    ``hits``: rows per image, with ``codec``, ``snr_db``, ``image`` and those of :func:`task_hits`.

    ``low`` and ``high`` bound ``accuracy``; rows of ``weighted`` also have ``gain``, ``gain_low``
    and ``gain_high``: accuracy minus that of ``unweighted``, paired by image.
    """
    rows = []
    for (codec, snr_db), group in hits.groupby(["codec", "snr_db"], sort=False):
        low, high = bootstrap_interval(group.accuracy.to_numpy())
        row = {
            "codec": codec,
            "snr_db": snr_db,
            "n_images": len(group),
            "accuracy": group.accuracy.mean(),
            "low": low,
            "high": high,
            "psnr_db": group.psnr_db.mean(),
            "outage": group.outage.mean(),
            "real_dims": group.real_dims.iloc[0],
        }
        if codec == weighted:
            other = hits[(hits.codec == unweighted) & (hits.snr_db == snr_db)]
            difference = (
                group.sort_values("image").accuracy.to_numpy()
                - other.sort_values("image").accuracy.to_numpy()
            )
            row["gain"] = difference.mean()
            row["gain_low"], row["gain_high"] = bootstrap_interval(difference)
        rows.append(row)
    return pd.DataFrame(rows)
