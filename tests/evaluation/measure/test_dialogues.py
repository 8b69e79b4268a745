"""Outcomes of dialogues, against what is counted by hand."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import one_hot

from editable_deepsc.evaluation.measure.dialogues import turn_outcomes


def logits(degrees: list) -> torch.Tensor:
    """An evaluator that is sure of these degrees."""
    return 50.0 * one_hot(torch.tensor(degrees), 6).float()


def outcomes(before, after, attribute, expected, same=None):
    """Of one face: lists over its turns."""
    turns = len(after)
    found = turn_outcomes(
        logits([before]),
        logits([[row] for row in after]),
        torch.ones(turns, 1, dtype=torch.bool) if same is None else torch.tensor(same)[:, None],
        torch.tensor(attribute)[:, None],
        torch.tensor(expected)[:, None],
    )
    assert all(values.shape == (turns, 1) for values in found.values())
    return {name: values[:, 0].tolist() for name, values in found.items()}


def test_a_wish_that_a_later_turn_spoils_does_not_hold_any_more():
    found = outcomes(
        before=[0, 0, 2, 3, 4],
        after=[[3, 0, 2, 3, 4], [3, 4, 2, 3, 4], [0, 4, 5, 3, 4]],
        attribute=[0, 1, 2],
        expected=[3, 5, 5],  # the second is one degree off, which is near enough
    )
    assert found["success"] == [1, 1, 1]
    assert found["all_success"] == [1, 1, 0]
    assert found["drift"] == pytest.approx([0, 0, 0], abs=1e-5)


def test_drift_is_of_what_nobody_asked_for_so_far():
    found = outcomes([2, 2, 2, 2, 2], [[4, 2, 3, 2, 2], [4, 5, 3, 2, 0]], [0, 1], [4, 5])
    assert found["drift"] == pytest.approx([1 / 4, (1 + 2) / 3], abs=1e-5)
    last = outcomes([2] * 5, [[3] * 5] * 5, [0, 1, 2, 3, 4], [3] * 5)["drift"]
    assert last[:4] == pytest.approx([1] * 4, abs=1e-5) and last[4] != last[4]


def test_who_does_nothing_or_shows_somebody_else_has_no_success():
    nothing = outcomes([2] * 5, [[2] * 5] * 2, [0, 1], [3, 1])
    assert nothing["success"] == nothing["all_success"] == [0, 0]
    after = [[3, 2, 2, 2, 2], [3, 1, 2, 2, 2]]
    other = outcomes([2] * 5, after, [0, 1], [3, 1], same=[True, False])
    assert other["success"] == other["all_success"] == [1, 0]
