"""Training of the layered GAN codec (networks.gan_codec).

Both layers learn at once, at quantizer levels drawn anew for every image:

    base layer         L_b = ||x - b||^2 + w_p LPIPS(x, b) + w_a softplus(-Disc(b))
                             + beta_b step^2 R_b
    enhancement layer  L_e = ||x - x^||^2 + beta_e step^2 R_e
                       b enters as it is: nothing of L_e reaches the base layer
    discriminator      L_d = softplus(-Disc(x)) + softplus(Disc(b))

R are bits per pixel under the prior that the entropy coder will use. A uniform quantizer's error
grows with step^2, and so does what a bit may cost: that makes one model fit for all levels.
Rounding passes gradients straight through; the rate sees uniform noise instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.pixels import from_uint8
from ..networks.gan_codec import (
    LARGEST,
    LEVELS,
    FactorisedPrior,
    LayeredCodec,
    PatchDiscriminator,
    quantizer_step,
)
from ..networks.precision import computing
from .loop import fit


@dataclass(frozen=True)
class GanRecipe:
    """Sizes, budget and weights (those of the formulas above), as the config states them.

    ``adversarial_from``: share of the steps after which the discriminator and its loss set in.
    """

    width: int
    base_channels: int
    enhancement_channels: int
    steps: int
    batch: int
    rate: float
    base_rate_weight: float
    enhancement_rate_weight: float
    perceptual_weight: float
    adversarial_weight: float
    adversarial_from: float


def rounded(k: Tensor) -> Tensor:
    """Whole numbers within the symbols' range; the gradient of the identity."""
    return k + (k.round().clamp(-LARGEST, LARGEST) - k).detach()


def _quantized(
    prior: FactorisedPrior, y: Tensor, level: Tensor, noise: Tensor
) -> tuple[Tensor, Tensor]:
    """Symbols, and bits [N]. ``noise`` like y, uniform in [0, 1)."""
    k = prior.symbols(y, level)
    return rounded(k), prior.bits(k + noise - 0.5, level)


class Sent(NamedTuple):
    """Pictures b and x^ [N, 3, R, R] after the base and after both layers, and bits [N] of each."""

    base: Tensor
    both: Tensor
    base_bits: Tensor
    enhancement_bits: Tensor


def _send(model: LayeredCodec, x: Tensor, levels: Tensor, rng: torch.Generator) -> Sent:
    """Images [N, 3, R, R] through both layers, at ``levels`` [2, N] of base and enhancement."""

    def draw(like: Tensor) -> Tensor:
        return torch.rand(like.shape, generator=rng).to(like)

    base_level, enhancement_level = levels
    y = model.analyse_base(x)
    k_y, base_bits = _quantized(model.base_prior, y, base_level, draw(y))
    base = model.base_picture(k_y, base_level)
    fixed = base.detach()  # nothing of L_e reaches the base layer
    r = model.analyse_residual(x, fixed)
    k_r, enhancement_bits = _quantized(model.enhancement_prior, r, enhancement_level, draw(r))
    both = fixed + model.residual(k_r, enhancement_level, fixed)
    return Sent(base, both, base_bits, enhancement_bits)


def train_gan_codec(
    images: Tensor,
    recipe: GanRecipe,
    distance: Callable[[Tensor, Tensor], Tensor],
    seed: int,
    label: str,
    checkpoint: Path | None = None,
    device: torch.device = torch.device("cpu"),
) -> LayeredCodec:
    """Train on images uint8 [N, 3, R, R].

    ``distance``: LPIPS of two images, [N]; ``label`` names the draws.
    """
    torch.manual_seed(seed)
    model = LayeredCodec(
        images.shape[-1], recipe.width, recipe.base_channels, recipe.enhancement_channels
    )
    model = model.to(device).to(memory_format=torch.channels_last).train()
    critic = PatchDiscriminator().to(device).to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.Adam(model.parameters(), lr=recipe.rate)
    critic_optimiser = torch.optim.Adam(critic.parameters(), lr=recipe.rate / 2, betas=(0.5, 0.99))
    pixels = images.shape[-1] ** 2

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        x = from_uint8(images[torch.randint(len(images), (recipe.batch,), generator=rng)])
        x = x.to(device).contiguous(memory_format=torch.channels_last)  # [N, 3, R, R]
        levels = torch.randint(1, LEVELS + 1, (2, recipe.batch), generator=rng).to(device)
        with computing(device):
            sent = _send(model, x, levels, rng)
            perceptual = distance(x, sent.base).mean()
        base_mse, mse = (sent.base - x).square().mean(), (sent.both - x).square().mean()
        r_b, r_e = (
            (quantizer_step(level).to(device).square() * bits).mean() / pixels
            for level, bits in zip(levels, (sent.base_bits, sent.enhancement_bits), strict=True)
        )
        loss = (
            base_mse
            + recipe.perceptual_weight * perceptual
            + recipe.base_rate_weight * r_b
            + mse
            + recipe.enhancement_rate_weight * r_e
        )  # L_b + L_e
        figures = {
            "mse": mse.detach(),
            "base": base_mse.detach(),
            "lpips": perceptual.detach(),
            "bpp_b": sent.base_bits.mean().detach() / pixels,
            "bpp_e": sent.enhancement_bits.mean().detach() / pixels,
        }
        if i >= recipe.adversarial_from * recipe.steps:
            figures["disc"] = _teach(critic, critic_optimiser, x, sent.base.detach(), device)
            with computing(device):
                critic.requires_grad_(False)
                loss = loss + recipe.adversarial_weight * F.softplus(-critic(sent.base)).mean()
                critic.requires_grad_(True)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return figures

    parts = {
        "model": model,
        "optimiser": optimiser,
        "critic": critic,
        "critic optimiser": critic_optimiser,
    }
    fit(
        step, parts, [optimiser, critic_optimiser], recipe.steps, seed, label, checkpoint, every=100
    )
    for prior in (model.base_prior, model.enhancement_prior):
        prior.freeze()
    return model.eval()


def _teach(
    critic: PatchDiscriminator,
    optimiser: torch.optim.Optimizer,
    real: Tensor,
    made: Tensor,
    device: torch.device,
) -> Tensor:
    """One step of the discriminator; its loss."""
    with computing(device):
        loss = F.softplus(-critic(real)).mean() + F.softplus(critic(made)).mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
    return loss.detach()
