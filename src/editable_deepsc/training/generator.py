"""Training of the StyleGAN2 prior on rendered faces.

On a small budget a plain GAN stays blurred or collapses, so the generator learns first as the
decoder of an autoencoder:

1. *reconstruction*: G(E(x)) against x, L1 over values and gradients at four scales, with a small
encoder E, and over local
   contrast, which a blurred picture misses; eyes and mouth, a tenth of the picture and half of the
   error, weigh more;
2. *features* (once ``features_from`` of the steps are done): the same pair through the attribute
predictor's stages,
   which brings eyes and mouths early;
3. *adversarial* (once ``adversarial_from`` are done): non-saturating loss with lazy R1 and style
mixing; 4. *detail*, in a last training of its own that continues a finished one
(``detail_weight``): the finest edges get the amplitude of real ones,
   and a part of every batch is drawn from latents that inversion has fitted (:class:`Fitted`).
   Those lie beside the encoder's, and a generator that never saw them is blurred there and loses
   mouths.

The mapping network is fitted to the encoder's latents all along: the renderer knows which face a z
stands for (:func:`corpus.faces_of_z`), so M(z) has a target, and z ~ N(0, I) draws faces as the
renderer does. Latents are jittered on their sphere, in the place of path-length regularisation: a
little at first, more in the last part. The exponential moving averages of G and M are what ships;
the encoder is discarded.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.pixels import from_uint8
from ..editing.inversion import DistanceTo, distortion
from ..networks.predictor import AttributePredictor
from ..networks.stylegan2 import Discriminator, Encoder, Generator, rms_normalise
from .jitter import jittered
from .loop import fit


@dataclass(frozen=True)
class GeneratorRecipe:
    """Budget and weights of the losses."""

    steps: int
    batch: int = 32
    rate: float = 3e-3
    focus: float = 4.0  # extra weight of the middle of the face in the reconstruction loss
    contrast_weight: float = 3.0
    detail_weight: float = 0.0  # of the detail loss, which the last stretch adds
    detail_amplitude: float = (
        1.0  # that it asks for, of the real one: inversion takes a part of it back
    )
    jitter: float = 0.05  # deviation of the latent's jitter, per component of a unit-power latent
    late_jitter: float = (
        0.12  # once ``late_from`` are done: a deviation uniform in [0, late_jitter] for each face
    )
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
    fitted_share: float = 0.25  # of the batch: faces whose latents are fitted, if any are given
    # step per component by which a fitted latent follows the generator, each time it is drawn
    fitted_rate: float = 0.02
    ema: float = 0.998
    trained_octaves: int = (
        0  # of a generator that grows: only its last octaves learn; 0: everything does
    )
    # torch.compile the generator and the predictor: 1.4 times the speed, but needs a C++ compiler
    compile: bool = False


@dataclass(frozen=True)
class Fitted:
    """Inverted faces: ``latents`` [M, latent] of the first M training images, which minimise eq 8
    with this LPIPS and this lambda.
    """

    latents: Tensor
    perceptual: DistanceTo
    perceptual_weight: float


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


def feature_loss(
    trunk: Callable[[Tensor], tuple[Tensor, list[Tensor]]], a: Tensor, b: Tensor
) -> Tensor:
    """Mean absolute difference of the predictor's maps (its ``trunk``), each stage scaled by its
    own magnitude.
    """
    with torch.no_grad():
        maps_b = trunk(b)[1]
    maps_a = trunk(a)[1]
    return sum(
        (p - q).abs().float().mean() / q.abs().float().mean().clamp_min(1e-3)
        for p, q in zip(maps_a, maps_b)
    )


def train_generator(
    z: Tensor,
    images: Tensor,
    load_predictor: Callable[[], AttributePredictor],
    generator: Generator,
    discriminator: Discriminator,
    recipe: GeneratorRecipe,
    seed: int,
    checkpoint: Path | None = None,
    sample: Callable[[int, Generator, Encoder], None] | None = None,
    encoder: Encoder | None = None,
    fit_to: Fitted | None = None,
) -> tuple[Generator, Discriminator, Encoder]:
    """Train on pairs z [N, latent], images uint8 [N, 3, R, R]; returns the averaged generator, the
    discriminator, the encoder.

    ``load_predictor`` is called when the feature loss sets in. ``sample(step, average, encoder)``
    draws a picture sheet. A generator that has grown from another one comes with that one's
    ``encoder``. With ``fit_to`` a part of every batch is drawn from latents that inversion has
    fitted. The device is that of ``generator``.
    """
    device = next(generator.parameters()).device
    generator = generator.to(memory_format=torch.channels_last).train()
    discriminator = discriminator.to(device, memory_format=torch.channels_last).train()
    encoder = (
        (encoder or Encoder(generator.latent, generator.resolution))
        .to(device, memory_format=torch.channels_last)
        .train()
    )
    generator.requires_grad_(True)
    encoder.requires_grad_(not recipe.trained_octaves)
    if recipe.trained_octaves:
        generator.freeze_below(recipe.trained_octaves)
    average = copy.deepcopy(generator).requires_grad_(False)
    learning = [p for p in [*generator.parameters(), *encoder.parameters()] if p.requires_grad]
    optimiser_g = torch.optim.Adam(learning, lr=recipe.rate, betas=(0.9, 0.99))
    optimiser_d = torch.optim.Adam(
        discriminator.parameters(), lr=recipe.discriminator_rate, betas=(0.0, 0.99)
    )
    synthesis = torch.compile(generator.synthesis) if recipe.compile else generator.synthesis
    fitted = (
        None
        if fit_to is None
        else torch.nn.Embedding.from_pretrained(fit_to.latents.clone()).to(device)
    )
    trunk: list[Callable[[Tensor], tuple[Tensor, list[Tensor]]]] = []
    weight = focus_map(generator.resolution, recipe.focus).to(device)
    share = max(1, int(recipe.features_share * recipe.batch))
    features_step = int(recipe.features_from * recipe.steps)
    late_step = int(recipe.late_from * recipe.steps)
    adversarial_step = int(recipe.adversarial_from * recipe.steps)

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        adversarial = i >= adversarial_step and i % recipe.adversarial_every == 0
        index = torch.randint(len(z), (recipe.batch,), generator=rng)
        if fitted is not None:
            rows = torch.randint(
                len(fitted.weight),
                (max(1, int(recipe.fitted_share * recipe.batch)),),
                generator=rng,
            )
            index[: len(rows)] = rows
        real = from_uint8(images[index]).to(device).contiguous(memory_format=torch.channels_last)
        figures: dict[str, Tensor] = {}
        with torch.autocast(device.type, torch.bfloat16):
            w = encoder(real)
            deviation = (
                torch.full((len(w), 1), recipe.jitter)
                if i < late_step
                else recipe.late_jitter * torch.rand(len(w), 1, generator=rng)
            )
            beside = jittered(w, deviation, rng)
            if fitted is not None:
                beside = torch.cat([_follow(rows, real[: len(rows)]), beside[len(rows) :]])
            # Noise would lend the amplitude that the detail loss asks for, and is left out where
            # faces are inverted and edited.
            noise = None if recipe.detail_weight else generator.draw_noise(len(w), rng)
            fake = synthesis(beside.bfloat16(), noise)
            pair = pyramid_loss(fake, real, weight) + recipe.contrast_weight * contrast_loss(
                fake, real, weight
            )
            figures["pair"] = pair.detach()
            loss = pair
            if recipe.detail_weight:
                detail = detail_loss(fake, real, weight, recipe.detail_amplitude)
                figures["detail"] = detail.detach()
                loss = loss + recipe.detail_weight * detail
            if not recipe.trained_octaves:
                mapping = (
                    (generator.mapping(z[index].to(device)).float() - w.detach()).square().mean()
                )
                figures["map"] = mapping.detach()
                loss = loss + mapping
            if i >= features_step:
                if not trunk:
                    predictor = (
                        load_predictor()
                        .to(device, memory_format=torch.channels_last)
                        .eval()
                        .requires_grad_(False)
                    )
                    trunk.append(
                        torch.compile(predictor.trunk) if recipe.compile else predictor.trunk
                    )
                features = feature_loss(trunk[0], fake[:share], real[:share])
                figures["features"] = features.detach()
                loss = loss + recipe.features_weight * features
            if adversarial:
                discriminator.requires_grad_(False)
                # Half of a batch suffices here. Style mixing: its second half takes the later
                # layers from another face.
                half = recipe.batch // 2
                drawn = w if fitted is None else beside
                layers = drawn.detach()[:half, None].repeat(1, generator.layers, 1)
                cut = int(torch.randint(1, generator.layers, (), generator=rng))
                layers[half // 2 :, cut:] = drawn.detach()[
                    torch.randperm(recipe.batch, generator=rng)[half // 2 : half], None
                ]
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

    def _follow(rows: Tensor, real: Tensor) -> Tensor:
        """Fitted latents of ``rows`` after one more step of eq 9, normalised: the generator has
        changed since they were drawn last.
        """
        rows = rows.to(device)
        v = fitted.weight[rows].requires_grad_(True)
        loss = distortion(
            rms_normalise(v), real, generator, fit_to.perceptual(real), fit_to.perceptual_weight
        )
        (gradient,) = torch.autograd.grad(loss.sum(), v)
        with torch.no_grad():
            v = rms_normalise(v - recipe.fitted_rate * len(v[0]) ** 0.5 * F.normalize(gradient))
            fitted.weight[rows] = v
        return v

    def _discriminator_step(i: int, real: Tensor, fake: Tensor) -> Tensor:
        discriminator.requires_grad_(True)
        with torch.autocast(device.type, torch.bfloat16):
            loss = F.softplus(discriminator(fake)).mean() + F.softplus(-discriminator(real)).mean()
        if i // recipe.adversarial_every % recipe.r1_every == 0:
            real = real.detach().requires_grad_(True)
            (slope,) = torch.autograd.grad(discriminator(real).sum(), real, create_graph=True)
            loss = (
                loss + recipe.r1_every * recipe.r1_weight / 2 * slope.square().sum((1, 2, 3)).mean()
            )
        optimiser_d.zero_grad(set_to_none=True)
        loss.backward()
        optimiser_d.step()
        return loss.detach()

    parts = {
        "generator": generator,
        "encoder": encoder,
        "average": average,
        "discriminator": discriminator,
        "optimiser_g": optimiser_g,
        "optimiser_d": optimiser_d,
    } | ({} if fitted is None else {"fitted": fitted})
    fit(
        step,
        parts,
        [optimiser_g, optimiser_d],
        recipe.steps,
        seed,
        "generator",
        checkpoint,
        sample=None if sample is None else lambda i: sample(i, average, encoder),
    )
    return average.eval(), discriminator.eval(), encoder.eval()
