"""How a dialogue goes: what holds after each of its turns, and what else has changed."""

from __future__ import annotations

import torch
from torch import Tensor

from ...data.attributes import NUM_DEGREES


def turn_outcomes(
    before: Tensor, after: Tensor, same: Tensor, attribute: Tensor, expected: Tensor
) -> dict[str, Tensor]:
    """What became of N dialogues of T turns, whose turns are about different attributes.

    Args:
        before: evaluator's degree logits of the original images [N, 5, 6].
        after: the same of what was received after every turn [T, N, 5, 6].
        same: bool [T, N], whether that is still the same person.
        attribute: long [T, N], what each turn is about.
        expected: long [T, N], its expected degree (eq 10).

    Returns:
        [T, N] each. ``success`` (0 or 1): the wish of the turn is fulfilled behind it, that is, its
        degree is within one of the expected one and nearer to it than in the original, and it is
        the same person. ``all_success``: so are the wishes of all turns so far, in the same
        picture. ``drift``: mean change, in degrees, of the attributes that no turn so far is about
        (NaN where there is none).
    """
    turns, n = attribute.shape
    seen = after.argmax(3)  # [T, N, 5]
    original = before.argmax(2)
    change = (_mean_degree(after) - _mean_degree(before)).abs()
    asked = torch.zeros(n, original.shape[1], dtype=torch.bool)
    fulfilled = []
    for turn in range(turns):  # the wish of this turn, in all pictures [T, N]
        column = attribute[turn][:, None]
        error = (seen.gather(2, column.expand(turns, n, 1))[..., 0] - expected[turn]).abs()
        first = (original.gather(1, column)[:, 0] - expected[turn]).abs()
        fulfilled.append((error <= 1) & (error < first) & same)
    outcomes: dict[str, list[Tensor]] = {"success": [], "all_success": [], "drift": []}
    for turn in range(turns):
        asked = asked.scatter(1, attribute[turn][:, None], True)
        so_far = torch.stack([wish[turn] for wish in fulfilled[: turn + 1]])
        outcomes["success"].append(so_far[-1].float())
        outcomes["all_success"].append(so_far.all(0).float())
        outcomes["drift"].append(change[turn].masked_fill(asked, 0).sum(1) / (~asked).sum(1))
    return {name: torch.stack(rows) for name, rows in outcomes.items()}


def _mean_degree(logits: Tensor) -> Tensor:
    """Expected degree, 0 to 5, under the evaluator's softmax over degrees."""
    return logits.softmax(-1) @ torch.arange(NUM_DEGREES, dtype=logits.dtype)
