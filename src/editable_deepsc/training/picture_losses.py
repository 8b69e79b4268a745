"""Losses between a drawn picture and a real one, from which the generator learns.

Each says what a plain mean error misses: edges at every scale, local contrast, the amplitude of
the finest detail, and what the attribute predictor sees. Images [N, 3, R, R] in [-1, 1].
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Trunk = Callable[[Tensor], tuple[Tensor, list[Tensor]]]  # images -> pooled features, maps


def focus_map(resolution: int, focus: float) -> Tensor:
    """Weights [resolution, resolution]: 1 at the border, 1 + focus over eyes, nose and mouth of a
    centred portrait.
    """
    axis = (torch.arange(resolution) + 0.5) / resolution * 2 - 1
    y, x = axis[:, None], axis[None]
    return 1 + focus * torch.exp(-((x / 0.62) ** 4) - ((y - 0.05) / 0.5) ** 4)


def pyramid_loss(a: Tensor, b: Tensor, weight: Tensor | float = 1.0, scales: int = 4) -> Tensor:
    """Mean absolute error of values and of horizontal and vertical differences, summed over halved
    scales.

    Images [N, 3, R, R]; ``weight`` [R, R] multiplies the error of every pixel.
    """
    total = a.new_zeros(())
    weight = torch.as_tensor(weight, device=a.device).expand(a.shape[-2:])
    for scale in range(scales):
        if scale:
            a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
            weight = F.avg_pool2d(weight[None, None], 2)[0, 0]
        d = a - b
        across, down = d[..., 1:] - d[..., :-1], d[..., 1:, :] - d[..., :-1, :]
        total = (
            total
            + (weight * d.abs()).mean()
            + (weight[:, 1:] * across.abs()).mean()
            + (weight[1:] * down.abs()).mean()
        )
    return total


def contrast_loss(a: Tensor, b: Tensor, weight: Tensor, patch: int = 4) -> Tensor:
    """Mean absolute difference of the local standard deviation of brightness, over patches half
    overlapping.

    It does not ask *where* in a patch an edge lies, so that unlike an L1 loss it does not prefer no
    edge to a shifted one.
    """

    def deviation(x: Tensor) -> Tensor:
        x = x.mean(1, keepdim=True)
        mean = F.avg_pool2d(x, patch, patch // 2)
        return (
            (F.avg_pool2d(x.square(), patch, patch // 2) - mean.square())
            .clamp_min(0)
            .add(1e-4)
            .sqrt()
        )

    return (
        F.avg_pool2d(weight[None, None], patch, patch // 2) * (deviation(a) - deviation(b)).abs()
    ).mean()


def detail_loss(
    a: Tensor, b: Tensor, weight: Tensor, amplitude: float = 1.0, patch: int = 8
) -> Tensor:
    """How far the amplitude of the finest detail (brightness less its mean over 3 by 3 pixels) of
    ``a`` is from ``amplitude`` times that of ``b``.

    Where a generator is uncertain, a mean error prefers the weaker edge: a band that it gets right
    at a correlation rho it draws at rho of its amplitude. This loss asks for the amplitude: the
    mean absolute difference of the local deviation, over patches half overlapping, and half of the
    whole picture's relative difference, since the local one under uncertainty is content with too
    little as well.
    """

    def energy(x: Tensor) -> Tensor:
        x = x.float().mean(1, keepdim=True)
        return (x - F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)).square()

    def deviation(x: Tensor, size: int) -> Tensor:
        return F.avg_pool2d(x, size, max(1, size // 2)).add(2e-5).sqrt()

    of_a, of_b = energy(a), amplitude**2 * energy(b)
    local = (
        F.avg_pool2d(weight[None, None], patch, patch // 2)
        * (deviation(of_a, patch) - deviation(of_b, patch)).abs()
    )
    whole = deviation(weight * of_a, a.shape[-1]) / deviation(weight * of_b, a.shape[-1]) - 1
    return local.mean() + 0.5 * whole.abs().mean()


def feature_loss(trunk: Trunk, a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference of the predictor's maps (its ``trunk``), each stage scaled by its
    own magnitude.
    """
    with torch.no_grad():
        maps_b = trunk(b)[1]
    maps_a = trunk(a)[1]
    stages = (
        (p - q).abs().float().mean() / q.abs().float().mean().clamp_min(1e-3)
        for p, q in zip(maps_a, maps_b)
    )
    return sum(stages, torch.zeros((), device=a.device))
