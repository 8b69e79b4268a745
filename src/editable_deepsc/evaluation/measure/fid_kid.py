"""Distances between sets of images: FID and KID, on features of our own.

The formulas are those of torch-fidelity. Nothing has to be downloaded. Values compare systems with
each other here; they are not on the scale of published ones, unless the features are those of the
published Inception.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import kernel_poly, kid_features_to_metric

from ...data.pixels import from_uint8

KERNEL = {  # of Binkowski et al. 2018: (x·y / F + 1)³
    "kid_kernel_poly_degree": 3,
    "kid_kernel_poly_gamma": None,
    "kid_kernel_poly_coef0": 1,
}


@torch.inference_mode()
def features_of(network: nn.Module, images: Tensor, batch_size: int = 64) -> Tensor:
    """Features [N, F] in float64, on the CPU, of uint8 images [N, 3, H, W].

    ``network`` maps images in [-1, 1] to features [N, F] and decides the device. ``ValueError`` if
    the images are not uint8.
    """
    if images.dtype != torch.uint8:
        raise ValueError(f"FID and KID take uint8 images, not {images.dtype}")
    device = next(network.parameters()).device
    found = [
        network(from_uint8(batch.to(device)).contiguous(memory_format=torch.channels_last)).cpu()
        for batch in images.split(batch_size)
    ]
    return torch.cat(found).double()  # moments of small sets deserve it


def fid(a: Tensor, b: Tensor) -> float:
    """Fréchet distance (Heusel et al. 2017) of features [N, F] and [M, F], float64.

    It is biased upwards in small sets, so compare it only at equal N and M.
    """
    first, second = fid_features_to_statistics(a), fid_features_to_statistics(b)
    return fid_statistics_to_metric(first, second, verbose=False)["frechet_inception_distance"]


def kid(a: Tensor, b: Tensor) -> float:
    """Unbiased squared MMD of features [N, F] and [M, F], float64, with the cubic kernel of KID.

    All pairs count (Gretton et al. 2012, eq 3), not those of random subsets: no draw, least
    variance, and the sets may differ in size. Sets of one distribution are at 0 on average.
    ``ValueError`` for a set of one.
    """
    n, m = len(a), len(b)
    if min(n, m) < 2:
        raise ValueError(f"KID needs two images of each set at least, not {n} and {m}")
    x, y = a.numpy(), b.numpy()

    def others(features: np.ndarray) -> float:
        """Mean of the kernel over pairs of different images of a set."""
        kernel, count = kernel_poly(features, features, **KERNEL), len(features)
        return (kernel.sum() - kernel.trace()) / (count * (count - 1))

    return float(others(x) + others(y) - 2 * kernel_poly(x, y, **KERNEL).mean())


def paired_fid_kid(
    a: Tensor, b: Tensor, kid_subsets: int, kid_subset_size: int, seed: int
) -> tuple[float, float]:
    """FID and KID of features [N, F] and [N, F], float64, as torch-fidelity computes them.

    KID is averaged over ``kid_subsets`` subsets drawn with ``seed``. Where b are the edited faces a
    themselves, as in the paper, the sets are not independent, and KID is below 0 for faces that are
    hardly changed. ``ValueError`` if a set is smaller than a KID subset or than two images.
    """
    if not 2 <= kid_subset_size <= min(len(a), len(b)):
        raise ValueError(
            f"kid_subset_size is {kid_subset_size}, and must be at least 2 and at most the number "
            f"of images in the smaller set ({len(a)} and {len(b)})"
        )
    found = kid_features_to_metric(
        a, b, kid_subsets=kid_subsets, kid_subset_size=kid_subset_size, rng_seed=seed, verbose=False
    )
    return fid(a, b), found["kernel_inception_distance_mean"]
