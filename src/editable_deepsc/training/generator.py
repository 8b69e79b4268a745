"""Training of the StyleGAN2 prior on rendered faces.

On a small budget a plain GAN stays blurred or collapses, so the generator learns first as the decoder of an autoencoder:

1. *reconstruction*: G(E(x)) against x, L1 over values and gradients at four scales, with a small encoder E;
2. *features* (once ``features_from`` of the steps are done): the same pair through the attribute predictor's stages,
   which brings eyes and mouths early;
3. *adversarial* (once ``adversarial_from`` are done): non-saturating loss with lazy R1 and style mixing.

The mapping network is fitted to the encoder's latents all along: the renderer knows which face a z stands for
(:func:`corpus.faces_of_z`), so M(z) has a target, and z ~ N(0, I) draws faces as the renderer does. Latents are jittered on
their sphere, in the place of path-length regularisation: a little at first, more in the last part. The exponential moving averages of G and M are
what ships; the encoder is discarded.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.faces import from_uint8
from ..networks.predictor import AttributePredictor
from ..networks.stylegan2 import Discriminator, Encoder, Generator, rms_normalise
from .loop import fit


@dataclass(frozen=True)
class GeneratorRecipe:
    """Budget and weights of the losses."""

    steps: int
    batch: int = 32
    rate: float = 3e-3
    jitter: float = 0.05  # deviation of the latent's jitter, per component of a unit-power latent
    late_jitter: float = 0.2  # once ``late_from`` are done: a deviation uniform in [0, late_jitter] for each face
    late_from: float = 0.55
    features_from: float = 0.3
    features_weight: float = 0.5
    adversarial_from: float = 0.95
    adversarial_weight: float = 0.02
    r1_weight: float = 5.0
    r1_every: int = 8
    ema: float = 0.998


def pyramid_loss(a: Tensor, b: Tensor, scales: int = 4) -> Tensor:
    """Mean absolute error of values and of horizontal and vertical differences, summed over halved scales."""
    total = a.new_zeros(())
    for scale in range(scales):
        if scale:
            a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
        d = a - b
        total = total + d.abs().mean() + (d[..., 1:] - d[..., :-1]).abs().mean() + (d[..., 1:, :] - d[..., :-1, :]).abs().mean()
    return total


def feature_loss(predictor: AttributePredictor, a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference of the predictor's maps, each stage scaled by its own magnitude."""
    with torch.no_grad():
        maps_b = predictor.trunk(b)[1]
    maps_a = predictor.trunk(a)[1]
    return sum((p - q).abs().float().mean() / q.abs().float().mean().clamp_min(1e-3) for p, q in zip(maps_a, maps_b))


def train_generator(z: Tensor, images: Tensor, load_predictor: Callable[[], AttributePredictor], generator: Generator,
                    discriminator: Discriminator, recipe: GeneratorRecipe, seed: int, checkpoint: Path | None = None,
                    sample: Callable[[int, Generator, Encoder], None] | None = None) -> tuple[Generator, Discriminator]:
    """Train on pairs z [N, latent], images uint8 [N, 3, R, R]; returns the averaged generator and the discriminator.

    ``load_predictor`` is called when the feature loss sets in. ``sample(step, average, encoder)`` draws a picture sheet.
    """
    generator = generator.to(memory_format=torch.channels_last).train()
    discriminator = discriminator.to(memory_format=torch.channels_last).train()
    encoder = Encoder(generator.latent, generator.resolution).to(memory_format=torch.channels_last).train()
    average = copy.deepcopy(generator).requires_grad_(False)
    optimiser_g = torch.optim.Adam([*generator.parameters(), *encoder.parameters()], lr=recipe.rate, betas=(0.9, 0.99))
    optimiser_d = torch.optim.Adam(discriminator.parameters(), lr=recipe.rate, betas=(0.0, 0.99))
    predictor: list[AttributePredictor] = []
    features_step = int(recipe.features_from * recipe.steps)
    late_step = int(recipe.late_from * recipe.steps)
    adversarial_step = int(recipe.adversarial_from * recipe.steps)

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        index = torch.randint(len(z), (recipe.batch,), generator=rng)
        real = from_uint8(images[index]).contiguous(memory_format=torch.channels_last)
        figures: dict[str, Tensor] = {}
        with torch.autocast("cpu", torch.bfloat16):
            w = encoder(real)
            mapping = (generator.mapping(z[index]).float() - w.detach()).square().mean()
            figures["map"] = mapping.detach()
            deviation = torch.full((len(w), 1), recipe.jitter) if i < late_step else recipe.late_jitter * torch.rand(len(w), 1, generator=rng)
            jittered = rms_normalise(w + deviation * torch.randn(w.shape, generator=rng))
            fake = generator.synthesis(jittered.bfloat16(), rng)
            pair = pyramid_loss(fake, real)
            figures["pair"] = pair.detach()
            loss = pair + mapping
            if i >= features_step:
                if not predictor:
                    predictor.append(load_predictor().to(memory_format=torch.channels_last).eval().requires_grad_(False))
                features = feature_loss(predictor[0], fake, real)
                figures["features"] = features.detach()
                loss = loss + recipe.features_weight * features
            if i >= adversarial_step:
                discriminator.requires_grad_(False)
                # Style mixing: the second half of the batch takes its later layers from another face.
                layers = w.detach()[:, None].repeat(1, generator.layers, 1)
                half = recipe.batch // 2
                cut = int(torch.randint(1, generator.layers, (), generator=rng))
                layers[half:, cut:] = w.detach()[torch.randperm(recipe.batch, generator=rng)[half:], None]
                mixed = generator.synthesis(layers.bfloat16(), rng)
                loss = loss + recipe.adversarial_weight * F.softplus(-discriminator(mixed)).mean()
        optimiser_g.zero_grad(set_to_none=True)
        loss.backward()
        optimiser_g.step()
        with torch.no_grad():
            decay = min(recipe.ema, (1 + i) / (10 + i))
            for slow, fast in zip(average.parameters(), generator.parameters()):
                slow.lerp_(fast, 1 - decay)
        if i >= adversarial_step:
            figures["disc"] = _discriminator_step(i, real, mixed.detach())
        return figures

    def _discriminator_step(i: int, real: Tensor, fake: Tensor) -> Tensor:
        discriminator.requires_grad_(True)
        with torch.autocast("cpu", torch.bfloat16):
            loss = F.softplus(discriminator(fake)).mean() + F.softplus(-discriminator(real)).mean()
        if i % recipe.r1_every == 0:
            real = real.detach().requires_grad_(True)
            (slope,) = torch.autograd.grad(discriminator(real).sum(), real, create_graph=True)
            loss = loss + recipe.r1_every * recipe.r1_weight / 2 * slope.square().sum((1, 2, 3)).mean()
        optimiser_d.zero_grad(set_to_none=True)
        loss.backward()
        optimiser_d.step()
        return loss.detach()

    parts = {"generator": generator, "encoder": encoder, "average": average, "discriminator": discriminator,
             "optimiser_g": optimiser_g, "optimiser_d": optimiser_d}
    fit(step, parts, [optimiser_g, optimiser_d], recipe.steps, seed, "generator", checkpoint,
        sample=None if sample is None else lambda i: sample(i, average, encoder))
    with torch.inference_mode():
        average.w_mean.copy_(average.mapping(z[:10_000]).mean(0))
    return average.eval(), discriminator.eval()
