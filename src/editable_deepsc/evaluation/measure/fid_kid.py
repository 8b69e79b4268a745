"""Distances between sets of images: FID and KID, by torch-fidelity, on features of our own.

Nothing has to be downloaded. Values compare systems with each other here; they are not on the scale
of published ones, unless the features are those of the published Inception.
"""

from __future__ import annotations

import copy

import torch
import torch_fidelity
from torch import Tensor, nn
from torch.utils.data import Dataset
from torch_fidelity.feature_extractor_base import FeatureExtractorBase

from ...data.pixels import from_uint8

_EXTRACTOR = "editable-deepsc"


class _EmbeddedExtractor(FeatureExtractorBase):
    """Shows a network to torch-fidelity.

    torch-fidelity builds this class itself and hands it the keyword ``features_network``.
    """

    def __init__(self, name: str, features_list: list[str], features_network: nn.Module, **kwargs):
        super().__init__(name, features_list)
        # A copy, because torch-fidelity freezes and moves what it is given.
        self.network = copy.deepcopy(features_network)

    @staticmethod
    def get_provided_features_list() -> tuple[str]:
        return ("features",)

    @staticmethod
    def get_default_feature_layer_for_metric(metric: str) -> str:
        return "features"

    def forward(self, images: Tensor) -> tuple[Tensor]:
        images = from_uint8(images).contiguous(memory_format=torch.channels_last)
        # Means and covariances of small sets deserve double precision.
        return (self.network(images).double(),)


torch_fidelity.register_feature_extractor(_EXTRACTOR, _EmbeddedExtractor)


class _Images(Dataset):
    """A uint8 tensor [N, 3, H, W] as a data set of torch-fidelity."""

    def __init__(self, images: Tensor):
        self.images = images.cpu()

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> Tensor:
        return self.images[i]


def fid_kid(
    features_network: nn.Module,
    a: Tensor,
    b: Tensor,
    kid_subsets: int,
    kid_subset_size: int,
    seed: int,
    batch_size: int = 64,
) -> tuple[float, float]:
    """FID and KID between uint8 images [N, 3, H, W] and [M, 3, H, W], by torch-fidelity.

    ``features_network`` maps images in [-1, 1] to features [N, F] and decides the device. FID
    (Heusel et al. 2017) is biased upwards in small sets, so compare it only at equal N. KID
    (Binkowski et al. 2018) is the unbiased estimate, cubic kernel, averaged over ``kid_subsets``
    subsets drawn with ``seed``; it may be slightly negative. ``ValueError`` if images are not
    uint8, or a set is smaller than a KID subset or than two images.
    """
    if a.dtype != torch.uint8 or b.dtype != torch.uint8:
        raise ValueError(f"FID and KID take uint8 images, not {a.dtype} and {b.dtype}")
    if not 2 <= kid_subset_size <= min(len(a), len(b)):
        raise ValueError(
            f"kid_subset_size is {kid_subset_size}, and must be at least 2 and at most the number "
            f"of images in the smaller set ({len(a)} and {len(b)})"
        )
    result = torch_fidelity.calculate_metrics(
        input1=_Images(a),
        input2=_Images(b),
        feature_extractor=_EXTRACTOR,
        features_network=features_network,
        fid=True,
        kid=True,
        kid_subsets=kid_subsets,
        kid_subset_size=kid_subset_size,
        rng_seed=seed,
        batch_size=batch_size,
        cuda=next(features_network.parameters()).is_cuda,
        save_cpu_ram=True,  # the images are in memory already: no worker processes
        cache=False,
        verbose=False,
    )
    return result["frechet_inception_distance"], result["kernel_inception_distance_mean"]
