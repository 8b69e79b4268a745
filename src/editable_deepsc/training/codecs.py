"""Training of learned codecs: one model for a range of SNRs, one drawn anew for every image; a
range of one SNR is a matched model.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from ..channel.noise import add_noise
from ..data.pixels import from_uint8
from .loop import fit


def train_codec(
    network: type[nn.Module],
    images: Tensor,
    config: dict,
    snr_range: tuple[float, float],
    steps: int,
    seed: int,
    batch: int = 32,
    rate: float = 1e-3,
    label: str = "deepsc",
    semantic: Callable[[Tensor, Tensor], Tensor] | None = None,
    semantic_weight: float = 0.0,
    crop: int | None = None,
    checkpoint: Path | None = None,
    device: torch.device = torch.device("cpu"),
) -> nn.Module:
    """Minimise the mean squared error of images uint8 [N, 3, R, R] sent at SNRs uniform in
    ``snr_range`` (dB).

    ``network`` is a codec of :mod:`~editable_deepsc.networks.jscc` and ``config`` its arguments.
    ``semantic(original, received)``, where given, is added to the loss with ``semantic_weight``
    (see ``training.importance``). ``label`` names the draws. With ``crop``, each batch is a random
    square of that side (a multiple of 4) of its images: the codecs are fully convolutional, so what
    is learnt there holds for the whole picture, at a fraction of the cost.
    """
    torch.manual_seed(seed)
    side = crop or images.shape[-1]
    model = (
        network(**config | {"resolution": side})
        .to(device, memory_format=torch.channels_last)
        .train()
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    low, high = snr_range

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        chosen = images[torch.randint(len(images), (batch,), generator=rng)]
        if crop:
            top, left = (
                int(torch.randint(images.shape[-1] - side + 1, (), generator=rng)) for _ in range(2)
            )
            chosen = chosen[..., top : top + side, left : left + side]
        x = from_uint8(chosen).to(device).contiguous(memory_format=torch.channels_last)
        snr = low + (high - low) * torch.rand(batch, generator=rng).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            symbols = model.transmit(x, snr)
            y = model.receive(add_noise(symbols, snr, rng), snr)
        mse = (y - x).square().mean()
        loss = mse
        if semantic is not None:
            with torch.autocast(device.type, torch.bfloat16):
                loss = mse + semantic_weight * semantic(x, y)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {"mse": mse.detach()}

    fit(
        step,
        {"model": model, "optimiser": optimiser},
        [optimiser],
        steps,
        seed,
        label,
        checkpoint,
        every=100,
    )
    full = network(**config)
    full.load_state_dict(model.state_dict())
    return full.to(device, memory_format=torch.channels_last).eval()
