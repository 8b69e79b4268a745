"""Training of the editing fields F_a (eq 12 to 15).

With the channel for Editable-DeepSC, without it for Talk-to-Edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..channel.noise import add_noise
from ..data.attributes import ATTRIBUTES
from ..data.instructions import expected_degree
from ..data.seeds import seeded
from ..editing.matching import edit_step
from ..networks.jecc import SemanticFields
from ..networks.precision import computing, lowered
from ..networks.predictor import AttributePredictor
from ..networks.recogniser import FaceRecogniser
from ..networks.stylegan2 import Discriminator, Generator, rms_normalise
from .latents import jittered, prior_latents
from .loop import fit


@dataclass(frozen=True)
class FieldRecipe:
    """Budget and weights of eq 15.

    ``snr_db``: the range of the training channel in dB, None for no channel.
    ``faces``: drawn and looked at once, before the first step; batches are drawn from them.
    ``jitter``: an inverted training latent gets noise of a deviation uniform in [0, jitter] per
    component. Inverted faces are few, and those to be edited lie elsewhere around the manifold.
    ``discriminator_every``: eq 14 counts in one of so many steps, with so many times its weight.
    ``hidden``, ``layers``: width and depth of each F_a.
    """

    steps: int
    batch: int
    rate: float
    faces: int
    jitter: float
    predictor_weight: float
    identity_weight: float
    discriminator_weight: float
    discriminator_every: int
    snr_db: tuple[float, float] | None
    hidden: int = 192
    layers: int = 3
    walk: int = 1  # up to this many steps are walked before the one that is trained


class Faces(NamedTuple):
    """Faces before any edit: latents z [M, k], degrees [M, 5] by the predictor, and embeddings
    [M, E] by the recogniser.
    """

    z: Tensor
    degrees: Tensor
    identity: Tensor


class Guides(NamedTuple):
    """Networks that say what is wrong with an edited face (eq 12, 13, 14), frozen."""

    predictor: AttributePredictor
    recogniser: FaceRecogniser
    discriminator: Discriminator


class Wishes(NamedTuple):
    """Edits of one degree by lot: of each the attribute [N], the direction [N], -1 or 1, and how
    many steps [N] are walked before the one that is trained.
    """

    attribute: Tensor
    direction: Tensor
    walk: Tensor


def train_fields(
    latents: Tensor,
    generator: Generator,
    guides: Guides,
    recipe: FieldRecipe,
    seed: int,
    label: str,
    checkpoint: Path | None = None,
    start: SemanticFields | None = None,
) -> SemanticFields:
    """Train F_a so that one application raises (d = +1) or lowers (d = -1) the predicted degree by
    one, as far as the scale goes (eq 10).

    ``latents`` [M, k] are inverted training faces; half of every batch comes from them, half from
    the prior. ``label`` names the draws. The first weights are those of ``start``, or random. The
    device is that of ``generator``.
    """
    torch.manual_seed(seed)
    device = next(generator.parameters()).device
    fields = SemanticFields(latents.shape[1], recipe.hidden, recipe.layers).to(device).train()
    if start is not None:
        fields.load_state_dict(start.state_dict())
    rng = seeded(seed, label, "faces")
    faces = _draw_faces(latents.to(device), generator, guides, recipe, rng)
    optimiser = torch.optim.Adam(fields.parameters(), lr=recipe.rate, betas=(0.9, 0.99))

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        rows = torch.randint(len(faces.z), (recipe.batch,), generator=rng).to(device)
        before, wishes = Faces(*(part[rows] for part in faces)), _draw_wishes(recipe, rng, device)
        z, target = _walked(before, wishes, fields, generator, guides.predictor)
        edited = edit_step(fields, z, wishes.attribute, wishes.direction)
        if recipe.snr_db is not None:
            low, high = recipe.snr_db
            snr = low + (high - low) * torch.rand(recipe.batch, generator=rng)
            edited = rms_normalise(add_noise(edited, snr, rng))
        with computing(device):
            x_hat = generator.synthesis(lowered(edited)).clamp(-1, 1)
            logits = guides.predictor(x_hat)
            l_pred = F.cross_entropy(logits.flatten(0, 1), target.flatten())  # eq 12
            l_id = (guides.recogniser(x_hat) - before.identity).abs().sum(1).mean()  # eq 13
            l_disc = l_id.new_zeros(())
            if i % recipe.discriminator_every == 0:
                l_disc = F.softplus(-guides.discriminator(x_hat)).mean()
        loss = (
            recipe.predictor_weight * l_pred
            + recipe.identity_weight * l_id
            + recipe.discriminator_every * recipe.discriminator_weight * l_disc  # eq 14
        )  # eq 15
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(fields.parameters(), 1.0)
        optimiser.step()
        hit = (logits.argmax(-1) == target).gather(1, wishes.attribute[:, None])
        return {"pred": l_pred.detach(), "id": l_id.detach(), "hit": hit.float().mean()}

    parts = {"fields": fields, "optimiser": optimiser}
    fit(step, parts, [optimiser], recipe.steps, seed, label, checkpoint, every=100)
    return fields.eval()


@torch.no_grad()
def _draw_faces(
    latents: Tensor,
    generator: Generator,
    guides: Guides,
    recipe: FieldRecipe,
    rng: torch.Generator,
) -> Faces:
    """Faces by lot, half of them inverted ones with jitter, half from the prior."""
    device, n = latents.device, recipe.faces
    half = n // 2
    inverted = latents[torch.randint(len(latents), (n - half,), generator=rng)]
    inverted = jittered(inverted, recipe.jitter * torch.rand(n - half, 1, generator=rng), rng)
    z, seen = torch.cat([inverted, prior_latents(half, generator, rng)]), []
    for part in z.split(64):
        with computing(device):
            x = generator.synthesis(lowered(part)).clamp(-1, 1)
            seen.append((guides.predictor.degrees(x), guides.recogniser(x)))
    return Faces(z, *(torch.cat(values) for values in zip(*seen)))


def _draw_wishes(recipe: FieldRecipe, rng: torch.Generator, device: torch.device) -> Wishes:
    """A batch of wishes by lot."""
    n = recipe.batch
    attribute = torch.randint(len(ATTRIBUTES), (n,), generator=rng)
    direction = 2 * torch.randint(2, (n,), generator=rng) - 1
    walk = torch.randint(recipe.walk + 1, (n,), generator=rng)
    return Wishes(attribute.to(device), direction.to(device), walk.to(device))


@torch.no_grad()
def _walked(
    before: Faces,
    wishes: Wishes,
    fields: SemanticFields,
    generator: Generator,
    predictor: AttributePredictor,
) -> tuple[Tensor, Tensor]:
    """Where the walk ends: latents [N, k], and the degrees [N, 5] that one step further is to
    arrive at (eq 10).

    So F_a is trained where the iterations of eq 11 will take it; identity and the other attributes
    are held to the face before the walk.
    """
    z, (attribute, direction, walk) = before.z, wishes
    rows, moved = torch.arange(len(z), device=z.device), walk > 0
    for n in range(int(walk.max())):
        z = torch.where((n < walk)[:, None], edit_step(fields, z, attribute, direction), z)
    current = before.degrees[rows, attribute]
    with computing(z.device):
        walked = predictor.degrees(generator.synthesis(lowered(z[moved])).clamp(-1, 1))
    current[moved] = walked.gather(1, attribute[moved, None])[:, 0]
    # At an end of the scale a step further stays there: that draws the border between the last two
    # degrees far enough in for a walk to cross it.
    target = before.degrees.clone()
    target[rows, attribute] = expected_degree(current, direction, 1)
    return z, target
