"""What the rules of the paper's claims may look at, and what they return."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

YES, NO, NOT_TESTED = "yes", "no", "not tested"


@dataclass(frozen=True)
class Claim:
    """One row of claims.csv.

    ``quantity``: what was measured; ``paper`` and ``ours``: its value in the paper and here.
    ``low`` and ``high`` bound ``ours`` where single images allow an interval, else NaN.
    """

    number: int
    claim: str
    quantity: str
    paper: str
    ours: str = ""
    low: float = float("nan")
    high: float = float("nan")
    holds: str = NOT_TESTED


@dataclass(frozen=True)
class Evidence:
    """Everything a rule may look at.

    ``metrics``: metrics.csv. ``images``: images.csv, the same figures of single images.
    ``ablations``: columns ``kind``, ``value`` and those of images.csv, all of Editable-DeepSC;
    "matching" at the SNR of the image grids, the others at the lowest SNR. ``timings``:
    seconds per image by system and stage, batch size 1.
    ``parameters``: counts of ``frozen`` and ``tuned``. ``main``, ``high_resolution``,
    ``out_of_distribution``: the data sets in these roles; the last two may be None.
    ``information``: bits about the original, a row per system, SNR, stage and face
    (information_images.csv), or nothing.
    """

    metrics: pd.DataFrame
    images: pd.DataFrame
    ablations: pd.DataFrame
    timings: dict[str, dict[str, float]]
    parameters: dict[str, int]
    main: str
    high_resolution: str | None = None
    out_of_distribution: str | None = None
    information: pd.DataFrame = field(default_factory=pd.DataFrame)


def verdict(held: bool) -> str:
    """``YES`` or ``NO``."""
    return YES if held else NO
