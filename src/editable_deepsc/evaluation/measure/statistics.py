"""Intervals of estimates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def bootstrap_interval(
    values: np.ndarray,
    statistic: Callable[[np.ndarray], float] = np.mean,
    n: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % percentile bootstrap interval (Efron 1979) of ``statistic`` over values [N], from ``n``
    resamples.

    ``ValueError`` if there are no values.
    """
    values = np.asarray(values)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(f"a bootstrap needs a non-empty list of values, not shape {values.shape}")
    rng = np.random.default_rng(seed)
    resampled = [statistic(values[rng.integers(len(values), size=len(values))]) for _ in range(n)]
    low, high = np.quantile(resampled, [0.025, 0.975])
    return float(low), float(high)
