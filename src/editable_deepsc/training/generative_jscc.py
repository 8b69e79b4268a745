"""Training of generative JSCC (networks.generative_jscc): encoder and adapters end to end through
the channel, in front of a frozen generator.

    loss = ||x - x_hat||^2 + lambda LPIPS(x, x_hat),  x_hat = G(receive(transmit(x) + noise))

It starts at the encoder that ships and at adapters in closed form for that encoder's latents.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..channel.noise import add_noise
from ..channel.power import normalise_power
from ..data.pixels import from_uint8
from ..data.seeds import seeded
from ..editing.inversion import DistanceTo, distortion
from ..networks.encoder import LatentEncoder
from ..networks.generative_jscc import GenerativeJSCC
from ..networks.precision import computing
from ..networks.stylegan2 import Generator
from .adapters import PRIOR
from .conditioned_adapters import knots_of
from .latents import prior_latents
from .linear_adapters import conditioned_closed_form
from .loop import fit

LOOKED_AT = 1024  # faces whose latents, by the encoder, give the closed form its moments


@dataclass(frozen=True)
class GenerativeRecipe:
    """``snr_range``: the SNRs in dB that it learns at, uniform. ``perceptual_weight``: lambda."""

    snr_range: tuple[float, float]
    steps: int
    batch: int
    rate: float
    perceptual_weight: float


def train_generative_jscc(
    images: Tensor,
    encoder: LatentEncoder,
    generator: Generator,
    perceptual: DistanceTo,
    recipe: GenerativeRecipe,
    seed: int,
    label: str,
    checkpoint: Path | None = None,
) -> GenerativeJSCC:
    """Train on images uint8 [N, 3, R, R] for a frozen ``generator``, on its device.

    ``encoder``: where the training starts, of the generator's latents; it stays as it is.
    ``perceptual`` is LPIPS to a target; ``label`` names the draws.
    """
    torch.manual_seed(seed)
    device = next(generator.parameters()).device
    model = _start(images, encoder, generator, recipe, seed, label)
    model = model.to(device).to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.Adam(model.parameters(), lr=recipe.rate, betas=(0.9, 0.99))
    low, high = recipe.snr_range

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        x = from_uint8(images[torch.randint(len(images), (recipe.batch,), generator=rng)])
        x = x.to(device).contiguous(memory_format=torch.channels_last)
        snr_db = low + (high - low) * torch.rand(len(x), generator=rng)
        levels = snr_db.to(device)
        with computing(device):
            z = normalise_power(model.transmit(x, levels).float())  # eq 4
        latents = model.receive(add_noise(z, snr_db, rng), levels)  # eq 6
        loss = distortion(latents, x, generator, perceptual(x), recipe.perceptual_weight).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        return {"loss": loss.detach()}

    parts = {"model": model, "optimiser": optimiser}
    fit(step, parts, [optimiser], recipe.steps, seed, label, checkpoint, every=100)
    return model.eval()


@torch.no_grad()
def _start(
    images: Tensor,
    encoder: LatentEncoder,
    generator: Generator,
    recipe: GenerativeRecipe,
    seed: int,
    label: str,
) -> GenerativeJSCC:
    """The encoder as it is, and the adapters that are best for its latents among affine ones."""
    device, knots = next(generator.parameters()).device, knots_of(recipe.snr_range)
    prior = prior_latents(PRIOR, generator, seeded(seed, label, "prior"))
    with computing(device):
        seen = [encoder(from_uint8(part).to(device)) for part in images[:LOOKED_AT].split(64)]
    faces = torch.cat(seen).float()
    model = GenerativeJSCC(knots, generator.latent, encoder.resolution)
    model.encoder.load_state_dict(encoder.state_dict())
    model.adapters = conditioned_closed_form(prior.cpu(), faces.cpu(), knots)
    return model
