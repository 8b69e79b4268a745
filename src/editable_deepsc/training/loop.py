"""The loop around every training step: schedule, progress bar, checkpoint, resume.

Each step draws from its own generator, seeded by (seed, step). A run that was killed and resumed
therefore draws the same numbers as one that was not, and ends with the same weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from ..data.seeds import seeded
from ..data.storage import whole

Step = Callable[[int, torch.Generator], dict[str, Tensor]]


def cool_down(step: int, steps: int, warm_up: int = 50, flat: float = 0.4) -> float:
    """Learning-rate factor: linear warm-up (over a quarter of a short training at most), flat until
    a share ``flat`` of the steps, then a half cosine to zero.
    """
    rise = min(1.0, (step + 1) / max(1, min(warm_up, steps // 4)))
    tail = max(0.0, (step / steps - flat) / (1 - flat))
    return rise * 0.5 * (1 + math.cos(math.pi * tail))


def resume(checkpoint: Path | None, parts: Mapping[str, Any]) -> dict:
    """Bring ``parts`` to where :func:`keep` left them; returns all that it kept, or step 0 where
    there is no checkpoint yet.
    """
    if checkpoint is None or not checkpoint.exists():
        return {"step": 0}
    state = torch.load(checkpoint, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(state["parts"][name])
    return state


def keep(checkpoint: Path, step: int, parts: Mapping[str, Any], **more) -> None:
    """Write a checkpoint after ``step`` steps, whole or not at all: the state of every part, and
    ``more``.
    """
    with whole(checkpoint) as temporary:
        torch.save(
            {
                "step": step,
                **more,
                "parts": {name: part.state_dict() for name, part in parts.items()},
            },
            temporary,
        )


def fit(
    step: Step,
    parts: dict[str, object],
    optimisers: list[torch.optim.Optimizer],
    steps: int,
    seed: int,
    label: str,
    checkpoint: Path | None = None,
    every: int = 500,
    sample: Callable[[int], None] | None = None,
) -> None:
    """Run ``step(i, generator)`` for i = 0 … steps − 1.

    ``parts`` are the modules and optimisers whose ``state_dict`` makes up a checkpoint, written to
    ``checkpoint`` every ``every`` steps (whole or not at all) and continued from when it exists;
    ``step`` returns the figures that the progress bar shows. ``sample(i)`` is called at the same
    moments, for picture sheets.
    """
    rates = [[group["lr"] for group in optimiser.param_groups] for optimiser in optimisers]
    state = resume(checkpoint, parts)
    first, rates = (
        state["step"],
        state.get("rates", rates),
    )  # an optimiser's state carries the rate of its moment, not the base rate
    bar = tqdm(
        range(first, steps),
        initial=first,
        total=steps,
        desc=label,
        mininterval=5,
        dynamic_ncols=True,
    )
    for i in bar:
        factor = cool_down(i, steps)
        for optimiser, base in zip(optimisers, rates):
            for group, rate in zip(optimiser.param_groups, base):
                group["lr"] = rate * factor
        figures = step(i, seeded(seed, label, i))
        if i % 20 == 0:
            bar.set_postfix({k: f"{float(v):.3f}" for k, v in figures.items()})
        if (i + 1) % every == 0 or i + 1 == steps:
            if checkpoint is not None:
                keep(checkpoint, i + 1, parts, rates=rates)
            if sample is not None:
                sample(i + 1)
