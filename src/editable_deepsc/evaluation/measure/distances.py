"""Distances between images: LPIPS, DISTS, SSIM, PSNR. Distances between sets: :mod:`.fid_kid`.

The formulas are those of the reference packages (lpips, pytorch-msssim); only the network under
LPIPS is ours, so that nothing has to be downloaded. Its unit is the mean distance of two different
rendered faces; that of published networks is as published.
"""

from __future__ import annotations

import lpips
import pytorch_msssim
import torch
from torch import Tensor, nn

from ...data.pixels import from_uint8
from ...networks.perceptual import FidelityFeatures, PerceptualBackbone

_C = 1e-6  # of DISTS: keeps channels without any signal from dividing by 0


class _EmbeddedLPIPS(lpips.LPIPS):
    """``lpips.LPIPS`` with another trunk, divided by the trunk's unit."""

    def __init__(self, backbone: PerceptualBackbone):
        # LPIPS.__init__ would build an ImageNet trunk, only to be replaced.
        nn.Module.__init__(self)
        self.net = backbone
        self.chns = list(backbone.widths)
        self.L = len(self.chns)
        # lpips rescales to ImageNet statistics, the backbone takes [-1, 1].
        self.scaling_layer = nn.Identity()
        self.version = "0.1"
        self.lpips = True
        self.spatial = False
        self.lins = nn.ModuleList(lpips.NetLinLayer(width) for width in backbone.widths)
        for lin, weights in zip(self.lins, backbone.channel_weights, strict=True):
            *_, convolution = lin.modules()
            convolution.get_parameter("weight").data = weights.data[None, :, None, None]

    def forward(self, in0: Tensor, in1: Tensor, **options) -> Tensor:
        return super().forward(in0, in1, **options) / self.net.unit(in0.shape[-1])


def embedded_lpips(backbone: PerceptualBackbone) -> lpips.LPIPS:
    """LPIPS on a backbone trained on faces, with its channel weights in the linear layers.

    The distance is ``lpips.LPIPS.forward``: features normalised to unit length over channels,
    squared differences summed over channels by weight, averaged over pixels, added over the five
    stages; and divided by :meth:`PerceptualBackbone.unit`. Differentiable in both images. Freezes
    ``backbone`` and puts it in evaluation mode. Images in [-1, 1]; distances are not negative.
    """
    return _EmbeddedLPIPS(backbone).eval().requires_grad_(False)


def lpips_of(network: lpips.LPIPS | PerceptualBackbone) -> lpips.LPIPS:
    """LPIPS as it is (published weights), or on an embedded backbone."""
    return network if isinstance(network, lpips.LPIPS) else embedded_lpips(network)


def lpips_distance(model: lpips.LPIPS, a: Tensor, b: Tensor) -> Tensor:
    """LPIPS [N] between images ``a`` and ``b`` [N, 3, H, W] in [-1, 1]; keeps gradients."""
    return model(a, b).flatten()


@torch.inference_mode()
def lpips_of_sets(model: lpips.LPIPS, a: Tensor, b: Tensor, batch_size: int = 64) -> Tensor:
    """LPIPS [N] between uint8 ``a`` and ``b`` [N, 3, H, W], in batches on the model's device."""
    device = next(model.parameters()).device

    def prepared(images: Tensor) -> Tensor:
        return from_uint8(images.to(device)).contiguous(memory_format=torch.channels_last)

    pairs = zip(a.split(batch_size), b.split(batch_size))
    return torch.cat([lpips_distance(model, prepared(x), prepared(y)) for x, y in pairs]).cpu()


@torch.inference_mode()
def dists_of_sets(network: FidelityFeatures, a: Tensor, b: Tensor, batch_size: int = 64) -> Tensor:
    """DISTS [N] (Ding et al. 2020, eq 5 to 8) between uint8 ``a`` and ``b`` [N, 3, H, W].

    1 minus the mean, over the channels of the image and of all maps of ``network``, of two
    similarities: of the means over the picture (texture) and of the maps around them (structure),
    in equal weights, where the authors fit the weights to judgements of people. 0 for equal images,
    about 1 for unrelated ones. The network trained nothing.
    """
    device = next(network.parameters()).device

    def maps(images: Tensor) -> list[Tensor]:
        x = from_uint8(images.to(device)).contiguous(memory_format=torch.channels_last)
        return [(x + 1) / 2, *network.maps(x)]

    def distance(first: Tensor, second: Tensor) -> Tensor:
        similar = []
        for x, y in zip(maps(first), maps(second), strict=True):
            x, y = x.flatten(2).double(), y.flatten(2).double()  # [N, C, H·W]
            mx, my = x.mean(2), y.mean(2)
            vx, vy = x.var(2, correction=0), y.var(2, correction=0)
            covariance = (x * y).mean(2) - mx * my
            similar.append((2 * mx * my + _C) / (mx**2 + my**2 + _C))
            similar.append((2 * covariance + _C) / (vx + vy + _C))
        return 1 - torch.cat(similar, 1).mean(1)

    pairs = zip(a.split(batch_size), b.split(batch_size))
    return torch.cat([distance(x, y).float() for x, y in pairs]).cpu()


def psnr_db(a: Tensor, b: Tensor) -> Tensor:
    """Peak signal-to-noise ratio [N] in dB of uint8 images [N, 3, H, W]; infinite if equal."""
    return 10 * torch.log10(255**2 / (a.float() - b.float()).square().mean((1, 2, 3)))


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Structural similarity [N] in [-1, 1] of uint8 images [N, 3, H, W].

    Gaussian window of 11 pixels, by pytorch-msssim.
    """
    return pytorch_msssim.ssim(a.float(), b.float(), data_range=255.0, size_average=False)
