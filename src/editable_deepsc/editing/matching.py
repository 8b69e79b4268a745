"""Iterative attributes matching (eq 10, 11): step along F_a until the predictor reports the
expected degree.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..data.attributes import MAX_DEGREE
from ..data.instructions import expected_degree
from ..networks.jecc import SemanticFields
from ..networks.predictor import AttributePredictor
from ..networks.stylegan2 import Generator, rms_normalise


@dataclass(frozen=True)
class Matched:
    """latents [N, k] of mean square 1; reached [N] bool; steps [N] taken; expected degree e [N]."""

    latents: Tensor
    reached: Tensor
    steps: Tensor
    expected: Tensor


@dataclass(frozen=True)
class MatchingRecipe:
    """``max_steps`` of eq 11, and ``step_size``: share of a whole field step between two looks of
    the predictor.
    """

    max_steps: int
    step_size: float


Wishes = tuple[Tensor, Tensor, Tensor]  # attribute a, direction d (-1 or +1), degree m: long [N]


def edit_step(
    fields: SemanticFields,
    z: Tensor,
    attribute: Tensor,
    direction: Tensor,
    size: Tensor | float = 1.0,
) -> Tensor:
    """z_{i+1} = z_i + d·F_a(z_i) (eq 11), brought back to unit power, so that what is checked is
    what is sent.
    """
    scale = torch.as_tensor(size, dtype=z.dtype, device=z.device) * direction
    return rms_normalise(z + scale[:, None] * fields(z, attribute))


@torch.inference_mode()
def match(
    latents: Tensor,  # s [N, k]
    degrees: Tensor,  # p [N, 5] long: what the predictor says of the original images
    wishes: Wishes,
    generator: Generator,
    predictor: AttributePredictor,
    fields: SemanticFields,
    recipe: MatchingRecipe,
    iterative: bool = True,
) -> Matched:
    """Edit latents until the predictor's degree of G(z_i) equals e, or ``max_steps`` is reached.

    One application of F_a is trained to move one degree; steps of ``step_size`` of it check more
    finely, and a step that goes past e is turned round and halved. A face that never reaches e is
    left where it first came closest: walking on would take it off the manifold of faces for
    nothing. With ``iterative=False`` (the ablation of Fig. 10) the predictor is not asked: m whole
    steps are taken.
    """
    attribute, direction, degree = wishes
    rows = torch.arange(len(latents), device=latents.device)
    expected = expected_degree(degrees[rows, attribute], direction, degree)
    z = latents
    steps = torch.zeros(len(z), dtype=torch.long, device=z.device)
    if not iterative:
        for i in range(MAX_DEGREE):
            go = i < degree
            z = torch.where(go[:, None], edit_step(fields, z, attribute, direction), z)
            steps += go
        return Matched(
            z, _degree_of(z, attribute, generator, predictor) == expected, steps, expected
        )

    z = z.clone()
    size = torch.full((len(z),), recipe.step_size, device=z.device)
    current = _degree_of(z, attribute, generator, predictor)
    heading = torch.sign(expected - current)
    best, best_gap = z.clone(), (current - expected).abs()
    active = rows[current != expected]
    for _ in range(recipe.max_steps):
        if len(active) == 0:
            break
        towards = torch.sign(expected[active] - current[active])
        turned = towards != heading[active]
        size[active] = torch.where(turned, size[active] / 2, size[active])
        heading[active] = towards
        z[active] = edit_step(fields, z[active], attribute[active], towards, size[active])
        steps[active] += 1
        current[active] = _degree_of(z[active], attribute[active], generator, predictor)
        gap = (current[active] - expected[active]).abs()
        closer = active[gap < best_gap[active]]
        best[closer], best_gap[closer] = z[closer], (current[closer] - expected[closer]).abs()
        active = active[gap > 0]
    return Matched(best, current == expected, steps, expected)


def _degree_of(
    z: Tensor, attribute: Tensor, generator: Generator, predictor: AttributePredictor
) -> Tensor:
    images = synthesise(generator, z)
    return predictor.degrees(images)[torch.arange(len(z), device=z.device), attribute]


def synthesise(generator: Generator, latents: Tensor, batch: int = 128) -> Tensor:
    """G(latents) in batches: [N, 3, R, R], clamped to [-1, 1]."""
    if len(latents) == 0:
        return latents.new_zeros(0, 3, generator.resolution, generator.resolution)
    return torch.cat([generator.synthesis(part).clamp(-1, 1) for part in latents.split(batch)])
