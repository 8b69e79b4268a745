"""Training of the DeepSC image codec: one model for all SNRs, drawn anew for every image."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from ..channel.noise import add_noise
from ..data.faces import from_uint8
from ..networks.jscc import DeepSC
from .loop import fit


def train_deepsc(images: Tensor, config: dict, snr_range: tuple[float, float], steps: int, seed: int, batch: int = 32,
                 rate: float = 1e-3, checkpoint: Path | None = None, device: torch.device = torch.device("cpu")) -> DeepSC:
    """Minimise the mean squared error of images uint8 [N, 3, R, R] sent at SNRs uniform in ``snr_range`` (dB).

    ``config`` holds the arguments of :class:`DeepSC`.
    """
    torch.manual_seed(seed)
    model = DeepSC(**config).to(device, memory_format=torch.channels_last).train()
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    low, high = snr_range

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        x = from_uint8(images[torch.randint(len(images), (batch,), generator=rng)]).to(device).contiguous(memory_format=torch.channels_last)
        snr = low + (high - low) * torch.rand(batch, generator=rng).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            symbols = model.transmit(x, snr)
            y = model.receive(add_noise(symbols, snr, rng), snr)
        loss = (y - x).square().mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {"mse": loss.detach()}

    fit(step, {"model": model, "optimiser": optimiser}, [optimiser], steps, seed, "deepsc", checkpoint, every=100)
    return model.eval()
