"""GAN inversion: the image semantic encoder (eq 1, 8, 9).

Eq 8 has local minima: another mouth, another jaw. A recipe says where it starts: from a random
latent, as the paper does; from the nearest of many random faces, some of which are all fitted for a
few iterations before the best goes on; or from an encoder's guess. And noise that fades may be
added to the latent, as StyleGAN2's projector does. The generator only ever sees latents of mean
square 1, of which v is an unnormalised copy.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.optim.adam import adam
from tqdm import tqdm

from ..networks.encoder import LatentEncoder
from ..networks.precision import computing, lowered
from ..networks.stylegan2 import Generator, rms_normalise
from .compiled import Slope, compiled_slope
from .finished import FinishedBatches
from .memory import affordable_batch
from .start import NEAREST, STARTS, Loss, draw_candidates, first_latents, ranked

NOISE_SHARE = 0.6  # of the iterations are disturbed

# target images -> (images -> distances [N])
DistanceTo = Callable[[Tensor], Callable[[Tensor], Tensor]]


@dataclass(frozen=True)
class InversionRecipe:
    """How eq 8 is minimised.

    ``iterations`` Q, ``rate`` alpha and ``perceptual_weight`` lambda are the paper's. ``start`` is
    one of ``STARTS``: "random", "searched" or "encoder". Of searched ones ``starts`` are fitted to
    each image for ``trial`` iterations, before the best goes on. ``noise`` is the deviation per
    component of what is added to the latent at first. ``memory`` is Adam's beta_2: how much of the
    mean squares, by which it scales a step, stays from one iteration to the next. With no
    iterations the start is the result. ``batch`` images are fitted at once (None: what memory
    allows); it changes no draw.
    """

    iterations: int
    rate: float
    perceptual_weight: float
    start: str = "random"
    starts: int = 1
    trial: int = 0
    noise: float = 0.0
    memory: float = 0.99
    batch: int | None = None

    def __post_init__(self) -> None:
        if self.start not in STARTS:
            known = ", ".join(STARTS)
            raise ValueError(f"inversion: start {self.start!r} is unknown; choose one of: {known}")
        if self.starts > 1 and self.start != "searched":
            raise ValueError(f"inversion: only searched starts can be many, not {self.start} ones")
        if self.iterations < 1 and self.start != "encoder":
            raise ValueError("inversion: without an encoder it takes at least one iteration")

    @property
    def tried(self) -> int:
        """Iterations of every start; they count among ``iterations``."""
        return min(self.trial, self.iterations) if self.starts > 1 else 0

    @property
    def evaluations(self) -> int:
        """Iterations of one image in all, those of every trial too."""
        return self.iterations + (self.starts - 1) * self.tried


def invert(
    images: Tensor,
    generator: Generator,
    perceptual: DistanceTo,
    recipe: InversionRecipe,
    rng: torch.Generator,
    *,
    encoder: LatentEncoder | None = None,
    keep: Sequence[int] = (),
    progress: str | None = None,
    checkpoint: Path | None = None,
) -> dict[int, Tensor]:
    """Latents s [N, k] of mean square 1 that minimise eq 8 for images [N, 3, R, R] in [-1, 1].

    ``perceptual`` is LPIPS to a target; ``encoder`` is for recipes that start from one. Returns
    {iterations: latents}, one entry for the recipe's iterations and one for each of ``keep``.
    All draws come before the first batch. ``progress`` is the name of a bar. With ``checkpoint`` a
    killed run continues after its last finished batch (:class:`FinishedBatches`). ``ValueError`` if
    a count to keep is not within the iterations, or if an encoder is missing.
    """
    stops = sorted({recipe.iterations, *keep})
    if min(keep, default=1) < 1 or stops[-1] > recipe.iterations:
        raise ValueError(
            f"inversion: the counts to keep {list(keep)} must lie between 1 and "
            f"{recipe.iterations} iterations"
        )
    batch = recipe.batch or affordable_batch(generator, images.device)
    finished = FinishedBatches(stops, checkpoint, images, rng)
    z = draw_candidates(recipe.start, len(images), generator.latent, rng)  # [M, k]
    noise = fading_noise(recipe, generator.latent, rng).to(images.device)  # [Q, k], one for all

    firsts = range(len(finished), len(images), batch)
    if firsts:  # [C, N, k]
        most = max(NEAREST, recipe.starts)
        near = first_latents(recipe.start, images, generator, z, encoder, batch, most)
    slope_to = None
    if len(images) >= batch:
        slope_to = compiled_slope(generator, perceptual, recipe.perceptual_weight, batch)
    steps = len(firsts) * recipe.evaluations
    with tqdm(total=steps, desc=progress, disable=progress is None, mininterval=5) as bar:
        for first in firsts:
            part = slice(first, first + batch)
            x = images[part].contiguous(memory_format=torch.channels_last)  # [n, 3, R, R]
            distance = functools.cache(functools.partial(perceptual, x))  # if it is asked for

            def loss(s: Tensor) -> Tensor:
                return distortion(s, x, generator, distance(), recipe.perceptual_weight)

            slope = slope_to(x) if slope_to and len(x) == batch else None
            finished.add(_fit(near[:, part], (loss, slope), noise, recipe, stops, bar))
    none = images.new_zeros(0, generator.latent)
    return {q: finished.of(q, none) for q in stops}


def _fit(
    near: Tensor,
    eq8: tuple[Loss, Slope | None],
    noise: Tensor,
    recipe: InversionRecipe,
    stops: list[int],
    bar: tqdm,
) -> dict[int, Tensor]:
    """From candidates ``near`` [C, n, k] the latents [n, k] of one batch after each of ``stops``
    iterations of eq 9, with Adam instead of plain descent. ``eq8``: its value, and its gradient
    where that was compiled.
    """
    loss, slope = eq8

    def downhill(s: Tensor) -> Tensor:
        """A scalar that has the gradient of eq 8."""
        return loss(s).sum() if slope is None else (slope(s.detach()) * s).sum()

    def descend(s: Tensor, begin: int, end: int) -> dict[int, Tensor]:
        v, seen = s.clone().requires_grad_(True), {}  # [n, k]
        step = _adam(v, recipe.memory)
        for i in range(begin + 1, end + 1):
            s = rms_normalise(rms_normalise(v) + noise[i - 1])  # [n, k]
            (gradient,) = torch.autograd.grad(downhill(s), v)  # eq 8
            # eq 9; it cools down over the last half
            step(gradient, recipe.rate * min(1.0, 2.2 - 2 * i / recipe.iterations))
            if i in stops or i == end:
                seen[i] = rms_normalise(v.detach())
            bar.update()
        return seen

    image, tried = torch.arange(near.shape[1], device=near.device), recipe.tried
    s_0 = near if len(near) == 1 else near[ranked(near, loss)[: recipe.starts], image]
    fitted = {0: s_0[0]}
    if tried:
        trials = [descend(s, 0, tried) for s in s_0]
        best = ranked(torch.stack([t[tried] for t in trials]), loss)[0]  # [n]
        fitted = {q: torch.stack([t[q] for t in trials])[best, image] for q in trials[0]}
    return fitted | descend(fitted[tried], tried, recipe.iterations)


def _adam(v: Tensor, memory: float) -> Callable[[Tensor, float], None]:
    """PyTorch's Adam for one tensor, as a function of its gradient and the rate.

    The class in ``torch.optim`` imports PyTorch's compiler, which takes longer than most edits.
    """
    mean, square, count = torch.zeros_like(v), torch.zeros_like(v), torch.zeros(())

    @torch.no_grad()
    def step(gradient: Tensor, rate: float) -> None:
        adam(
            [v],
            [gradient],
            [mean],
            [square],
            [],
            [count],
            amsgrad=False,
            beta1=0.8,
            beta2=memory,
            lr=rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )

    return step


def fading_noise(recipe: InversionRecipe, latent: int, rng: torch.Generator) -> Tensor:
    """What is added to the latent in each iteration [Q, k]; zero after ``NOISE_SHARE`` of them."""
    count = recipe.iterations
    fading = [recipe.noise * max(0.0, 1 - i / (NOISE_SHARE * count)) ** 2 for i in range(count)]
    return torch.tensor(fading)[:, None] * torch.randn(count, latent, generator=rng)


def distortion(
    s: Tensor,
    x: Tensor,
    generator: Generator,
    distance: Callable[[Tensor], Tensor],
    perceptual_weight: float | Tensor,
) -> Tensor:
    """Eq 8 for each image [N]: mean square error of G(s) to ``x`` [N, 3, R, R], and lambda times
    its LPIPS ``distance`` to ``x``; latents s [N, k].
    """
    with computing(x.device):
        y = generator.synthesis(lowered(s))
        lpips = distance(y)
    return (y.float() - x).square().mean(dim=(1, 2, 3)) + perceptual_weight * lpips.float()
