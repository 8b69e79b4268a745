from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from editable_deepsc.evaluation.measure.statistics import (
    bootstrap_interval,
    holm,
    paired_difference,
)


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


@pytest.mark.parametrize("draw", ["normal", "exponential"])
def test_a_difference_of_a_dozen_faces_is_found_by_chance_in_5_percent(draw):
    rng = np.random.default_rng(0)
    mean = {"normal": 0, "exponential": 1}[draw]
    trials = [
        paired_difference(getattr(rng, draw)(size=12) - mean, n=499, seed=t) for t in range(400)
    ]
    wrong = np.mean([trial.low > 0 or trial.high < 0 for trial in trials])
    assert 0.02 <= wrong <= 0.09
    assert np.mean([trial.p < 0.05 for trial in trials]) <= 0.09


def test_an_interval_excludes_0_where_the_p_value_is_small():
    rng = np.random.default_rng(1)
    for mean in np.linspace(-0.6, 0.6, 25):
        found = paired_difference(rng.normal(mean, 1, size=40), n=999)
        assert (found.p < 0.05) == (found.low > 0 or found.high < 0)
        assert found.low < found.mean < found.high


def test_the_interval_is_students_on_normal_differences():
    values = np.random.default_rng(2).normal(1, 2, size=20)
    low, high = stats.t.interval(0.95, 19, values.mean(), stats.sem(values))
    found = paired_difference(values, n=20_000)
    np.testing.assert_allclose((found.low, found.high), (low, high), atol=0.2)
    assert found.p == pytest.approx(stats.ttest_1samp(values, 0).pvalue, abs=0.02)


def test_few_equal_differences_prove_nothing():
    assert paired_difference(np.array([1.0])).p == 1 and np.isnan(paired_difference([1.0]).low)
    assert paired_difference(np.full(4, 0.3)) == (0.3, 0.3, 0.3, 0.125)
    assert paired_difference(np.zeros(9)).p == 1
    assert paired_difference(np.ones(40)).p < 0.001
    rare = paired_difference(np.r_[1.0, 1.0, np.zeros(40)])  # two of 42 edits
    assert rare.p > 0.05 and np.isnan(rare.low)
    with pytest.raises(ValueError, match="each face"):
        paired_difference(np.array([]))


def test_holm_is_that_of_the_textbook():
    adjusted = holm([0.01, 0.04, 0.03, 0.005])
    np.testing.assert_allclose(adjusted, [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.7, 0.9]), [1, 1])
    assert len(holm([])) == 0
