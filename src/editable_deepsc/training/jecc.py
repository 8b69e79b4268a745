"""Training of the editing fields F_a (eq 12 to 15), with the channel for Editable-DeepSC and
without it for Talk-to-Edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from ..channel.noise import add_noise
from ..data.attributes import ATTRIBUTES
from ..data.instructions import expected_degree
from ..editing.matching import edit_step
from ..networks.jecc import SemanticFields
from ..networks.precision import computing, lowered
from ..networks.predictor import AttributePredictor
from ..networks.recogniser import FaceRecogniser
from ..networks.stylegan2 import Discriminator, Generator, rms_normalise
from .jitter import jittered
from .loop import fit


@dataclass(frozen=True)
class FieldRecipe:
    """Budget and weights of eq 15.

    ``snr_db``: the range of the training channel in dB, None for no channel.
    ``jitter``: an inverted training latent gets noise of a deviation uniform in [0, jitter] per
    component. Inverted faces are few, and those to be edited lie elsewhere around the manifold.
    """

    steps: int
    batch: int
    rate: float
    jitter: float
    predictor_weight: float
    identity_weight: float
    discriminator_weight: float
    snr_db: tuple[float, float] | None
    walk: int = 1  # up to this many steps are walked before the one that is trained


def train_fields(
    latents: Tensor,
    generator: Generator,
    predictor: AttributePredictor,
    recogniser: FaceRecogniser,
    discriminator: Discriminator,
    recipe: FieldRecipe,
    seed: int,
    label: str,
    checkpoint: Path | None = None,
) -> SemanticFields:
    """Train F_a so that one application raises (d = +1) or lowers (d = -1) the predicted degree by
    one, as far as the scale goes (eq 10).

    ``latents`` [M, k] are inverted training faces; half of every batch comes from them, half from
    the prior. A random number of steps is walked first, so that F_a is trained where the iterations
    of eq 11 will take it; identity and the other attributes are held to the face before the walk.
    The device is that of ``generator``.
    """
    torch.manual_seed(seed)
    device = next(generator.parameters()).device
    fields = SemanticFields(latents.shape[1]).to(device).train()
    latents = latents.to(device)
    optimiser = torch.optim.Adam(fields.parameters(), lr=recipe.rate, betas=(0.9, 0.99))
    half = recipe.batch // 2

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        with torch.no_grad():
            inverted = latents[torch.randint(len(latents), (recipe.batch - half,), generator=rng)]
            inverted = jittered(
                inverted, recipe.jitter * torch.rand(len(inverted), 1, generator=rng), rng
            )
            prior = generator.mapping(torch.randn(half, generator.latent, generator=rng).to(device))
            z = torch.cat([inverted, prior])
            attribute = torch.randint(len(ATTRIBUTES), (recipe.batch,), generator=rng).to(device)
            direction = 2 * torch.randint(2, (recipe.batch,), generator=rng).to(device) - 1
            walk = torch.randint(recipe.walk + 1, (recipe.batch,), generator=rng).to(device)
            with computing(device):
                x = generator.synthesis(lowered(z)).clamp(-1, 1)
                degrees, identity = predictor.degrees(x), recogniser(x)
            for n in range(recipe.walk):
                z = torch.where((n < walk)[:, None], edit_step(fields, z, attribute, direction), z)
            rows = torch.arange(recipe.batch, device=device)
            current, moved = degrees[rows, attribute], walk > 0
            with computing(device):
                walked = predictor.degrees(generator.synthesis(lowered(z[moved])).clamp(-1, 1))
            current[moved] = walked.gather(1, attribute[moved, None])[:, 0]
        # At an end of the scale a step further stays there: that draws the border between the last
        # two degrees far enough in for a walk to cross it.
        target = degrees.clone()
        target[rows, attribute] = expected_degree(current, direction, 1)

        edited = edit_step(fields, z, attribute, direction)
        if recipe.snr_db is not None:
            low, high = recipe.snr_db
            snr = low + (high - low) * torch.rand(recipe.batch, generator=rng)
            edited = rms_normalise(add_noise(edited, snr, rng))
        with computing(device):
            x_hat = generator.synthesis(lowered(edited)).clamp(-1, 1)
            logits = predictor(x_hat)
            l_pred = F.cross_entropy(logits.flatten(0, 1), target.flatten())  # eq 12
            l_id = (recogniser(x_hat) - identity).abs().sum(1).mean()  # eq 13
            l_disc = F.softplus(-discriminator(x_hat)).mean()  # eq 14
        loss = (
            recipe.predictor_weight * l_pred
            + recipe.identity_weight * l_id
            + recipe.discriminator_weight * l_disc
        )  # eq 15
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(fields.parameters(), 1.0)
        optimiser.step()
        hit = logits.argmax(-1)[rows, attribute] == target[rows, attribute]
        return {
            "pred": l_pred.detach(),
            "id": l_id.detach(),
            "disc": l_disc.detach(),
            "hit": hit.float().mean(),
        }

    fit(
        step,
        {"fields": fields, "optimiser": optimiser},
        [optimiser],
        recipe.steps,
        seed,
        label,
        checkpoint,
        every=100,
    )
    return fields.eval()
