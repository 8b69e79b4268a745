"""Training of one pair of adapters for all SNRs, with the SNR as its input.

As ``training.adapters``, but every face of a batch is sent at an SNR of its own, by lot.
"""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from torch import Tensor

from ..data.seeds import seeded
from ..editing.inversion import DistanceTo
from ..networks.conditioned import ConditionedAdapters
from ..networks.stylegan2 import Generator
from .adapters import PRIOR, AdapterRecipe, best, draw_batch, hold_out, received_distance
from .latents import prior_latents
from .linear_adapters import conditioned_closed_form
from .loop import fit

KNOT_DB = 3.0  # between two SNRs whose gains are learned


def knots_of(snr_range: tuple[float, float]) -> list[float]:
    """SNRs in dB from one end of a range to the other, alike and at most ``KNOT_DB`` apart."""
    low, high = snr_range
    steps = max(1, -int(-(high - low) // KNOT_DB))
    return [low + (high - low) * i / steps for i in range(steps + 1)]


def finetune_conditioned(
    latents: Tensor,
    images: Tensor,
    generator: Generator,
    perceptual: DistanceTo,
    snr_range: tuple[float, float],
    recipe: AdapterRecipe,
    seed: int,
    checkpoint: Path | None = None,
) -> ConditionedAdapters:
    """Adapt to all SNRs of a range in dB at once (eq 18), on the same faces as
    :func:`.adapters.finetune_adapters`, whose arguments these are.

    The start is the closed form at every knot. Every fourth face only decides, over all knots:
    where the training has not helped there, the closed form remains; the log says so.
    """
    torch.manual_seed(seed)
    device = next(generator.parameters()).device
    knots, (low, high) = knots_of(snr_range), snr_range
    with torch.no_grad():
        prior = prior_latents(PRIOR, generator, seeded(seed, "adapters", "conditioned"))
    (latents, images), decide = hold_out(latents, images, device)
    start = conditioned_closed_form(prior.cpu(), latents.cpu(), knots).to(device)
    adapters = copy.deepcopy(start).train()
    optimiser = torch.optim.Adam(adapters.parameters(), lr=recipe.rate, betas=(0.9, 0.99))

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        s, x = draw_batch(latents, images, generator, recipe, rng)
        snr_db = low + (high - low) * torch.rand(len(s), generator=rng)
        loss = received_distance(adapters.at(snr_db), s, x, generator, perceptual, snr_db, rng)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {"lpips": loss.detach()}

    parts = {"adapters": adapters, "optimiser": optimiser}
    label = "adapters conditioned"
    fit(step, parts, [optimiser], recipe.steps, seed, label, checkpoint, every=100)

    def loss_of(pair: ConditionedAdapters, snr_db: float, rng: torch.Generator) -> Tensor:
        return received_distance(pair.at(snr_db), *decide, generator, perceptual, snr_db, rng)

    return best({"closed form": start, "trained": adapters}, loss_of, knots, seed)
