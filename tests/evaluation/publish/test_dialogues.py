"""The table, the curves and the sheet of dialogues, from a small data frame."""

from __future__ import annotations

import pandas as pd
import pytest
import torch

from editable_deepsc.evaluation.publish.dialogues import (
    dialogue_curves,
    dialogue_sheet,
    dialogue_table,
)

SYSTEMS = {"editable_deepsc": 128, "deepsc+talk2edit": 1024}


@pytest.fixture
def images() -> pd.DataFrame:
    """Two systems, two turns, four faces; ours fulfils half of the second turn's wishes."""
    return pd.DataFrame(
        [
            {"dataset": "faces", "system": system, "turn": turn, "image": i}
            | {"success": float(turn == 1 or i < 2), "all_success": 0.25, "drift": 0.1 * turn}
            | {"identity": 0.9, "lpips_truth": 0.5, "channel_uses": uses * (turn if ours else 1)}
            for system, uses in SYSTEMS.items()
            for ours in [system == "editable_deepsc"]
            for turn in (1, 2)
            for i in range(4)
        ]
    )


def test_a_row_for_each_turn_and_system(images):
    table = dialogue_table(images)
    assert table.Turn.tolist() == ["1", "1", "2", "2"]
    assert table.Method.tolist() == ["DeepSC+Talk2Edit", "Editable-DeepSC"] * 2
    assert table["Success of the turn's wish"].tolist() == ["1.00", "1.00", "0.50", "0.50"]
    assert table["Channel uses so far"].tolist() == ["1024", "128", "1024", "256"]


def test_curves_have_a_line_for_each_system_and_a_tick_for_each_turn(images):
    grid = dialogue_curves(images).axes
    assert len(grid) == 4
    for axes in grid:
        lines = {str(line.get_label()): line.get_xdata().tolist() for line in axes.get_lines()}
        assert lines == {"Editable-DeepSC": [1, 2], "DeepSC+Talk2Edit": [1, 2]}
        assert axes.get_xticks().tolist() == [1, 2]
    assert grid[0].get_lines()[0].get_ydata().tolist() == [1, 0.5]


def test_a_sheet_shows_what_was_said_and_what_was_there_after_it():
    pictures = torch.randint(0, 256, (2, 3, 8, 8), dtype=torch.uint8)
    figure = dialogue_sheet(
        pictures[0], {"True edits": pictures, "A+B": pictures}, ["smile", "no beard"],
        {"A+B": ["fine", ""]}, {"A+B": torch.tensor([False, True])},
    )  # fmt: skip
    assert len(figure.axes) == 6
    assert [axes.get_title().replace("\n", " ") for axes in figure.axes[:3]] == [
        "Original",
        "Turn 1 “smile”",
        "Turn 2 “no beard”",
    ]
    assert [axes.get_xlabel() for axes in figure.axes[3:]] == ["", "fine", ""]
    assert [len(axes.texts) for axes in figure.axes] == [0, 0, 0, 0, 0, 1]  # "outage"
    with pytest.raises(ValueError, match="True edits has 2 turns, and 3 sentences"):
        dialogue_sheet(pictures[0], {"True edits": pictures}, ["a", "b", "c"], {}, {})
