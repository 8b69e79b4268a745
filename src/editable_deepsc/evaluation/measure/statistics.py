"""Intervals of estimates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import bootstrap


def bootstrap_interval(
    values: np.ndarray,
    statistic: Callable[[np.ndarray], float] = np.mean,
    n: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % percentile bootstrap interval (Efron 1979) of ``statistic`` over values [N].

    ``n`` resamples are drawn with ``seed``.

    One value has an interval of no width. ``ValueError`` if there are no values.
    """
    values = np.asarray(values)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(f"a bootstrap needs a non-empty list of values, not shape {values.shape}")
    if len(values) == 1:  # every resample is the same, and scipy refuses it
        return float(statistic(values)), float(statistic(values))
    interval = bootstrap(
        (values,),
        statistic,
        n_resamples=n,
        vectorized=statistic is np.mean,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(interval.low), float(interval.high)
