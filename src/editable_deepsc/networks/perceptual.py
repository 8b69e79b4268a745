"""Networks behind the perceptual distances, in place of AlexNet (LPIPS) and Inception (FID, KID).

Nothing here is downloaded: both are trained from scratch on rendered faces, by regressing the
numbers that a face was drawn from. Both are plain convolutions and ReLU, without normalisation
layers, because a normalisation per image would make them blind to exactly what a channel does to a
picture (contrast, brightness, noise).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .activations import halved


def _convolution(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    """3×3 convolution whose output keeps the variance of its input through a ReLU (He et al.
    2015).
    """
    convolution = nn.Conv2d(in_channels, out_channels, 3, stride, 1)
    nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
    nn.init.zeros_(convolution.get_parameter("bias"))
    return convolution


class PerceptualBackbone(nn.Module):
    """Five stages of convolution and ReLU, for LPIPS (Zhang et al. 2018, with a trunk of our own).

        images [N, 3, H, W] in [-1, 1]
          -> conv 32 -> /2 conv 64 -> /2 conv 96 -> /2 conv 128 -> /2 conv 128, a ReLU after each
          -> five maps [N, C_i, H / 2^i, W / 2^i]

    ``n_out`` is the width of the regression head, which only its training uses. H and W: at least
    16.
    Pooling is by average: with maxima the distance is rough in the image, and GAN inversion
    descends on it.
    ``channel_weights``: LPIPS's linear layers, five of [C_i], not negative; ones until they are
    calibrated. ``strangers``: the mean distance of two different faces under these weights, at each
    of ``resolutions`` (pixels), by which LPIPS is divided; none until it is measured.
    """

    widths = (32, 64, 96, 128, 128)

    def __init__(
        self, n_out: int, resolutions: Sequence[int] = (), strangers: Sequence[float] = ()
    ):
        super().__init__()
        self.resolutions, self.strangers = list(resolutions), list(strangers)
        self.stages = nn.ModuleList(
            _convolution(a, b) for a, b in zip((3, *self.widths), self.widths)
        )
        self.regression = nn.Linear(sum(self.widths), n_out)
        self.channel_weights = nn.ParameterList(torch.ones(width) for width in self.widths)

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``PerceptualBackbone(**config)`` has this state."""
        return {
            "n_out": self.regression.out_features,
            "resolutions": self.resolutions,
            "strangers": self.strangers,
        }

    def unit(self, resolution: int) -> float:
        """What LPIPS of images of ``resolution`` pixels is divided by, so that two different faces
        are at 1 on average: measured at the nearest resolution; 1 before it is measured.
        """
        measured = zip(self.resolutions, self.strangers, strict=True)
        near = min(measured, key=lambda m: abs(math.log(m[0] / resolution)), default=(0, 1.0))
        return near[1]

    def forward(self, images: Tensor) -> list[Tensor]:
        """Images [N, 3, H, W] in [-1, 1] to five non-negative maps [N, C_i, H / 2^i, W / 2^i]."""
        maps = []
        x = images
        for i, stage in enumerate(self.stages):
            x = F.relu(stage(x if i == 0 else halved(x)))
            maps.append(x)
        return maps

    def head(self, maps: Sequence[Tensor]) -> Tensor:
        """Regression [N, n_out] from the global averages of all stages, so that every stage is
        trained to see.
        """
        return self.regression(torch.cat([m.mean((2, 3)) for m in maps], 1))


class FidelityFeatures(nn.Module):
    """The 128 features whose distributions FID and KID compare.

        images [N, 3, H, W] in [-1, 1]
          -> conv 32 /2 -> conv 64 /2 -> conv 128 /2 -> conv 128 /2 -> conv 128, a ReLU after each
          -> global average -> features [N, 128]

    As in Inception the features are averages of rectified maps: non-negative, any resolution from
    16 pixels. ``n_out`` is the width of the regression head, which only its training uses.
    """

    widths = (32, 64, 128, 128, 128)
    strides = (2, 2, 2, 2, 1)

    def __init__(self, n_out: int):
        super().__init__()
        self.convolutions = nn.ModuleList(
            _convolution(a, b, s) for a, b, s in zip((3, *self.widths), self.widths, self.strides)
        )
        self.regression = nn.Linear(self.widths[-1], n_out)

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``FidelityFeatures(**config)`` fits this state dict."""
        return {"n_out": self.regression.out_features}

    def forward(self, images: Tensor) -> Tensor:
        """Images [N, 3, H, W] in [-1, 1] to features [N, 128]."""
        return self.maps(images)[-1].mean((2, 3))

    def maps(self, images: Tensor) -> list[Tensor]:
        """What is left after each ReLU, five non-negative maps; for DISTS."""
        maps, x = [], images
        for convolution in self.convolutions:
            x = F.relu(convolution(x))
            maps.append(x)
        return maps

    def head(self, features: Tensor) -> Tensor:
        """Regression [N, n_out] from features [N, 128]."""
        return self.regression(features)


class _UnitDistance(torch.autograd.Function):
    """Mean over the places of ``sum_c v (f / |f| - t)**2`` for features f and unit vectors t [N, C,
    h, w], v [1, C, 1, 1] or None for ones.

    The square is multiplied out, ``(v f).f / |f|**2 - 2 (v t).f / |f| + (v t).t``, so that no
    normalised copy of f is made, and the gradient
    is written out in two passes over f: a pass over the maps costs more than a convolution on a
    processor.
    """

    @staticmethod
    def forward(ctx, f: Tensor, weighted: Tensor, constant: Tensor, v: Tensor | None) -> Tensor:
        square = f.square()
        power = square.sum(1, keepdim=True, dtype=torch.float32)
        own = power if v is None else F.conv2d(square, v).float()
        cross = (weighted * f).sum(1, keepdim=True, dtype=torch.float32)
        scale = torch.rsqrt(power + 1e-20)  # where all features are zero, so are the products
        ctx.save_for_backward(f, weighted, own, cross, scale, v)
        return (own * scale.square() - 2 * cross * scale).flatten(1).mean(1) + constant

    @staticmethod
    def backward(ctx, gradient: Tensor):
        f, weighted, own, cross, scale, v = ctx.saved_tensors
        k = 2 * gradient[:, None, None, None] / scale[0].numel()
        square = scale.square()  # the fourth power overflows where all features are zero
        along, across = (
            (k * square * (cross * scale - own * square)).to(f.dtype),
            (k * square).to(f.dtype),
        )
        slope = (f * along).addcmul_(f if v is None else f * v, across)
        return slope.addcmul_(weighted, (-k * scale).to(f.dtype)), None, None, None


MapsIn = Callable[[torch.dtype], list[tuple[Tensor, Tensor]]]


class _Trunk(NamedTuple):
    """What LPIPS looks through: images prepared, then maps; ``weights``: of their channels [1, C,
    1, 1], None for ones; what distances are divided by, as a function of the resolution.
    """

    prepare: nn.Module
    maps: Callable[[Tensor], Sequence[Tensor]]
    weights: list[Tensor | None]
    unit: Callable[[int], float]


def _trunk_of(model: Any) -> _Trunk:
    """Of an ``lpips.LPIPS``, whose distances are as published, or a backbone of ours."""
    prepare: nn.Module = nn.Identity()
    trunk: Any = model
    weights: list[Tensor | None] = [None] * len(getattr(model, "widths", ()))
    if hasattr(model, "channel_weights"):
        weights = [v[None, :, None, None] for v in trunk.channel_weights]
    if hasattr(model, "scaling_layer"):
        weights = [None] * trunk.L
        if trunk.lpips:
            weights = [lin.model[-1].weight for lin in trunk.lins]  # [1, C, 1, 1]
        trunk, prepare = trunk.net, trunk.scaling_layer
    ours = isinstance(trunk, PerceptualBackbone)
    return _Trunk(prepare, trunk, weights, trunk.unit if ours else lambda resolution: 1.0)


def target_maps(model: nn.Module, target: Tensor) -> list[tuple[Tensor, Tensor]]:
    """What LPIPS to a ``target`` [N, 3, H, W] needs of it: for each map its unit vectors times the
    weights of the channels [N, C, h, w], and a constant [N].
    """
    trunk = _trunk_of(model)
    with torch.no_grad():
        features = trunk.maps(trunk.prepare(target))
        units = [f / (f.square().sum(1, keepdim=True).sqrt() + 1e-10) for f in features]
        weighted = [t if v is None else v * t for v, t in zip(trunk.weights, units, strict=True)]
        constants = [
            (t * u).sum(1, dtype=torch.float32).flatten(1).mean(1) for t, u in zip(units, weighted)
        ]
    return list(zip(weighted, constants))


def lpips_to_maps(model: nn.Module, targets: MapsIn, images: Tensor) -> Tensor:
    """LPIPS [N] of ``images`` [N, 3, H, W] to what :func:`target_maps` found, in the type of the
    images' maps; keeps gradients.
    """
    trunk = _trunk_of(model)
    maps = trunk.maps(trunk.prepare(images))
    both = zip(maps, targets(maps[0].dtype), trunk.weights, strict=True)
    return sum(
        _UnitDistance.apply(f, t, constant, v if v is None else v.to(f.dtype))
        for f, (t, constant), v in both
    ) / trunk.unit(images.shape[-1])


def lpips_to(model: nn.Module, target: Tensor) -> Callable[[Tensor], Tensor]:
    """LPIPS to a fixed ``target`` [N, 3, H, W]: a function of images [N, 3, H, W] that returns [N]
    and keeps gradients.

    ``model``: an ``lpips.LPIPS``, or a backbone, whose ``channel_weights`` count if it has any. The
    numbers are those of ``lpips.LPIPS.forward``, for loops that ask a hundred times: the target's
    features are computed once. A backbone's are divided by its :meth:`PerceptualBackbone.unit`;
    those of a published network are as published.

    It lives here and not with the metrics because inversion and training need it, and not the
    packages behind FID and SSIM.
    """
    found = target_maps(model, target)

    @functools.cache
    def targets(dtype: torch.dtype) -> list[tuple[Tensor, Tensor]]:
        return [(t.to(dtype), constant) for t, constant in found]

    return functools.partial(lpips_to_maps, model, targets)
