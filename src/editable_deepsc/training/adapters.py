"""SNR-aware fine-tuning of the channel adapters (eq 16 to 18).

It starts at the best affine pair, or at the adapters of another data set whose generator has the
same latents, and goes on with faces of the prior, whose images G(s) are exact and unlimited, beside
the few faces of the split. A quarter of these only decides whether the training has helped. The
prior's latents get noise, since inverted ones lie beside the prior: of exact ones the adapters
learn what no inverted face has, and at high SNRs become worse.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from ..channel.noise import Levels, add_noise
from ..channel.power import normalise_power
from ..data.pixels import from_uint8
from ..data.seeds import seeded
from ..editing.inversion import DistanceTo
from ..networks.conditioned import ConditionedPair
from ..networks.jecc import ChannelAdapters
from ..networks.precision import computing, lowered
from ..networks.stylegan2 import Generator
from .latents import jittered, prior_latents
from .linear_adapters import closed_form
from .loop import fit

PRIOR = 8000  # samples of the prior for the moments of the latents
DRAWS = 4  # of the channel, for every face that decides

Pair = TypeVar("Pair", bound=nn.Module)  # of adapters, for one SNR or for all


@dataclass(frozen=True)
class AdapterRecipe:
    """Budget of the fine-tuning: steps, images of a batch, the share of a batch that comes from the
    prior, learning rate.

    ``jitter``: a latent of the prior gets noise of a deviation uniform in [0, jitter] per component
    (of a unit-power latent).
    """

    steps: int
    batch: int
    prior: float
    rate: float
    jitter: float


def finetune_adapters(
    latents: Tensor,
    images: Tensor,
    generator: Generator,
    perceptual: DistanceTo,
    snr_db: float,
    recipe: AdapterRecipe,
    seed: int,
    checkpoint: Path | None = None,
    start: ChannelAdapters | None = None,
) -> ChannelAdapters:
    """Adapt to one SNR on a few images uint8 [M, 3, R, R] with inverted latents [M, k], and on
    faces of the prior.

    Only the adapters move, on the device of ``generator``. The loss is LPIPS between the received
    image and the original (eq 18). The images are sent without an edit: with one, the loss to the
    original would teach the adapters to undo it. ``start``: the first values, trained for this SNR
    elsewhere; those of the closed form without it. Every fourth face only decides, after the last
    step: where neither the training nor ``start`` has helped there, the closed form remains; the
    log says so.
    """
    torch.manual_seed(seed)
    device = next(generator.parameters()).device
    rng = seeded(seed, "adapters", f"{snr_db:g}")
    with torch.no_grad():
        prior = prior_latents(PRIOR, generator, rng)
    (latents, images), decide = hold_out(latents, images, device)
    pairs = {"closed form": closed_form(prior.cpu(), latents.cpu(), snr_db).to(device)}
    if start is not None:
        pairs["start"] = start.to(device)
    adapters = copy.deepcopy(pairs.get("start", pairs["closed form"])).requires_grad_().train()
    optimiser = torch.optim.Adam(adapters.parameters(), lr=recipe.rate, betas=(0.9, 0.99))

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        s, x = draw_batch(latents, images, generator, recipe, rng)
        loss = received_distance(adapters, s, x, generator, perceptual, snr_db, rng)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {"lpips": loss.detach()}

    fit(
        step,
        {"adapters": adapters, "optimiser": optimiser},
        [optimiser],
        recipe.steps,
        seed,
        f"adapters {snr_db:g} dB",
        checkpoint,
        every=100,
    )

    def loss_of(pair: ChannelAdapters, snr_db: float, rng: torch.Generator) -> Tensor:
        return received_distance(pair, *decide, generator, perceptual, snr_db, rng)

    return best(pairs | {"trained": adapters}, loss_of, [snr_db], seed)


def best(
    pairs: Mapping[str, Pair],
    loss_of: Callable[[Pair, float, torch.Generator], Tensor],
    snrs: list[float],
    seed: int,
) -> Pair:
    """The pair of the smallest loss, the first of equal ones; the log says how much each has.

    ``loss_of(pair, snr_db, rng)`` is that of the faces that decide; its mean counts over ``snrs``
    and ``DRAWS`` draws of the channel, the same for both.
    """
    left = {}
    for name, pair in pairs.items():
        pair.eval()
        with torch.no_grad():
            losses = [
                loss_of(pair, snr_db, seeded(seed, "adapters decided", f"{snr_db:g}", draw))
                for snr_db in snrs
                for draw in range(DRAWS)
            ]
        left[name] = float(torch.stack(losses).mean())
    at = ", ".join(f"{snr_db:g}" for snr_db in snrs)
    print(f"LPIPS at {at} dB: " + ", ".join(f"{n} {v:.4f}" for n, v in left.items()))
    return pairs[min(left, key=left.__getitem__)]


Faces = tuple[Tensor, Tensor]  # latents [N, k] and their images [N, 3, R, R]


def hold_out(latents: Tensor, images: Tensor, device: torch.device) -> tuple[Faces, Faces]:
    """The faces of the split to learn from, as they are, and every fourth, which decides: on
    ``device``, images in [-1, 1].
    """
    deciding = torch.arange(len(latents)) % 4 == 3
    if len(latents) < 4:  # too few to hold one out
        deciding[:] = True
    decide = latents[deciding].to(device), from_uint8(images[deciding]).to(device)
    if not deciding.all():
        latents, images = latents[~deciding], images[~deciding]
    return (latents, images), decide


def draw_batch(
    latents: Tensor,
    images: Tensor,
    generator: Generator,
    recipe: AdapterRecipe,
    rng: torch.Generator,
) -> Faces:
    """A batch by lot, on the device of ``generator``: faces of the prior, with jitter, and their
    images G(s), then those of the split.
    """
    device, from_prior = next(generator.parameters()).device, round(recipe.prior * recipe.batch)
    index = torch.randint(len(latents), (recipe.batch - from_prior,), generator=rng)
    with torch.no_grad(), computing(device):
        s = prior_latents(from_prior, generator, rng)
        s = jittered(s, recipe.jitter * torch.rand(from_prior, 1, generator=rng), rng)
        drawn = generator.synthesis(lowered(s)).clamp(-1, 1)
    s = torch.cat([s, latents[index].to(device)])
    return s, torch.cat([drawn, from_uint8(images[index]).to(device)])


def received_distance(
    adapters: ChannelAdapters | ConditionedPair,
    s: Tensor,
    x: Tensor,
    generator: Generator,
    perceptual: DistanceTo,
    snr_db: Levels,
    rng: torch.Generator,
) -> Tensor:
    """Eq 18: mean LPIPS of what is received of latents s [N, k] to their images x [N, 3, R, R], at
    one SNR in dB or each at its own [N].
    """
    x = x.contiguous(memory_format=torch.channels_last)
    z = normalise_power(adapters.transmit(s))  # eq 16, 4
    received = add_noise(z, torch.as_tensor(snr_db, dtype=z.dtype).expand(len(z)), rng)  # eq 6
    w = adapters.receive(received)  # eq 17
    with computing(x.device):
        return perceptual(x)(generator.synthesis(lowered(w))).float().mean()  # eq 18
