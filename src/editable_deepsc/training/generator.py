"""Training of the StyleGAN2 prior on rendered faces.

On a small budget a plain GAN stays blurred or collapses, so the generator learns first as the decoder of an autoencoder:

1. *reconstruction*: G(E(x)) against x, L1 over values and gradients at four scales, with a small encoder E, and over local
   contrast, which a blurred picture misses; eyes and mouth, a tenth of the picture and half of the error, weigh more;
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
    focus: float = 4.0  # extra weight of the middle of the face in the reconstruction loss
    contrast_weight: float = 3.0
    jitter: float = 0.05  # deviation of the latent's jitter, per component of a unit-power latent
    late_jitter: float = 0.12  # once ``late_from`` are done: a deviation uniform in [0, late_jitter] for each face
    late_from: float = 0.55
    features_from: float = 0.3
    features_weight: float = 0.5
    features_share: float = 0.5  # of the batch: the predictor costs as much as the generator
    adversarial_from: float = 0.85
    adversarial_weight: float = 0.1
    adversarial_every: int = 2  # steps: the two passes of a discriminator double the cost of a step
    discriminator_rate: float = 6e-3  # it comes late, when the common cool-down is far
    r1_weight: float = 5.0
    r1_every: int = 8
    ema: float = 0.998
    trained_octaves: int = 0  # of a generator that grows: only its last octaves learn; 0: everything does
    compile: bool = False  # torch.compile the generator and the predictor: 1.4 times the speed, but needs a C++ compiler


def focus_map(resolution: int, focus: float) -> Tensor:
    """Weights [resolution, resolution]: 1 at the border, 1 + focus over eyes, nose and mouth of a centred portrait."""
    axis = (torch.arange(resolution) + 0.5) / resolution * 2 - 1
    y, x = axis[:, None], axis[None]
    return 1 + focus * torch.exp(-((x / 0.62) ** 4) - ((y - 0.05) / 0.5) ** 4)


def pyramid_loss(a: Tensor, b: Tensor, weight: Tensor | float = 1.0, scales: int = 4) -> Tensor:
    """Mean absolute error of values and of horizontal and vertical differences, summed over halved scales.

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
        total = total + (weight * d.abs()).mean() + (weight[:, 1:] * across.abs()).mean() + (weight[1:] * down.abs()).mean()
    return total


def contrast_loss(a: Tensor, b: Tensor, weight: Tensor, patch: int = 4) -> Tensor:
    """Mean absolute difference of the local standard deviation of brightness, over patches half overlapping.

    It does not ask *where* in a patch an edge lies, so that unlike an L1 loss it does not prefer no edge to a shifted one.
    """
    def deviation(x: Tensor) -> Tensor:
        x = x.mean(1, keepdim=True)
        mean = F.avg_pool2d(x, patch, patch // 2)
        return (F.avg_pool2d(x.square(), patch, patch // 2) - mean.square()).clamp_min(0).add(1e-4).sqrt()

    return (F.avg_pool2d(weight[None, None], patch, patch // 2) * (deviation(a) - deviation(b)).abs()).mean()


def feature_loss(trunk: Callable[[Tensor], tuple[Tensor, list[Tensor]]], a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference of the predictor's maps (its ``trunk``), each stage scaled by its own magnitude."""
    with torch.no_grad():
        maps_b = trunk(b)[1]
    maps_a = trunk(a)[1]
    return sum((p - q).abs().float().mean() / q.abs().float().mean().clamp_min(1e-3) for p, q in zip(maps_a, maps_b))


def train_generator(z: Tensor, images: Tensor, load_predictor: Callable[[], AttributePredictor], generator: Generator,
                    discriminator: Discriminator, recipe: GeneratorRecipe, seed: int, checkpoint: Path | None = None,
                    sample: Callable[[int, Generator, Encoder], None] | None = None,
                    encoder: Encoder | None = None) -> tuple[Generator, Discriminator, Encoder]:
    """Train on pairs z [N, latent], images uint8 [N, 3, R, R]; returns the averaged generator, the discriminator, the encoder.

    ``load_predictor`` is called when the feature loss sets in. ``sample(step, average, encoder)`` draws a picture sheet.
    A generator that has grown from another one comes with that one's ``encoder``. The device is that of ``generator``.
    """
    device = next(generator.parameters()).device
    generator = generator.to(memory_format=torch.channels_last).train()
    discriminator = discriminator.to(device, memory_format=torch.channels_last).train()
    encoder = (encoder or Encoder(generator.latent, generator.resolution)).to(device, memory_format=torch.channels_last).train()
    if recipe.trained_octaves:
        generator.freeze_below(recipe.trained_octaves)
        encoder.requires_grad_(False)
    average = copy.deepcopy(generator).requires_grad_(False)
    learning = [p for p in [*generator.parameters(), *encoder.parameters()] if p.requires_grad]
    optimiser_g = torch.optim.Adam(learning, lr=recipe.rate, betas=(0.9, 0.99))
    optimiser_d = torch.optim.Adam(discriminator.parameters(), lr=recipe.discriminator_rate, betas=(0.0, 0.99))
    synthesis = torch.compile(generator.synthesis) if recipe.compile else generator.synthesis
    trunk: list[Callable[[Tensor], tuple[Tensor, list[Tensor]]]] = []
    weight = focus_map(generator.resolution, recipe.focus).to(device)
    share = max(1, int(recipe.features_share * recipe.batch))
    features_step = int(recipe.features_from * recipe.steps)
    late_step = int(recipe.late_from * recipe.steps)
    adversarial_step = int(recipe.adversarial_from * recipe.steps)

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        adversarial = i >= adversarial_step and i % recipe.adversarial_every == 0
        index = torch.randint(len(z), (recipe.batch,), generator=rng)
        real = from_uint8(images[index]).to(device).contiguous(memory_format=torch.channels_last)
        figures: dict[str, Tensor] = {}
        with torch.autocast(device.type, torch.bfloat16):
            w = encoder(real)
            deviation = torch.full((len(w), 1), recipe.jitter) if i < late_step else recipe.late_jitter * torch.rand(len(w), 1, generator=rng)
            jittered = rms_normalise(w + (deviation * torch.randn(w.shape, generator=rng)).to(device))
            fake = synthesis(jittered.bfloat16(), generator.draw_noise(len(w), rng))
            pair = pyramid_loss(fake, real, weight) + recipe.contrast_weight * contrast_loss(fake, real, weight)
            figures["pair"] = pair.detach()
            loss = pair
            if not recipe.trained_octaves:
                mapping = (generator.mapping(z[index].to(device)).float() - w.detach()).square().mean()
                figures["map"] = mapping.detach()
                loss = loss + mapping
            if i >= features_step:
                if not trunk:
                    predictor = load_predictor().to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
                    trunk.append(torch.compile(predictor.trunk) if recipe.compile else predictor.trunk)
                features = feature_loss(trunk[0], fake[:share], real[:share])
                figures["features"] = features.detach()
                loss = loss + recipe.features_weight * features
            if adversarial:
                discriminator.requires_grad_(False)
                # Half of a batch suffices here. Style mixing: its second half takes the later layers from another face.
                half = recipe.batch // 2
                layers = w.detach()[:half, None].repeat(1, generator.layers, 1)
                cut = int(torch.randint(1, generator.layers, (), generator=rng))
                layers[half // 2 :, cut:] = w.detach()[torch.randperm(recipe.batch, generator=rng)[half // 2 : half], None]
                mixed = generator.synthesis(layers.bfloat16(), generator.draw_noise(half, rng))
                loss = loss + recipe.adversarial_weight * F.softplus(-discriminator(mixed)).mean()
        optimiser_g.zero_grad(set_to_none=True)
        loss.backward()
        optimiser_g.step()
        with torch.no_grad():
            decay = min(recipe.ema, (1 + i) / (10 + i))
            for slow, fast in zip(average.parameters(), generator.parameters()):
                slow.lerp_(fast, 1 - decay)
        if adversarial:
            figures["disc"] = _discriminator_step(i, real[: len(mixed)], mixed.detach())
        return figures

    def _discriminator_step(i: int, real: Tensor, fake: Tensor) -> Tensor:
        discriminator.requires_grad_(True)
        with torch.autocast(device.type, torch.bfloat16):
            loss = F.softplus(discriminator(fake)).mean() + F.softplus(-discriminator(real)).mean()
        if i // recipe.adversarial_every % recipe.r1_every == 0:
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
    return average.eval(), discriminator.eval(), encoder.eval()
