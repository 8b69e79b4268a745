"""Training of the encoder E: what an inversion searches for, learned once for all images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..data.pixels import from_uint8
from ..editing.inversion import DistanceTo, distortion
from ..networks.encoder import LatentEncoder
from ..networks.precision import computing, lowered
from ..networks.stylegan2 import Generator
from .latents import jittered, prior_latents
from .loop import fit


@dataclass(frozen=True)
class EncoderRecipe:
    """Budget and weights of the losses.

    ``batch``: half of it rendered faces, half faces of the generator, whose latents are known.
    ``perceptual_weight``: lambda of eq 8. ``latent_weight``: of the known latents' mean square
    error. ``jitter``: largest deviation of the noise on these latents, per component, so that E
    also knows the faces beside the prior that an inversion finds.
    """

    steps: int
    batch: int
    rate: float
    perceptual_weight: float
    latent_weight: float
    jitter: float


def train_encoder(
    images: Tensor,
    generator: Generator,
    perceptual: DistanceTo,
    recipe: EncoderRecipe,
    seed: int,
    label: str = "encoder",
    checkpoint: Path | None = None,
) -> LatentEncoder:
    """E of a frozen ``generator``: eq 8 on faces ``images`` uint8 [M, 3, R, R], and the latents of
    faces G(s) on which nothing has to be searched for.

    ``perceptual`` is LPIPS to a target. The device is that of ``generator``.
    """
    torch.manual_seed(seed)
    device = next(generator.parameters()).device
    encoder = LatentEncoder(generator.latent, generator.resolution).to(device).train()
    encoder = encoder.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(
        encoder.parameters(), lr=recipe.rate, betas=(0.9, 0.99), weight_decay=0.01
    )
    half = recipe.batch // 2

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        x = from_uint8(images[torch.randint(len(images), (half,), generator=rng)]).to(device)
        s, known = _known_faces(recipe.batch - half, generator, recipe.jitter, rng)
        pictures = torch.cat([x, known]).contiguous(memory_format=torch.channels_last)
        with computing(device):
            latents = encoder(pictures)
        loss = distortion(
            latents[:half], x, generator, perceptual(pictures[:half]), recipe.perceptual_weight
        ).mean()  # eq 8
        apart = (latents[half:] - s).square().mean()
        optimiser.zero_grad(set_to_none=True)
        (loss + recipe.latent_weight * apart).backward()
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimiser.step()
        return {"eq8": loss.detach(), "latent": apart.detach()}

    parts = {"encoder": encoder, "optimiser": optimiser}
    fit(step, parts, [optimiser], recipe.steps, seed, label, checkpoint, every=200)
    return encoder.eval()


@torch.no_grad()
def _known_faces(
    n: int, generator: Generator, jitter: float, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Latents s [n, k] of the prior, a little beside it, and their images G(s) [n, 3, R, R]."""
    s = prior_latents(n, generator, rng)
    s = jittered(s, jitter * torch.rand(n, 1, generator=rng), rng)
    with computing(s.device):
        return s, generator.synthesis(lowered(s)).clamp(-1, 1)
