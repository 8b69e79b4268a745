"""GAN inversion: the image semantic encoder (eq 1, 8, 9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from tqdm import tqdm

from ..networks.stylegan2 import Generator, rms_normalise

Distance = Callable[[Tensor, Tensor], Tensor]  # two batches of images -> [N]


def invert(
    images: Tensor,  # [N, 3, R, R] in [-1, 1]
    generator: Generator,
    perceptual: Distance,  # LPIPS
    *,
    rng: torch.Generator,  # draws the random start s_0
    iterations: int = 110,  # Q
    rate: float = 0.08,  # alpha
    perceptual_weight: float = 0.5,  # lambda
    batch: int = 32,
    keep: Sequence[int] = (),  # iteration counts whose latents are returned as well
    progress: str | None = None,
) -> dict[int, Tensor]:
    """Latents s [N, k] of mean square 1 that minimise eq 8, by eq 9 with Adam in the place of plain descent.

    The start is a random point of the latent sphere. It is small in norm, so that the first steps move far and later
    ones settle; the generator only ever sees the normalised latent. Returns {iterations: latents}, one entry for
    ``iterations`` and one for each of ``keep``.
    """
    stops = sorted({iterations, *keep})
    if stops[0] < 1 or stops[-1] > iterations:
        raise ValueError(f"inversion: the counts to keep {list(keep)} must lie between 1 and {iterations} iterations")
    kept: dict[int, list[Tensor]] = {q: [] for q in stops}
    starts = range(0, len(images), batch)
    bar = tqdm(total=len(starts) * iterations, desc=progress, disable=progress is None, mininterval=5)
    for first in starts:
        x = images[first : first + batch].contiguous(memory_format=torch.channels_last)
        v = (0.2 * torch.randn(len(x), generator.latent, generator=rng)).to(x.device).requires_grad_(True)
        optimiser = torch.optim.Adam([v], lr=rate, betas=(0.9, 0.99))
        for i in range(1, iterations + 1):
            for group in optimiser.param_groups:  # cool down over the last half
                group["lr"] = rate * min(1.0, 2.2 - 2 * i / iterations)
            s = rms_normalise(v)
            with torch.autocast(x.device.type, torch.bfloat16):
                y = generator.synthesis(s.bfloat16())
                lpips = perceptual(y, x)
            mse = (y.float() - x).square().mean(dim=(1, 2, 3))
            loss = mse + perceptual_weight * lpips.float()  # eq 8, one per image
            (gradient,) = torch.autograd.grad(loss.sum(), v)
            v.grad = gradient
            optimiser.step()  # eq 9
            if i in kept:
                kept[i].append(rms_normalise(v.detach()))
            bar.update()
    bar.close()
    return {q: torch.cat(parts) if parts else images.new_zeros(0, generator.latent) for q, parts in kept.items()}
