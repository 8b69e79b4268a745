"""LPIPS and Inception from local files of published weights, instead of the embedded networks.

Nothing is downloaded: lpips and torch-fidelity would fetch their trunks themselves, and
torch-fidelity unpickles what it is given. Here every file is first read as data only and checked
key by key. Importing this module imports lpips, torchvision and torch-fidelity;
:func:`editable_deepsc.networks.published.read` does so only for a file of these formats.
"""

from __future__ import annotations

import io
from pathlib import Path

import lpips
import torch
import torchvision
from torch import Tensor, nn
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from ...data.pixels import to_uint8
from .checkpoint import fit, part, read_checkpoint

# Trunk of LPIPS -> torchvision's network, the layers whose outputs are compared, their widths
TRUNKS = {
    "alex": (torchvision.models.alexnet, (1, 4, 7, 9, 11), (64, 192, 384, 256, 256)),
    "vgg": (torchvision.models.vgg16, (3, 8, 15, 22, 29), (64, 128, 256, 512, 512)),
}


class _Trunk(nn.Module):
    """``features`` of a torchvision classifier, as LPIPS looks at them.

    Images at ImageNet's statistics [N, 3, H, W] -> the maps after chosen layers.
    """

    def __init__(self, net: str):
        super().__init__()
        network, self.taps, _ = TRUNKS[net]
        self.features = network(weights=None).features

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = []
        for i, layer in enumerate(self.features[: self.taps[-1] + 1]):
            x = layer(x)
            if i in self.taps:
                maps.append(x)
        return maps


class _Weights(nn.Module):
    """The learned weights of the channels, a 1x1 convolution per map, under published names."""

    def __init__(self, widths: tuple[int, ...]):
        super().__init__()
        for i, width in enumerate(widths):
            setattr(self, f"lin{i}", lpips.NetLinLayer(width, use_dropout=True))


class _LocalLPIPS(lpips.LPIPS):
    """``lpips.LPIPS`` from modules that are already read; ``forward`` is inherited."""

    def __init__(self, trunk: _Trunk, weights: _Weights, widths: tuple[int, ...]):
        nn.Module.__init__(self)  # LPIPS.__init__ would download the trunk
        self.net, self.chns, self.L = trunk, list(widths), len(widths)
        self.lins = nn.ModuleList(weights.children())
        self.scaling_layer = lpips.ScalingLayer()
        self.version, self.lpips, self.spatial = "0.1", True, False


def published_lpips(path: Path, net: str = "alex", weights: Path | None = None) -> lpips.LPIPS:
    """LPIPS v0.1 (Zhang et al. 2018) on an ImageNet trunk.

    ``path``: torchvision's state dict of AlexNet or VGG-16 (``net`` "alex" or "vgg").

    The learned channel weights come with the lpips package, or from ``weights``. Images in [-1, 1];
    distances by ``model(a, b)`` [N, 1, 1, 1]. ``WeightsError`` if a file does not fit;
    ``ValueError`` for another ``net``.
    """
    if net not in TRUNKS:
        raise ValueError(f"LPIPS has no trunk {net!r} here; choose one of: {', '.join(TRUNKS)}")
    path = Path(path)
    weights = (
        Path(weights)
        if weights is not None
        else Path(lpips.__file__).parent / "weights" / "v0.1" / f"{net}.pth"
    )
    widths = TRUNKS[net][2]
    trunk = fit(
        lambda: _Trunk(net),
        part(read_checkpoint(path), "state_dict", (), path),
        path,
        f"{net} trunk of LPIPS",
        tolerated=r"classifier\..*",
    )
    channels = fit(
        lambda: _Weights(widths),
        part(read_checkpoint(weights), "state_dict", (), weights),
        weights,
        f"{net} channel weights of LPIPS",
    )
    return _LocalLPIPS(trunk, channels, widths).eval().requires_grad_(False)


class EmptyInception(FeatureExtractorInceptionV3):
    """torch-fidelity's Inception before its weights.

    Its parent would unpickle, code included, the file that it is given.
    """

    def __init__(self):
        nothing = io.BytesIO()
        torch.save({}, nothing)
        nothing.seek(0)
        super().__init__("inception-v3-compat", ["2048"], feature_extractor_weights_path=nothing)

    def load_state_dict(self, state_dict, *args, **kwargs):
        return super().load_state_dict(state_dict, *args, **kwargs) if state_dict else None


class InceptionFeatures(nn.Module):
    """Images [N, 3, H, W] in [-1, 1] -> the features [N, 2048] that FID and KID compare.

    torch-fidelity's own network, with its resizing. It takes bytes, so values are rounded to 256
    levels first.
    """

    def __init__(self, extractor: FeatureExtractorInceptionV3):
        super().__init__()
        self.extractor = extractor

    def forward(self, images: Tensor) -> Tensor:
        return self.extractor(to_uint8(images))[0]


def published_inception(path: Path) -> InceptionFeatures:
    """Features for FID and KID, from torch-fidelity's file weights-inception-2015-12-05.

    ``WeightsError`` if the file does not fit.
    """
    path = Path(path)
    state = part(read_checkpoint(path), "state_dict", (), path)
    return InceptionFeatures(fit(EmptyInception, state, path, "Inception of torch-fidelity")).eval()
