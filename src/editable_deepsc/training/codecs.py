"""Training of learned codecs: one model for a range of SNRs, one drawn anew for every image; a
range of one SNR is a matched model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from ..channel.noise import add_noise
from ..channel.power import normalise_power
from ..data.pixels import from_uint8
from ..networks.jscc import DeepJSCC, DeepSC
from ..networks.precision import computing
from .loop import fit

EVERY = 100  # steps between checkpoints


@dataclass(frozen=True)
class Squares:
    """The first part of a training: ``steps`` on random squares of ``side`` pixels."""

    side: int
    steps: int


@dataclass(frozen=True)
class CodecRecipe:
    """Sizes and budget of a learned codec, as the config states them.

    ``snr_range``: the SNRs in dB that it learns at, uniform. With ``crop``, each batch is a random
    square of that side (a multiple of 4) of its images: the codecs are fully convolutional, so what
    is learnt there holds for the whole picture, at a fraction of the cost. ``squares`` come before
    ``steps``, smaller ones, with a schedule of their own. ``halvings``: of the side, down to the
    bottleneck; the network's own number without it.
    """

    width: int
    symbols_per_position: int
    snr_range: tuple[float, float]
    steps: int
    batch: int
    rate: float
    crop: int | None = None
    squares: Squares | None = None
    halvings: int | None = None

    def sizes(self) -> dict[str, int]:
        """Arguments of the network's constructor, but for the resolution."""
        sizes = {"width": self.width, "symbols_per_position": self.symbols_per_position}
        return sizes if self.halvings is None else sizes | {"halvings": self.halvings}


Loss = Callable[[Tensor, Tensor], Tensor]  # original and received [N, 3, R, R] -> a number


def train_codec(
    network: type[DeepSC] | type[DeepJSCC],
    images: Tensor,
    recipe: CodecRecipe,
    seed: int,
    label: str,
    more: Mapping[str, tuple[float, Loss]] | None = None,
    checkpoint: Path | None = None,
    device: torch.device = torch.device("cpu"),
    start: DeepSC | DeepJSCC | None = None,
) -> DeepSC | DeepJSCC:
    """Minimise the mean squared error of images uint8 [N, 3, R, R] sent at SNRs by lot.

    ``network`` is a codec of :mod:`~editable_deepsc.networks.jscc`; ``label`` names the draws.
    ``more``: name -> weight and loss of what is added to it, such as LPIPS or the semantic loss of
    ``training.importance``. ``start``: a trained codec of the same sizes, for images of any side,
    whose weights are the first and whose training had the squares; random ones without it.
    """
    torch.manual_seed(seed)
    resolution = images.shape[-1]

    def sized(side: int, like: nn.Module | None) -> DeepSC | DeepJSCC:
        """The codec for images of ``side`` pixels, with the weights of another, if there is one."""
        codec = network(side, **recipe.sizes())
        if like is not None:
            codec.load_state_dict(like.state_dict())
        return codec.to(device).to(memory_format=torch.channels_last)

    if recipe.squares and start is None:
        first = replace(recipe, steps=recipe.squares.steps, crop=recipe.squares.side)
        kept = checkpoint and checkpoint.with_name(f"{checkpoint.name}.squares")
        start = sized(recipe.squares.side, None)
        _fit(start, images, first, seed, f"{label} on squares", more or {}, kept)
    model = sized(recipe.crop or resolution, start)
    _fit(model, images, recipe, seed, label, more or {}, checkpoint)
    return sized(resolution, model).eval()


def _fit(
    model: DeepSC | DeepJSCC,
    images: Tensor,
    recipe: CodecRecipe,
    seed: int,
    label: str,
    more: Mapping[str, tuple[float, Loss]],
    checkpoint: Path | None,
) -> None:
    """The steps of a recipe, on whole images or on its ``crop``, where ``model`` is."""
    device = next(model.parameters()).device
    side = recipe.crop or images.shape[-1]
    optimiser = torch.optim.Adam(model.train().parameters(), lr=recipe.rate)
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
        loss, figures = mse, {"mse": mse.detach()}
        for name, (weight, added) in more.items():
            with computing(device):
                figures[name] = added(x, y)
            loss = loss + weight * figures[name]
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {name: figure.detach() for name, figure in figures.items()}

    parts: dict[str, object] = {"model": model, "optimiser": optimiser}
    fit(step, parts, [optimiser], recipe.steps, seed, label, checkpoint, every=EVERY)
