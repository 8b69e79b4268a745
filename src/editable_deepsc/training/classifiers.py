"""Training of the networks that look at faces: attribute predictor, evaluator, recogniser,
perceptual and fidelity features.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.attributes import MAX_DEGREE
from ..data.faces import Faces, another_degree, another_light, another_person, render, sample_faces
from ..data.pixels import from_uint8, to_uint8
from ..data.seeds import seeded
from ..networks.perceptual import FidelityFeatures, PerceptualBackbone
from ..networks.precision import computing
from ..networks.predictor import AttributePredictor
from ..networks.recogniser import ArcFaceLoss, FaceRecogniser, JudgeRecogniser
from .loop import fit


def disturb(images: Tensor, generator: torch.Generator) -> Tensor:
    """Light disturbances that any photograph may carry, so that a network does not hang on single
    pixels.

    Per batch, by lot: nothing, a blur by half-size resampling, or Gaussian noise of deviation up to
    0.08.
    """
    kind = int(torch.randint(4, (), generator=generator))
    if kind == 0:
        small = F.interpolate(images, scale_factor=0.5, mode="area")
        return F.interpolate(small, size=images.shape[-2:], mode="bilinear", align_corners=False)
    if kind == 1:
        sigma = 0.08 * float(torch.rand((), generator=generator))
        return images + sigma * torch.randn(images.shape, generator=generator)
    return images


def _batch(
    images: Tensor, size: int, generator: torch.Generator, device: torch.device, clean: bool = False
) -> tuple[Tensor, Tensor]:
    """``size`` images by lot, [-1, 1] on ``device``, and their indices (on the CPU, where
    everything is drawn).
    """
    index = torch.randint(len(images), (size,), generator=generator)
    batch = from_uint8(images[index])
    if not clean:
        batch = disturb(batch, generator)
    return batch.to(device).contiguous(memory_format=torch.channels_last), index


@dataclass(frozen=True)
class ClassifierRecipe:
    """Width and budget of the predictor, the evaluator or the recogniser."""

    width: int
    steps: int
    batch: int = 64
    rate: float = 2e-3


def train_predictor(
    images: Tensor,
    degrees: Tensor,
    recipe: ClassifierRecipe,
    seed: int,
    label: str,
    checkpoint: Path | None = None,
    device: torch.device = torch.device("cpu"),
) -> AttributePredictor:
    """Cross-entropy over the six degrees of each attribute (the nearest integer to the continuous
    degree).

    ``images`` uint8 [N, 3, H, W]; ``degrees`` float [N, 5] in [0, 5].
    """
    torch.manual_seed(seed)
    model = (
        AttributePredictor(recipe.width, images.shape[-1])
        .to(device)
        .to(memory_format=torch.channels_last)
        .train()
    )
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=1e-3)
    labels = degrees.round().clamp(0, MAX_DEGREE).long()

    def step(i: int, generator: torch.Generator) -> dict[str, Tensor]:
        x, index = _batch(images, recipe.batch, generator, device)
        with computing(device):
            logits = model(x)
        target = labels[index].to(device)
        loss = F.cross_entropy(logits.flatten(0, 1), target.flatten())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {"loss": loss.detach(), "exact": (logits.argmax(-1) == target).float().mean()}

    parts = {"model": model, "optimiser": optimiser}
    fit(step, parts, [optimiser], recipe.steps, seed, label, checkpoint)
    return model.eval()


def train_recogniser(
    kind: type[FaceRecogniser] | type[JudgeRecogniser],
    images: Tensor,
    identity: Tensor,
    recipe: ClassifierRecipe,
    embedding: int,
    seed: int,
    label: str,
    checkpoint: Path | None = None,
    device: torch.device = torch.device("cpu"),
) -> FaceRecogniser | JudgeRecogniser:
    """ArcFace over the people of the corpus; pictures of one person differ in attributes, pose,
    light and scene.

    ``kind``: the network that is trained. ``images`` uint8 [N, 3, H, W]; ``identity`` long [N].
    """
    torch.manual_seed(seed)
    model = (
        kind(recipe.width, embedding, images.shape[-1])
        .to(device)
        .to(memory_format=torch.channels_last)
        .train()
    )
    arcface = ArcFaceLoss(embedding, int(identity.max()) + 1).to(device)
    optimiser = torch.optim.AdamW(
        [*model.parameters(), *arcface.parameters()], lr=recipe.rate, weight_decay=1e-3
    )

    def step(i: int, generator: torch.Generator) -> dict[str, Tensor]:
        x, index = _batch(images, recipe.batch, generator, device)
        with computing(device):
            embeddings = model(x)
        loss = arcface(embeddings, identity[index].to(device))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {"loss": loss.detach()}

    parts: dict[str, Any] = {"model": model, "arcface": arcface, "optimiser": optimiser}
    fit(step, parts, [optimiser], recipe.steps, seed, label, checkpoint)
    return model.eval()


def train_factor_regression(
    model: PerceptualBackbone | FidelityFeatures,
    images: Tensor,
    faces: Faces,
    steps: int,
    seed: int,
    label: str,
    batch: int = 64,
    rate: float = 1e-3,
    checkpoint: Path | None = None,
) -> torch.nn.Module:
    """Teach a feature network to report all 34 factors and 5 degrees of a face (smooth L1 on values
    in [0, 1]).

    This stands in for ImageNet pre-training: to read every factor, features must keep whatever
    distinguishes one face from another. The faces are clean: a feature that had learnt to overlook
    blur and noise would make a poor judge of them. ``model.head(model(images))`` returns [N, 39].
    The device is that of ``model``.
    """
    device = next(model.parameters()).device
    targets = torch.cat([faces.factors, faces.degrees / MAX_DEGREE], 1).to(device)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=1e-4)
    model.train()

    def step(i: int, generator: torch.Generator) -> dict[str, Tensor]:
        x, index = _batch(images, batch, generator, device, clean=True)
        with computing(device):
            predicted = model.head(model(x)).float()
        loss = F.smooth_l1_loss(predicted, targets[index], beta=0.1)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {"loss": loss.detach(), "error": (predicted - targets[index]).abs().mean().detach()}

    fit(step, {"model": model, "optimiser": optimiser}, [optimiser], steps, seed, label, checkpoint)
    return model.eval()


def calibrate_channels(
    backbone: PerceptualBackbone,
    resolution: int,
    seed: int,
    n: int = 800,
    steps: int = 400,
    pull: float = 0.06,
    degree_weight: float = 0.3,
) -> None:
    """Weigh the channels of LPIPS by judgements, as Zhang et al. (2018) do by people's: another
    light on a face is nearer than another person, and nearer than another smile.

    The renderer judges ``n`` faces, each beside the same face in another light, another person in
    the same scene, and the same face with one attribute moved by two degrees; the answers are
    known. Of the logarithm of two distances' ratio a logistic loss is taken (``degree_weight``
    times that of the attributes, which differ in a tenth of the picture and cannot win everywhere),
    and ``pull`` times the weights' squared distance from one before their soft plus, so that a
    channel that says nothing of the matter keeps its weight. The mean distance to another person
    stays what it was with equal weights. Works on the device of ``backbone``, in place.
    """
    device = next(backbone.parameters()).device
    generator = seeded(seed, "light or person")
    faces, other = sample_faces(n, generator), sample_faces(n, generator)

    def differences(
        a: Tensor, b: Tensor
    ) -> Tensor:  # [n, channels of all stages], summed by channel weights they are LPIPS
        unit_a, unit_b = (
            [F.normalize(f, eps=1e-10) for f in backbone(from_uint8(x).to(device))] for x in (a, b)
        )
        return torch.cat([(p - q).square().mean((2, 3)) for p, q in zip(unit_a, unit_b)], 1)

    clean, *others = (
        to_uint8(render(f, resolution)).split(64)
        for f in (
            faces,
            another_light(faces, other),
            another_person(faces, other),
            another_degree(faces, generator),
        )
    )
    with torch.no_grad():
        to_light, to_person, to_degree = (
            torch.cat([differences(a, b) for a, b in zip(clean, x)]) for x in others
        )
    free = torch.zeros(to_light.shape[1], device=device, requires_grad=True)
    optimiser = torch.optim.Adam([free], lr=0.05)
    for _ in range(steps):
        weights = F.softplus(free) / math.log(2)
        light = (to_light @ weights).log()
        loss = (
            F.softplus(-4 * ((to_person @ weights).log() - light)).mean()
            + degree_weight * F.softplus(-4 * ((to_degree @ weights).log() - light)).mean()
        )
        loss = loss + pull * free.square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        weights = weights * to_person.sum(1).mean() / (to_person @ weights).mean()
        for kept, found in zip(
            backbone.channel_weights, weights.split(list(backbone.widths)), strict=True
        ):
            kept.copy_(found)


@torch.inference_mode()
def measure_strangers(
    backbone: PerceptualBackbone,
    seed: int,
    resolutions: Sequence[int] = (64, 128),
    n: int = 2048,
    batch: int = 64,
) -> None:
    """Let the unit of LPIPS be the mean distance of two different faces, at each resolution.

    It is the mean over all pairs of ``n`` rendered faces (photo style). The mean of |u - v|² over
    pairs is twice the variance of u, so that moments of the unit features suffice. Sets
    ``backbone.resolutions`` and ``backbone.strangers``, the latter to three digits.
    """
    device = next(backbone.parameters()).device
    faces = sample_faces(n, seeded(seed, "strangers"))
    weights = [v[:, None, None].double() for v in backbone.channel_weights]
    means = []
    for resolution in resolutions:
        total: list[Tensor] = []  # of unit features, [C, h, w] each
        square = 0.0  # of their weighted squared lengths
        for first in range(0, n, batch):
            images = from_uint8(to_uint8(render(faces[first : first + batch], resolution)))
            units = [F.normalize(f, eps=1e-10).double() for f in backbone(images.to(device))]
            sums = [u.sum(0) for u in units]
            total = [s + more for s, more in zip(total, sums)] if total else sums
            lengths = [(v * u.square()).sum(1).mean((1, 2)) for v, u in zip(weights, units)]
            square += float(torch.stack(lengths).sum())
        within = sum(float((v * s.square()).sum(0).mean()) for v, s in zip(weights, total))
        means.append(float(f"{2 * (n * square - within) / (n * (n - 1)):.3g}"))
    backbone.resolutions, backbone.strangers = list(resolutions), means
