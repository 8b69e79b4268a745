"""Everything that is measured in one cell of the sweep.

A cell is one data set, one system and one SNR, with all seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import lpips
import torch
from torch import Tensor, nn

from ...data.attributes import NUM_DEGREES
from ...data.pixels import from_uint8
from ...networks.perceptual import FidelityFeatures
from .distances import dists_of_sets, lpips_of_sets, psnr_db, ssim
from .fid_kid import features_of, fid, kid, paired_fid_kid


@dataclass(frozen=True)
class EvaluationNetworks:
    """The judges, all on one device. All but LPIPS never guided any system.

    LPIPS, which the paper judges by, is not independent of what it judges: it is the distance that
    inversion descends (eq 9) and that trains the adapters (eq 18). DISTS stands beside it.

    ``lpips``: from :func:`.distances.lpips_of`. ``fidelity``: images in [-1, 1] to features [N, F],
    for FID and KID; and for DISTS, if it is of this package.
    ``evaluator``: images in [-1, 1] to degree logits [N, 5, 6]. ``recogniser``: images in [-1, 1]
    to unit embeddings [N, E]; not the one of eq 13, which trains the semantic fields.
    ``identity_threshold``: cosine similarity from which two pictures count as the same person.
    """

    lpips: lpips.LPIPS
    fidelity: nn.Module
    evaluator: Callable[[Tensor], Tensor]
    recogniser: Callable[[Tensor], Tensor]
    identity_threshold: float


@dataclass(frozen=True)
class References:
    """What the received images of a cell are compared with.

    ``originals``: uint8 [N, 3, H, W], the images before editing and sending. ``truths``: the true
    edited images, of the same shape, or None where they are unknown (real photographs).
    ``attribute``: long [N], the attribute that each instruction targets. ``current_degree`` and
    ``expected_degree``: long [N], its true degree and ``e`` of equation 10; an instruction asks for
    nothing where they are equal. ``ValueError`` on shapes that do not belong
    together.
    """

    originals: Tensor
    truths: Tensor | None
    attribute: Tensor
    current_degree: Tensor
    expected_degree: Tensor

    def __post_init__(self) -> None:
        n, shape = len(self.originals), tuple(self.originals.shape)
        if self.truths is not None and self.truths.shape != self.originals.shape:
            raise ValueError(f"truths is {tuple(self.truths.shape)}; must be {shape}")
        columns = (self.attribute, self.current_degree, self.expected_degree)
        if any(column.shape != (n,) for column in columns):
            raise ValueError(f"attribute and degrees must be [{n}], one for each image")

    @property
    def asked(self) -> Tensor:
        """Bool [N]: the instruction asks for a change, and is not at the end of its scale."""
        return self.expected_degree != self.current_degree


@dataclass(frozen=True)
class KidSettings:
    """KID is a mean over ``subsets`` of ``subset_size`` images each, drawn with ``seed``."""

    subsets: int
    subset_size: int
    seed: int


def evaluate(
    received: Tensor,
    outage: Tensor,
    references: References,
    real: Tensor,
    networks: EvaluationNetworks,
    subsets: KidSettings,
    *,
    cbr: float,
    real_dims_ratio: float,
    batch_size: int = 64,
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """One row of metrics per seed of a cell, and one per seed and image.

    Args:
        received: uint8 [S, N, 3, H, W], what came out at the receiver, for S seeds of the channel.
        outage: bool [S, N], images whose digital link failed.
        references: what the N images are compared with.
        real: features [M, F] of faces of the same kind that are independent of the N images, by
            :func:`.fid_kid.features_of`.
        networks: the judges.
        subsets: of the paired KID; ``ValueError`` if they are larger than N.
        cbr: channel uses per pixel and colour, in the paper's count.
        real_dims_ratio: the same in real dimensions.

    Returns:
        S dictionaries of means, and S·N dictionaries of what is known of a single image (for
        intervals): the same names without FID, KID and the costs, with ``seed`` and ``image``.
        ``lpips``, ``dists``, ``ssim``, ``psnr_db`` and ``identity`` (mean cosine similarity)
        compare the received with the *original* image, as the paper does; ``lpips_truth``,
        ``dists_truth`` and ``psnr_truth_db`` with the true edit (NaN without).
        ``fid`` and ``kid`` compare the received images with ``real``; ``fid_paired`` and
            ``kid_paired`` with their own originals, as the paper does.
        ``edit_exact``, ``edit_within_one``: share of images where the evaluator's degree of the
            target is, or is at most one away from, the expected one. ``edit_success``: within one,
            nearer than in the original, and still the same person (:func:`edit_outcomes`).
            ``drift``: mean change of the evaluator's expected degree in the four attributes that
            nobody asked to change.

    ``ValueError`` on shapes that do not belong together.
    """
    originals, n = references.originals, len(references.originals)
    if received.shape[1:] != originals.shape:
        raise ValueError(
            f"received is {tuple(received.shape)}; must be [seeds, *{tuple(originals.shape)}]"
        )
    if outage.shape != received.shape[:2]:
        raise ValueError(f"outage is {tuple(outage.shape)}; must be {tuple(received.shape[:2])}")

    before = _judge(originals, networks, batch_size)
    own = features_of(networks.fidelity, originals, batch_size)
    rows, singles = [], []
    for seed, (images, lost) in enumerate(zip(received, outage)):
        single = _of_images(images, lost, before, references, networks, batch_size)
        seen = features_of(networks.fidelity, images, batch_size)
        paired = paired_fid_kid(own, seen, subsets.subsets, subsets.subset_size, subsets.seed)
        row = {name: float(values.nanmean()) for name, values in single.items()}
        row |= {
            "fid": fid(seen, real),
            "kid": kid(seen, real),
            "fid_paired": paired[0],
            "kid_paired": paired[1],
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


def _of_images(
    images: Tensor,
    lost: Tensor,
    before: tuple[Tensor, Tensor],
    references: References,
    networks: EvaluationNetworks,
    batch_size: int,
) -> dict[str, Tensor]:
    """The metrics of single images, [N] each; ``before``: what the judges say of the originals."""
    originals, truths = references.originals, references.truths
    degrees, embeddings = _judge(images, networks, batch_size)
    similarity = (embeddings * before[1]).sum(1)
    unknown = torch.full((len(images),), float("nan"))

    def dists(references: Tensor | None) -> Tensor:
        if references is None or not isinstance(networks.fidelity, FidelityFeatures):
            return unknown
        return dists_of_sets(networks.fidelity, images, references, batch_size)

    return {
        "lpips": lpips_of_sets(networks.lpips, images, originals, batch_size),
        "dists": dists(originals),
        "ssim": torch.cat([ssim(a, b) for a, b in _batches(batch_size, images, originals)]),
        "psnr_db": psnr_db(images, originals),
        "identity": similarity,
        **edit_outcomes(
            before[0],
            degrees,
            similarity >= networks.identity_threshold,
            references.attribute,
            references.expected_degree,
            references.asked,
        ),
        "lpips_truth": unknown
        if truths is None
        else lpips_of_sets(networks.lpips, images, truths, batch_size),
        "dists_truth": dists(truths),
        "psnr_truth_db": unknown if truths is None else psnr_db(images, truths),
        "outage": lost.float(),
    }


def edit_outcomes(
    before: Tensor,
    after: Tensor,
    same: Tensor,
    attribute: Tensor,
    expected_degree: Tensor,
    asked: Tensor,
) -> dict[str, Tensor]:
    """What became of every edit, [N] each.

    ``edit_exact``, ``edit_within_one`` and ``edit_success`` (0 or 1), ``drift`` (degrees).

    A success is within one degree of the expected one, nearer to it than the original, both by the
    evaluator, and the ``same`` person. So who does nothing has none. An instruction that asks for
    nothing, since the attribute is at that end of its scale, can be neither: its success is NaN.

    ``before``, ``after``: the evaluator's logits [N, 5, 6]; ``same`` and ``asked``: bool [N].
    """
    first, error = (
        (_at(seen.argmax(2), attribute) - expected_degree.cpu()).abs() for seen in (before, after)
    )
    change = (_mean_degree(after) - _mean_degree(before)).abs()
    success = ((error <= 1) & (error < first) & same).float()
    return {
        "edit_exact": (error == 0).float(),
        "edit_within_one": (error <= 1).float(),
        "edit_success": success.where(asked.cpu(), torch.nan),
        "drift": (change.sum(1) - _at(change, attribute)) / (change.shape[1] - 1),
    }


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
