"""What the rules of the paper's claims may look at, what they return, and how they weigh it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..measure.statistics import Difference, holm, paired_difference

YES, NO, UNDECIDED, NOT_TESTED = "yes", "no", "undecided", "not tested"


@dataclass(frozen=True)
class Claim:
    """One row of claims.csv.

    ``number``: "1", or "4a" for a part of a claim. ``quantity``: what was measured; ``paper`` and
    ``ours``: its value in the paper and here. ``low`` and ``high`` bound ``ours`` where single
    images allow an interval, else NaN. ``holds``: ``YES``, ``NO``, ``UNDECIDED`` or ``NOT_TESTED``.
    """

    number: str
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
    "matching" at the SNR of the image grids, "iterations" at the lowest and the highest SNR, the
    others at the lowest. ``adopted_steps``: of the fine-tuning; those of "amount" are beside it.
    ``expected_degrees``: of the edits of the main data set's test faces [N], 0 to 5, in the order
    of ``image``. ``timings``: seconds per image by system and stage, batch size 1.
    ``parameters``: counts of ``frozen`` and ``tuned``. ``main``, ``high_resolution``,
    ``out_of_distribution``: the data sets in these roles; the last two may be None.
    ``information``: bits about the original, a row per system, SNR, stage and face
    (information_images.csv), or nothing. ``paper_cbr``: system -> CBR that the code counts at the
    paper's 1,024 pixels, or nothing.
    """

    metrics: pd.DataFrame
    images: pd.DataFrame
    ablations: pd.DataFrame
    timings: dict[str, dict[str, float]]
    parameters: dict[str, int]
    main: str
    expected_degrees: Sequence[int] = ()
    high_resolution: str | None = None
    out_of_distribution: str | None = None
    information: pd.DataFrame = field(default_factory=pd.DataFrame)
    paper_cbr: Mapping[str, float] = field(default_factory=dict)
    adopted_steps: int = 0


def verdict(held: bool) -> str:
    """``YES`` or ``NO``: for what has no noise, such as a count."""
    return YES if held else NO


@dataclass(frozen=True)
class Family:
    """Comparisons that decide one claim together.

    ``differences``: a mean over faces each, positive where it speaks for the claim, with its own
    95 % interval. ``signs``: 1 for a comparison that is clearly won, -1 for one that is clearly
    lost, 0 for one that is undecided, after Holm's correction for the whole family.
    """

    differences: tuple[Difference, ...]
    signs: tuple[int, ...]

    @property
    def worst(self) -> Difference:
        """The comparison that speaks least for the claim."""
        return min(self.differences, key=lambda difference: difference.mean)

    def part(self, start: int, stop: int | None = None) -> Family:
        """Some of the comparisons, with the signs that they have in the whole family."""
        return Family(self.differences[start:stop], self.signs[start:stop])

    def counts(self) -> str:
        """Such as "13 better, 2 worse, 5 undecided of 20"."""
        better, worse = self.signs.count(1), self.signs.count(-1)
        undecided = self.signs.count(0)
        return f"{better} better, {worse} worse, {undecided} undecided of {len(self.signs)}"


def weigh(differences: Sequence[np.ndarray]) -> Family:
    """A claim's comparisons [N] each, a difference for each face (NaN: not there).

    A comparison is won or lost if its p-value is below 5 % after Holm's correction *and* its own
    95 % interval excludes 0.
    """
    found = tuple(paired_difference(each[~np.isnan(each)]) for each in differences)
    signs = []
    for difference, p in zip(found, holm([difference.p for difference in found])):
        clear = p < 0.05 and (difference.low > 0 or difference.high < 0)
        signs.append(int(np.sign(difference.mean)) if clear else 0)
    return Family(found, tuple(signs))


def decide(signs: Sequence[int]) -> str:
    """``YES`` if every comparison is won, ``NO`` if one is lost, else ``UNDECIDED``."""
    if -1 in signs:
        return NO
    return YES if all(sign == 1 for sign in signs) else UNDECIDED
