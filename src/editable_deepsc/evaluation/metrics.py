"""Everything that is measured in one cell of the sweep: one data set, one system, one SNR, all
seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import lpips
import numpy as np
import torch
from torch import Tensor, nn

from ..data.attributes import NUM_DEGREES
from ..data.pixels import from_uint8
from .distances import fid_kid, lpips_of_sets, psnr_db, ssim


@dataclass(frozen=True)
class EvaluationNetworks:
    """The judges, all on one device. None of them took part in training a system.

    ``lpips``: from ``distances.embedded_lpips``. ``fidelity``: images in [-1, 1] to features [N,
    F], for FID and KID.
    ``evaluator``: images in [-1, 1] to degree logits [N, 5, 6]. ``recogniser``: images in [-1, 1]
    to unit embeddings [N, E].
    ``identity_threshold``: cosine similarity from which two pictures count as the same person.
    """

    lpips: lpips.LPIPS
    fidelity: nn.Module
    evaluator: Callable[[Tensor], Tensor]
    recogniser: Callable[[Tensor], Tensor]
    identity_threshold: float


def evaluate(
    originals: Tensor,
    received: Tensor,
    truths: Tensor | None,
    attribute: Tensor,
    expected_degree: Tensor,
    outage: Tensor,
    networks: EvaluationNetworks,
    *,
    cbr: float,
    real_dims_ratio: float,
    kid_subsets: int,
    kid_subset_size: int,
    kid_seed: int,
    batch_size: int = 64,
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """One row of metrics per seed of a cell, and one per seed and image.

    Args:
        originals: uint8 [N, 3, H, W], the images before editing and sending.
        received: uint8 [S, N, 3, H, W], what came out at the receiver, for S seeds of the channel.
        truths: uint8 [N, 3, H, W], the true edited images, or None where they are unknown (real
            photographs).
        attribute: long [N], the attribute that each instruction targets.
        expected_degree: long [N], ``e`` of equation 10, from the true degrees.
        outage: bool [S, N], images whose digital link failed.
        cbr, real_dims_ratio: channel uses per pixel and colour, in the paper's count and in real
            dimensions.

    Returns:
        S dictionaries of means, and S·N dictionaries of what is known of a single image (for
        intervals): the same names without FID, KID and the costs, with ``seed`` and ``image``.
        ``lpips``, ``fid``, ``kid``, ``ssim``, ``psnr_db`` and ``identity`` (mean cosine similarity)
        compare the received with the *original* image, as the paper does; ``lpips_truth`` and
        ``psnr_truth_db`` with the true edit (NaN without).
        ``edit_exact``, ``edit_within_one``: share of images where the evaluator's degree of the
            target is, or is at most one away from, the expected one. ``edit_success``: within one,
            and still the same person. ``drift``: mean change of the evaluator's expected degree in
            the four attributes that nobody asked to change.

    ``ValueError`` on shapes that do not belong together, or a KID subset larger than N.
    """
    n = len(originals)
    if received.shape[1:] != originals.shape:
        raise ValueError(
            f"received is {tuple(received.shape)}; must be [seeds, *{tuple(originals.shape)}]"
        )
    if outage.shape != received.shape[:2]:
        raise ValueError(f"outage is {tuple(outage.shape)}; must be {tuple(received.shape[:2])}")
    if truths is not None and truths.shape != originals.shape:
        raise ValueError(f"truths is {tuple(truths.shape)}; must be {tuple(originals.shape)}")
    if not attribute.shape == expected_degree.shape == (n,):
        raise ValueError(f"attribute and expected_degree must be [{n}], one for each image")

    degrees_before, embeddings_before = _judge(originals, networks, batch_size)
    rows, singles = [], []
    for seed, (images, lost) in enumerate(zip(received, outage)):
        degrees, embeddings = _judge(images, networks, batch_size)
        similarity = (embeddings * embeddings_before).sum(1)
        fid, kid = fid_kid(
            networks.fidelity, originals, images, kid_subsets, kid_subset_size, kid_seed, batch_size
        )
        unknown = torch.full((n,), float("nan"))
        single = {
            "lpips": lpips_of_sets(networks.lpips, images, originals, batch_size),
            "ssim": torch.cat([ssim(a, b) for a, b in _batches(batch_size, images, originals)]),
            "psnr_db": psnr_db(images, originals),
            "identity": similarity,
            **edit_outcomes(
                degrees_before,
                degrees,
                similarity,
                attribute,
                expected_degree,
                networks.identity_threshold,
            ),
            "lpips_truth": unknown
            if truths is None
            else lpips_of_sets(networks.lpips, images, truths, batch_size),
            "psnr_truth_db": unknown if truths is None else psnr_db(images, truths),
            "outage": lost.float(),
        }
        row = {name: float(values.mean()) for name, values in single.items()}
        row |= {
            "fid": fid,
            "kid": kid,
            "cbr": cbr,
            "real_dims_ratio": real_dims_ratio,
            "n_images": n,
        }
        rows.append(row)
        table = {name: values.tolist() for name, values in single.items()}
        singles += [
            {"seed": seed, "image": i} | {name: values[i] for name, values in table.items()}
            for i in range(n)
        ]
    return rows, singles


def edit_outcomes(
    before: Tensor,
    after: Tensor,
    similarity: Tensor,
    attribute: Tensor,
    expected_degree: Tensor,
    identity_threshold: float,
) -> dict[str, Tensor]:
    """What became of every edit, [N] each: ``edit_exact``, ``edit_within_one`` and ``edit_success``
    (0 or 1), ``drift`` (degrees).

    ``before``, ``after``: the evaluator's logits [N, 5, 6]; ``similarity`` [N] of identity. What
    the columns say: :func:`evaluate`.
    """
    error = (_at(after.argmax(2), attribute) - expected_degree.cpu()).abs()
    change = (_mean_degree(after) - _mean_degree(before)).abs()
    return {
        "edit_exact": (error == 0).float(),
        "edit_within_one": (error <= 1).float(),
        "edit_success": ((error <= 1) & (similarity >= identity_threshold)).float(),
        "drift": (change.sum(1) - _at(change, attribute)) / (change.shape[1] - 1),
    }


def bootstrap_interval(
    values: np.ndarray,
    statistic: Callable[[np.ndarray], float] = np.mean,
    n: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % percentile bootstrap interval (Efron 1979) of ``statistic`` over values [N], from ``n``
    resamples.

    ``ValueError`` if there are no values.
    """
    values = np.asarray(values)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(f"a bootstrap needs a non-empty list of values, not shape {values.shape}")
    rng = np.random.default_rng(seed)
    resampled = [statistic(values[rng.integers(len(values), size=len(values))]) for _ in range(n)]
    low, high = np.quantile(resampled, [0.025, 0.975])
    return float(low), float(high)


def _batches(batch_size: int, *sets: Tensor):
    return zip(*(s.split(batch_size) for s in sets))


def _to_network(images: Tensor, networks: EvaluationNetworks) -> Tensor:
    """uint8 images to [-1, 1] on the networks' device."""
    device = next(networks.lpips.parameters()).device
    return from_uint8(images.to(device)).contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def _judge(images: Tensor, networks: EvaluationNetworks, batch_size: int) -> tuple[Tensor, Tensor]:
    """Degree logits [N, 5, 6] and unit embeddings [N, E] of uint8 images."""
    logits, embeddings = [], []
    for batch in images.split(batch_size):
        batch = _to_network(batch, networks)
        logits.append(networks.evaluator(batch).cpu())
        embeddings.append(networks.recogniser(batch).cpu())
    return torch.cat(logits), torch.cat(embeddings)


def _mean_degree(logits: Tensor) -> Tensor:
    """Expected degree [N, 5] in [0, 5] under the evaluator's softmax over degrees."""
    return logits.softmax(2) @ torch.arange(NUM_DEGREES, dtype=logits.dtype)


def _at(values: Tensor, attribute: Tensor) -> Tensor:
    """Column ``attribute[i]`` of row i: [N, 5] to [N]."""
    return values.gather(1, attribute.cpu()[:, None])[:, 0]
