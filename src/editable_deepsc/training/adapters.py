"""SNR-aware fine-tuning of the channel adapters (eq 16 to 18)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..channel.noise import add_noise
from ..channel.power import normalise_power
from ..data.pixels import from_uint8
from ..editing.inversion import DistanceTo
from ..networks.jecc import ChannelAdapters
from ..networks.precision import computing, lowered
from ..networks.stylegan2 import Generator
from .loop import fit


@dataclass(frozen=True)
class AdapterRecipe:
    """Budget of the fine-tuning: steps, images of a batch, learning rate."""

    steps: int
    batch: int
    rate: float


def finetune_adapters(
    latents: Tensor,
    images: Tensor,
    generator: Generator,
    perceptual: DistanceTo,
    snr_db: float,
    recipe: AdapterRecipe,
    seed: int,
    checkpoint: Path | None = None,
) -> ChannelAdapters:
    """Adapt to one SNR on a few images uint8 [M, 3, R, R] with inverted latents [M, k].

    Only the adapters move, on the device of ``generator``. The loss is LPIPS between the received
    image and the original (eq 18). The images are sent without an edit: with one, the loss to the
    original would teach the adapters to undo it.
    """
    torch.manual_seed(seed)
    device = next(generator.parameters()).device
    adapters = ChannelAdapters(latents.shape[1]).to(device).train()
    optimiser = torch.optim.Adam(adapters.parameters(), lr=recipe.rate, betas=(0.9, 0.99))
    level = torch.full((recipe.batch,), snr_db)

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        index = torch.randint(len(latents), (recipe.batch,), generator=rng)
        x = from_uint8(images[index]).to(device).contiguous(memory_format=torch.channels_last)
        z = normalise_power(adapters.transmit(latents[index].to(device)))  # eq 16, 4
        received = add_noise(z, level, rng)  # eq 6
        w = adapters.receive(received)  # eq 17
        with computing(device):
            loss = perceptual(x)(generator.synthesis(lowered(w))).float().mean()  # eq 18
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
    return adapters.eval()
