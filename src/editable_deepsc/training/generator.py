"""Training of the StyleGAN2 prior on rendered faces.

On a small budget a plain GAN stays blurred or collapses, so the generator learns first as the
decoder of an autoencoder:

1. *reconstruction*: G(E(x)) against x, L1 over values and gradients at four scales, with a small
   encoder E, and over local contrast, which a blurred picture misses; eyes and mouth, a tenth of
   the picture and half of the error, weigh more;
2. *features* (once ``features_from`` of the steps are done): the same pair through the attribute
   predictor's stages, which brings eyes and mouths early;
3. *adversarial* (once ``adversarial_from`` are done): non-saturating loss with lazy R1 and style
   mixing;
4. *detail*, in a last training of its own that continues a finished one (``detail_weight``): the
   finest edges get the amplitude of real ones, and a part of every batch is drawn from latents that
   inversion has fitted (:class:`Fitted`). Those lie beside the encoder's, and a generator that
   never saw them is blurred there and loses mouths.

The mapping network is fitted to the encoder's latents all along: the renderer knows which face a z
stands for (:func:`corpus.faces_of_z`), so M(z) has a target, and z ~ N(0, I) draws faces as the
renderer does. Latents are jittered on their sphere, instead of path-length regularisation: a little
at first, more in the last part. The exponential moving averages of G and M are what ships; the
encoder is discarded.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.pixels import from_uint8
from ..editing.inversion import DistanceTo, distortion
from ..networks.precision import computing, lowered
from ..networks.predictor import AttributePredictor
from ..networks.stylegan2 import Discriminator, Encoder, Generator, rms_normalise
from .latents import jittered
from .loop import fit
from .picture_losses import (
    Trunk,
    contrast_loss,
    detail_loss,
    feature_loss,
    focus_map,
    pyramid_loss,
)


@dataclass(frozen=True)
class GeneratorRecipe:
    """Budget and weights of the losses; shares are of the steps, unless something else is said."""

    steps: int
    batch: int
    rate: float
    late_from: float  # when the latents' jitter changes
    adversarial_from: float
    compile: bool  # torch.compile: 1.4 times the speed, but needs a C++ compiler
    focus: float = 4.0  # extra weight of the middle of the face in the reconstruction loss
    contrast_weight: float = 3.0
    detail_weight: float = 0.0  # of the detail loss, which the last stretch adds
    detail_amplitude: float = 1.0  # asked for, of the real one: inversion takes a part of it back
    jitter: float = 0.05  # deviation of the latent's jitter, per component of a unit-power latent
    late_jitter: float = 0.12  # later: a deviation uniform in [0, late_jitter] for each face
    features_from: float = 0.3
    features_weight: float = 0.5
    features_share: float = 0.5  # of the batch: the predictor costs as much as the generator
    adversarial_weight: float = 0.1
    adversarial_every: int = 2  # steps: the two passes of a discriminator double the cost of a step
    discriminator_rate: float = 6e-3  # it comes late, when the common cool-down is far
    r1_weight: float = 5.0
    r1_every: int = 8
    fitted_share: float = 0.25  # of the batch: faces whose latents are fitted, if any are given
    fitted_rate: float = 0.02  # step per component of a fitted latent, each time it is drawn
    ema: float = 0.998
    trained_octaves: int = 0  # of a generator that grows: only its last ones learn; 0: everything


@dataclass(frozen=True)
class Fitted:
    """Inverted faces: ``latents`` [M, latent] of the first M training images, which minimise eq 8
    with this LPIPS and this lambda.
    """

    latents: Tensor
    perceptual: DistanceTo
    perceptual_weight: float


class Networks(NamedTuple):
    """What learns together. A generator that has grown comes with the smaller one's encoder."""

    generator: Generator
    discriminator: Discriminator
    encoder: Encoder


def train_generator(
    z: Tensor,
    images: Tensor,
    networks: Networks,
    load_predictor: Callable[[], AttributePredictor],
    recipe: GeneratorRecipe,
    seed: int,
    checkpoint: Path | None = None,
    sample: Callable[[int, Generator, Encoder], None] | None = None,
    fit_to: Fitted | None = None,
) -> Networks:
    """Train on pairs z [N, latent], images uint8 [N, 3, R, R]; returns the averaged generator, the
    discriminator and the encoder.

    ``load_predictor`` is called when the feature loss sets in. ``sample(step, average, encoder)``
    draws a picture sheet. With ``fit_to`` a part of every batch is drawn from latents that
    inversion has fitted. The device is that of the generator.
    """
    training = _Training(z, images, networks, load_predictor, recipe, fit_to)
    average, encoder = training.average, training.networks.encoder
    fit(
        training.step,
        training.parts(),
        [training.optimiser_g, training.optimiser_d],
        recipe.steps,
        seed,
        "generator",
        checkpoint,
        sample=None if sample is None else lambda i: sample(i, average, encoder),
    )
    return Networks(average.eval(), training.networks.discriminator.eval(), encoder.eval())


class _Training:
    """One training: its data, networks, average and optimisers. N is the batch below."""

    def __init__(
        self,
        z: Tensor,
        images: Tensor,
        networks: Networks,
        load_predictor: Callable[[], AttributePredictor],
        recipe: GeneratorRecipe,
        fit_to: Fitted | None,
    ):
        self.device = next(networks.generator.parameters()).device
        self.z, self.images, self.recipe, self.fit_to = z, images, recipe, fit_to
        for network in networks:
            network.to(self.device).to(memory_format=torch.channels_last).train()
        self.networks = networks
        generator, discriminator, encoder = networks
        generator.requires_grad_(True)
        encoder.requires_grad_(not recipe.trained_octaves)
        if recipe.trained_octaves:
            generator.freeze_below(recipe.trained_octaves)
        self.average = copy.deepcopy(generator).requires_grad_(False)
        learning = [p for p in [*generator.parameters(), *encoder.parameters()] if p.requires_grad]
        self.optimiser_g = torch.optim.Adam(learning, lr=recipe.rate, betas=(0.9, 0.99))
        self.optimiser_d = torch.optim.Adam(
            discriminator.parameters(), lr=recipe.discriminator_rate, betas=(0.0, 0.99)
        )
        if recipe.compile:  # the compiler is told too how the process computes
            only_warns = torch.is_deterministic_algorithms_warn_only_enabled()
            same = torch.are_deterministic_algorithms_enabled()
            torch.use_deterministic_algorithms(same, warn_only=only_warns)
        compiled = torch.compile if recipe.compile else lambda function: function
        self.synthesis = compiled(generator.synthesis)
        self.fitted = (
            torch.nn.Embedding.from_pretrained(fit_to.latents.clone()).to(self.device)
            if fit_to
            else None
        )
        self.weight = focus_map(generator.resolution, recipe.focus).to(self.device)
        self._load_predictor, self._compiled = load_predictor, compiled
        self._trunk: Trunk | None = None

    def parts(self) -> dict[str, object]:
        """What makes up a checkpoint."""
        parts = self.networks._asdict() | {
            "average": self.average,
            "optimiser_g": self.optimiser_g,
            "optimiser_d": self.optimiser_d,
        }
        return parts | ({"fitted": self.fitted} if self.fitted is not None else {})

    def step(self, i: int, rng: torch.Generator) -> dict[str, Tensor]:
        """One step of the generator, the encoder and the average, and of the discriminator if it
        is its turn; returns the losses.
        """
        recipe, (generator, discriminator, encoder) = self.recipe, self.networks
        adversarial = self._begun(recipe.adversarial_from, i) and i % recipe.adversarial_every == 0
        index, rows = self._draw(rng)
        x = from_uint8(self.images[index])
        x = x.to(self.device).contiguous(memory_format=torch.channels_last)  # [N, 3, R, R]
        losses: dict[str, Tensor] = {}
        with computing(self.device):
            w = encoder(x)  # [N, latent]
            s = self._beside(w, x, rows, i, rng)  # [N, latent]
            # Noise would lend the amplitude that the detail loss asks for, and is left out where
            # faces are inverted and edited.
            noise = None if recipe.detail_weight else generator.draw_noise(len(w), rng)
            y = self.synthesis(lowered(s), noise)  # [N, 3, R, R]
            loss = losses["pair"] = pyramid_loss(
                y, x, self.weight
            ) + recipe.contrast_weight * contrast_loss(y, x, self.weight)
            if recipe.detail_weight:
                losses["detail"] = detail_loss(y, x, self.weight, recipe.detail_amplitude)
                loss = loss + recipe.detail_weight * losses["detail"]
            if not recipe.trained_octaves:
                mapped = generator.mapping(self.z[index].to(self.device)).float()
                losses["map"] = (mapped - w.detach()).square().mean()
                loss = loss + losses["map"]
            if self._begun(recipe.features_from, i):
                share = max(1, int(recipe.features_share * recipe.batch))
                losses["features"] = feature_loss(self._predictor(), y[:share], x[:share])
                loss = loss + recipe.features_weight * losses["features"]
            if adversarial:
                discriminator.requires_grad_(False)
                mixed = self._mixed((w if self.fitted is None else s).detach(), rng)
                loss = loss + recipe.adversarial_weight * F.softplus(-discriminator(mixed)).mean()
        self.optimiser_g.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser_g.step()
        with torch.no_grad():
            decay = min(recipe.ema, (1 + i) / (10 + i))
            for slow, fast in zip(self.average.parameters(), generator.parameters()):
                slow.lerp_(fast, 1 - decay)
        if adversarial:
            losses["disc"] = self._discriminator_step(i, x[: len(mixed)], mixed.detach())
        return {name: value.detach() for name, value in losses.items()}

    def _begun(self, share: float, i: int) -> bool:
        return i >= int(share * self.recipe.steps)

    def _draw(self, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Indices [N] of training images, and those at their head [n] whose latents are fitted."""
        index = torch.randint(len(self.z), (self.recipe.batch,), generator=rng)
        if self.fitted is None:
            return index, index[:0]
        n = max(1, int(self.recipe.fitted_share * self.recipe.batch))
        rows = torch.randint(len(self.fitted.weight), (n,), generator=rng)
        index[:n] = rows
        return index, rows

    def _beside(self, w: Tensor, x: Tensor, rows: Tensor, i: int, rng: torch.Generator) -> Tensor:
        """The encoder's latents w [N, latent] with jitter; fitted ones in place of the first."""
        deviation = (
            self.recipe.late_jitter * torch.rand(len(w), 1, generator=rng)
            if self._begun(self.recipe.late_from, i)
            else torch.full((len(w), 1), self.recipe.jitter)
        )
        s = jittered(w, deviation, rng)
        if len(rows):
            s = torch.cat([self._follow(rows, x[: len(rows)]), s[len(rows) :]])
        return s

    def _follow(self, rows: Tensor, x: Tensor) -> Tensor:
        """Fitted latents of ``rows`` after one more step of eq 9, normalised: the generator has
        changed since they were drawn last.
        """
        assert self.fitted is not None and self.fit_to is not None  # rows are of fitted latents
        rows = rows.to(self.device)
        v = self.fitted.weight[rows].requires_grad_(True)
        loss = distortion(
            rms_normalise(v),
            x,
            self.networks.generator,
            self.fit_to.perceptual(x),
            self.fit_to.perceptual_weight,
        )
        (gradient,) = torch.autograd.grad(loss.sum(), v)
        with torch.no_grad():
            step = self.recipe.fitted_rate * len(v[0]) ** 0.5
            v = rms_normalise(v - step * F.normalize(gradient))
            self.fitted.weight[rows] = v
        return v

    def _predictor(self) -> Trunk:
        """The predictor's trunk, loaded when it is first asked for."""
        if self._trunk is None:
            predictor = self._load_predictor().to(self.device).to(memory_format=torch.channels_last)
            self._trunk = self._compiled(predictor.eval().requires_grad_(False).trunk)
        return self._trunk

    def _mixed(self, w: Tensor, rng: torch.Generator) -> Tensor:
        """Pictures [N/2, 3, R, R] of half a batch, which suffices here. Style mixing: the second
        half of them takes the later layers from another face.
        """
        generator, half = self.networks.generator, self.recipe.batch // 2
        layers = w[:half, None].repeat(1, generator.layers, 1)
        cut = int(torch.randint(1, generator.layers, (), generator=rng))
        others = torch.randperm(self.recipe.batch, generator=rng)[half // 2 : half]
        layers[half // 2 :, cut:] = w[others, None]
        return generator.synthesis(lowered(layers), generator.draw_noise(half, rng))

    def _discriminator_step(self, i: int, real: Tensor, fake: Tensor) -> Tensor:
        """Non-saturating loss, with lazy R1 in every ``r1_every``-th step of the discriminator."""
        recipe, discriminator = self.recipe, self.networks.discriminator
        discriminator.requires_grad_(True)
        with computing(self.device):
            loss = F.softplus(discriminator(fake)).mean() + F.softplus(-discriminator(real)).mean()
        if i // recipe.adversarial_every % recipe.r1_every == 0:
            real = real.detach().requires_grad_(True)
            (slope,) = torch.autograd.grad(discriminator(real).sum(), real, create_graph=True)
            r1 = slope.square().sum((1, 2, 3)).mean()
            loss = loss + recipe.r1_every * recipe.r1_weight / 2 * r1
        self.optimiser_d.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser_d.step()
        return loss.detach()
