"""Distances between images and between sets of images: LPIPS, FID, KID, SSIM, PSNR.

The formulas are those of the reference packages (lpips, torch-fidelity, pytorch-msssim); only the
networks under LPIPS, FID and KID are ours, so that nothing has to be downloaded. Values compare
systems with each other here; they are not on the scale of published ones.
"""

from __future__ import annotations

import copy

import lpips
import pytorch_msssim
import torch
import torch_fidelity
from torch import Tensor, nn
from torch.utils.data import Dataset
from torch_fidelity.feature_extractor_base import FeatureExtractorBase

from ..data.pixels import from_uint8
from ..networks.perceptual import PerceptualBackbone


class _EmbeddedLPIPS(lpips.LPIPS):
    """``lpips.LPIPS`` with another trunk; ``forward`` is inherited."""

    def __init__(self, backbone: PerceptualBackbone):
        nn.Module.__init__(
            self
        )  # LPIPS.__init__ would build an ImageNet trunk, only to be replaced
        self.net = backbone
        self.chns = list(backbone.widths)
        self.L = len(self.chns)
        self.scaling_layer = (
            nn.Identity()
        )  # lpips rescales to ImageNet statistics, the backbone takes [-1, 1]
        self.version = "0.1"
        self.lpips = True
        self.spatial = False
        self.lins = nn.ModuleList(lpips.NetLinLayer(width) for width in backbone.widths)
        for lin, weights in zip(self.lins, backbone.channel_weights, strict=True):
            lin.model[-1].weight.data = weights.data[None, :, None, None]


def embedded_lpips(backbone: PerceptualBackbone) -> lpips.LPIPS:
    """LPIPS on a backbone trained on faces, with its channel weights in the linear layers.

    The distance is ``lpips.LPIPS.forward``: features normalised to unit length over channels,
    squared differences summed over channels by weight, averaged over pixels, added over the five
    stages. Differentiable in both images. Freezes ``backbone`` and puts it in evaluation mode.
    Images in [-1, 1]; distances are not negative.
    """
    return _EmbeddedLPIPS(backbone).eval().requires_grad_(False)


def lpips_of(network: nn.Module) -> lpips.LPIPS:
    """LPIPS as it is (published weights, see :mod:`.published`), or on an embedded backbone."""
    return network if isinstance(network, lpips.LPIPS) else embedded_lpips(network)


def lpips_distance(model: lpips.LPIPS, a: Tensor, b: Tensor) -> Tensor:
    """LPIPS [N] between images ``a`` and ``b`` [N, 3, H, W] in [-1, 1]; keeps gradients."""
    return model(a, b).flatten()


@torch.inference_mode()
def lpips_of_sets(model: lpips.LPIPS, a: Tensor, b: Tensor, batch_size: int = 64) -> Tensor:
    """LPIPS [N] between uint8 sets ``a`` and ``b`` [N, 3, H, W], in batches on the model's
    device.
    """
    device = next(model.parameters()).device

    def prepared(images: Tensor) -> Tensor:
        return from_uint8(images.to(device)).contiguous(memory_format=torch.channels_last)

    pairs = zip(a.split(batch_size), b.split(batch_size))
    return torch.cat([lpips_distance(model, prepared(x), prepared(y)) for x, y in pairs]).cpu()


def psnr_db(a: Tensor, b: Tensor) -> Tensor:
    """Peak signal-to-noise ratio [N] in dB of uint8 images [N, 3, H, W]; infinite where they are
    equal.
    """
    return 10 * torch.log10(255**2 / (a.float() - b.float()).square().mean((1, 2, 3)))


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Structural similarity [N] in [-1, 1] of uint8 images [N, 3, H, W] (11 pixel Gaussian
    window, pytorch-msssim).
    """
    return pytorch_msssim.ssim(a.float(), b.float(), data_range=255.0, size_average=False)


# --- FID and KID ---------------------------------------------------------------------------------

_EXTRACTOR = "editable-deepsc"


class _EmbeddedExtractor(FeatureExtractorBase):
    """Shows a network to torch-fidelity, which builds this class itself and hands it the keyword
    ``features_network``.
    """

    def __init__(self, name: str, features_list: list[str], features_network: nn.Module, **kwargs):
        super().__init__(name, features_list)
        self.network = copy.deepcopy(
            features_network
        )  # torch-fidelity freezes and moves what it is given

    @staticmethod
    def get_provided_features_list() -> tuple[str]:
        return ("features",)

    @staticmethod
    def get_default_feature_layer_for_metric(metric: str) -> str:
        return "features"

    def forward(self, images: Tensor) -> tuple[Tensor]:
        images = from_uint8(images).contiguous(memory_format=torch.channels_last)
        return (
            self.network(images).double(),
        )  # means and covariances of small sets deserve double precision


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
    """FID and KID between two sets of uint8 images [N, 3, H, W] and [M, 3, H, W], by
    torch-fidelity.

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
            f"kid_subset_size is {kid_subset_size}, and must be at least 2 and at most the number of images "
            f"in the smaller set ({len(a)} and {len(b)})"
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
