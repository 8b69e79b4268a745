from __future__ import annotations

import numpy as np
import pytest

from editable_deepsc.evaluation.measure.statistics import bootstrap_interval


def test_bootstrap_covers_the_true_mean_about_95_percent_of_the_time():
    rng = np.random.default_rng(0)
    trials = [bootstrap_interval(rng.normal(3, 2, size=40), n=300, seed=t) for t in range(200)]
    covered = np.mean([low <= 3 <= high for low, high in trials])
    assert 0.88 <= covered <= 0.99


def test_bootstrap_of_a_constant_a_statistic_and_a_seed():
    assert bootstrap_interval(np.full(9, 2.5)) == (2.5, 2.5)
    values = np.arange(50.0)
    assert (
        bootstrap_interval(values, seed=1)
        == bootstrap_interval(values, seed=1)
        != bootstrap_interval(values, seed=2)
    )
    low, high = bootstrap_interval(values, statistic=np.max)
    assert high == 49 and low > 40


def test_bootstrap_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="non-empty"):
        bootstrap_interval(np.array([]))


@pytest.mark.parametrize("statistic", [np.mean, np.std, lambda x: x.max() / x.mean()])
def test_the_interval_is_that_of_resamples_drawn_by_hand(statistic):
    values = np.random.default_rng(0).gamma(2, size=40)
    rng, n = np.random.default_rng(1), 10_000
    by_hand = [statistic(values[rng.integers(40, size=40)]) for _ in range(n)]
    # At the 2.5th percentile of n normal draws the order statistic has a deviation of 2.7 / √n of
    # theirs, and two intervals are compared.
    tolerance = 5 * 2.7 * np.sqrt(2 / n) * np.std(by_hand)
    interval = bootstrap_interval(values, statistic, n=n)
    np.testing.assert_allclose(interval, np.quantile(by_hand, [0.025, 0.975]), atol=tolerance)


def test_one_value_has_an_interval_of_no_width():
    assert bootstrap_interval(np.array([3.0])) == (3.0, 3.0)
