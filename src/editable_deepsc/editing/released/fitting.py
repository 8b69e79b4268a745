"""GAN inversion of Talk-to-Edit's release: w and the generator itself are fitted to each image.

From the mean w, Adam, LPIPS + mean square error on images of at most 256 pixels, noise on w that
fades; the generator follows at a small rate of its own. Each image has its own generator, so N of
them are N times the memory: its parameters, their gradients and two moments of each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from ..inversion import DistanceTo
from .space import Fitted, Space

LARGEST = 256  # pixels on which images are compared


@dataclass(frozen=True)
class FittingRecipe:
    """As released: 600 ``iterations``, ``rate`` 0.1 of w and ``generator_rate`` 1e-4,
    ``mse_weight`` 1 beside LPIPS. ``noise`` 0.05 is the first noise on each component of w as a
    share of the distance of a random face from the mean one; it has faded after ``noise_share``
    0.75 of the iterations.
    """

    iterations: int
    rate: float
    generator_rate: float
    mse_weight: float
    noise: float
    noise_share: float


def rate_of(t: float) -> float:
    """Share of the rate of w after the share ``t`` of the iterations: a ramp up over the first 5 %,
    a cosine down over the last 25 %.
    """
    down = 0.5 - 0.5 * math.cos(math.pi * min(1.0, (1 - t) / 0.25))
    return down * min(1.0, t / 0.05)


def compared(images: Tensor) -> Tensor:
    """Images [N, 3, R, R] as the loss sees them: averaged over squares to at most 256 pixels."""
    factor = images.shape[-1] // LARGEST
    return F.avg_pool2d(images, factor) if factor > 1 else images


def draw_noise(recipe: FittingRecipe, latent: int, rng: torch.Generator) -> Tensor:
    """What is added to w in each iteration, one for all images, [Q, k]; in units of
    :meth:`Space.statistics`' distance.
    """
    shares = [i / recipe.iterations for i in range(recipe.iterations)]
    strengths = [recipe.noise * max(0.0, 1 - t / recipe.noise_share) ** 2 for t in shares]
    normal = torch.randn(recipe.iterations, latent, generator=rng)
    return torch.tensor(strengths)[:, None] * normal


def fit_generators(
    images: Tensor,  # [N, 3, R, R] in [-1, 1]
    space: Space,
    perceptual: DistanceTo,
    recipe: FittingRecipe,
    start: Tensor,  # [k], the mean w
    noise: Tensor,  # [Q, k]
    bar: tqdm,
) -> Fitted:
    """Each image's w [N, k] and generator, fitted to it together."""
    target = compared(images)
    distance = perceptual(target)
    w = start.repeat(len(images), 1).requires_grad_(True)
    own = {name: p.requires_grad_(True) for name, p in space.parameters(len(images)).items()}
    groups = [
        {"params": [w], "lr": recipe.rate},
        {"params": list(own.values()), "lr": recipe.generator_rate},
    ]
    optimiser = torch.optim.Adam(groups)
    for i in range(recipe.iterations):
        optimiser.param_groups[0]["lr"] = recipe.rate * rate_of(i / recipe.iterations)
        y = compared(space.images(w + noise[i], own))
        loss = distance(y) + recipe.mse_weight * (y - target).square().mean((1, 2, 3))
        optimiser.zero_grad(set_to_none=True)
        loss.sum().backward()
        optimiser.step()
        bar.update()
    return Fitted(w.detach(), {name: p.detach() for name, p in own.items()})
