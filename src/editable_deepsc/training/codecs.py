"""Training of learned codecs: one model for a range of SNRs, one drawn anew for every image; a
range of one SNR is a matched model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..channel.noise import add_noise
from ..channel.power import normalise_power
from ..data.pixels import from_uint8
from ..networks.jscc import DeepJSCC, DeepSC
from ..networks.precision import computing
from .loop import fit


@dataclass(frozen=True)
class CodecRecipe:
    """Sizes and budget of a learned codec, as the config states them.

    ``snr_range``: the SNRs in dB that it learns at, uniform. With ``crop``, each batch is a random
    square of that side (a multiple of 4) of its images: the codecs are fully convolutional, so what
    is learnt there holds for the whole picture, at a fraction of the cost. ``semantic_weight``: of
    the semantic loss, where one is given.
    """

    width: int
    symbols_per_position: int
    snr_range: tuple[float, float]
    steps: int
    batch: int
    rate: float
    crop: int | None = None
    semantic_weight: float = 0.0


def train_codec(
    network: type[DeepSC] | type[DeepJSCC],
    images: Tensor,
    recipe: CodecRecipe,
    seed: int,
    label: str,
    semantic: Callable[[Tensor, Tensor], Tensor] | None = None,
    checkpoint: Path | None = None,
    device: torch.device = torch.device("cpu"),
) -> DeepSC | DeepJSCC:
    """Minimise the mean squared error of images uint8 [N, 3, R, R] sent at SNRs by lot.

    ``network`` is a codec of :mod:`~editable_deepsc.networks.jscc`; ``label`` names the draws.
    ``semantic(original, received)``, where given, is added to the loss with the recipe's weight
    (see ``training.importance``).
    """
    torch.manual_seed(seed)
    side = recipe.crop or images.shape[-1]

    def untrained(resolution: int) -> DeepSC | DeepJSCC:
        codec = network(resolution, recipe.width, recipe.symbols_per_position)
        return codec.to(device).to(memory_format=torch.channels_last)

    model = untrained(side).train()
    optimiser = torch.optim.Adam(model.parameters(), lr=recipe.rate)
    low, high = recipe.snr_range

    def step(i: int, rng: torch.Generator) -> dict[str, Tensor]:
        chosen = images[torch.randint(len(images), (recipe.batch,), generator=rng)]
        if recipe.crop:
            top, left = (
                int(torch.randint(images.shape[-1] - side + 1, (), generator=rng)) for _ in range(2)
            )
            chosen = chosen[..., top : top + side, left : left + side]
        x = from_uint8(chosen).to(device).contiguous(memory_format=torch.channels_last)
        snr = low + (high - low) * torch.rand(recipe.batch, generator=rng).to(device)
        with computing(device):
            symbols = normalise_power(model.transmit(x, snr))
            y = model.receive(add_noise(symbols, snr, rng), snr)
        mse = (y - x).square().mean()
        loss = mse
        if semantic is not None:
            with computing(device):
                loss = mse + recipe.semantic_weight * semantic(x, y)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {"mse": mse.detach()}

    fit(
        step,
        {"model": model, "optimiser": optimiser},
        [optimiser],
        recipe.steps,
        seed,
        label,
        checkpoint,
        every=100,
    )
    whole = untrained(images.shape[-1])
    whole.load_state_dict(model.state_dict())
    return whole.eval()
