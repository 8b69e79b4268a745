"""Dialogues by turn: a table, curves, and a sheet of pictures."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure
from torch import Tensor

from ..measure.statistics import bootstrap_interval
from .grids import mark_outage, show_picture
from .names import system_name, system_order
from .style import (
    PAGE,
    STYLE,
    band_sign,
    draw_band,
    draw_line,
    legend_below,
    line_styles,
)

_COLUMNS = {  # column -> title, digits, the better end
    "success": ("Success of the turn's wish", 2, "higher"),
    "all_success": ("All wishes so far hold", 2, "higher"),
    "drift": ("Drift of the other attributes, degrees", 2, "lower"),
    "identity": ("Similarity to the original", 2, "higher"),
    "lpips_truth": ("LPIPS to the true edit", 3, "lower"),
}
_PANELS = {  # short enough for an axis
    "success": "Turn's wish fulfilled ↑",
    "all_success": "All wishes so far ↑",
    "drift": "Drift, degrees ↓",
    "identity": "Similarity ↑",
}
BETTER = {title: better for title, _, better in _COLUMNS.values()}
_LINE = 17  # letters of a sentence over a picture


def dialogue_table(images: pd.DataFrame) -> pd.DataFrame:
    """A row for each turn and system: means over faces, and the channel uses so far.

    ``images``: rows of one dialogue's turn each, with the columns of
    :func:`..measure.dialogues.turn_outcomes`, ``dataset``, ``system``, ``turn``, ``image``,
    ``identity``, ``lpips_truth`` and ``channel_uses``.
    """
    rows = []
    for turn, of_turn in images.groupby("turn"):
        for system in system_order(of_turn.system):
            mine = of_turn[of_turn.system == system]
            row = {"Turn": str(turn), "Method": system_name(system)}
            for column, (title, digits, _) in _COLUMNS.items():
                row[title] = f"{mine[column].mean():.{digits}f}"
            rows.append(row | {"Channel uses so far": f"{mine.channel_uses.iloc[0]:.0f}"})
    return pd.DataFrame(rows)


def dialogue_curves(images: pd.DataFrame) -> Figure:
    """The same against the turn, a line for each system; bands are 95 % intervals over faces."""
    systems = system_order(images.system)
    styles = line_styles(systems)
    turns = sorted(images.turn.unique())
    with rc_context(STYLE):
        figure = Figure(figsize=(PAGE, 4.3), layout="constrained")
        grid = figure.subplots(2, 2, sharex=True)
        for axes, (column, label) in zip(grid.flat, _PANELS.items()):
            for system in systems:
                mine = images[images.system == system]
                draw_line(axes, mine, "turn", column, system_name(system), styles[system])
                draw_band(axes, _over_faces(mine, column), "turn", styles[system])
            axes.set_ylabel(label)
            axes.set_ylim(bottom=0, top=1.03 if "success" in column else None)
            axes.set_xticks(turns)
        for axes in grid[-1]:
            axes.set_xlabel("Turn")
        figure.align_ylabels()
        legend_below(figure, grid.flat[:1], 3, band_sign("95 % over faces"))
    return figure


def _over_faces(images: pd.DataFrame, column: str) -> pd.DataFrame:
    """95 % interval over faces at every turn: columns turn, low, high."""
    return pd.DataFrame(
        [
            (turn, *bootstrap_interval(values.dropna().to_numpy()))
            for turn, values in images.groupby("turn")[column]
            if values.notna().any()
        ],
        columns=["turn", "low", "high"],
        dtype=float,
    )


def dialogue_sheet(
    original: Tensor,
    turns: Mapping[str, Tensor],
    sentences: Sequence[str],
    notes: Mapping[str, Sequence[str]],
    outages: Mapping[str, Tensor],
) -> Figure:
    """One dialogue: a row for the true edits and for each system, a column for each turn.

    Args:
        original: uint8 [3, H, W].
        turns: name of a row, printed as it is -> uint8 [T, 3, H, W], what was there after each
            turn.
        sentences: what was said in the T turns, printed above them.
        notes: name of a row -> T short lines below its pictures; rows without may be absent.
        outages: name of a row -> bool [T], what could not be decoded; rows that cannot fail may be
            absent.

    ``ValueError`` where a row or its notes do not have T pictures.
    """
    count = len(sentences)
    counts = {name: len(of_row) for name, of_row in turns.items()}
    for name, found in [*counts.items(), *((name, len(of_row)) for name, of_row in notes.items())]:
        if found != count:
            raise ValueError(f"{name} has {found} turns, and {count} sentences were said")
    with rc_context(STYLE):
        figure = Figure(figsize=(PAGE, 0.55 + 1.28 * len(turns)), dpi=240, layout="constrained")
        grid = figure.subplots(len(turns), count + 1, squeeze=False)
        for row, (name, pictures) in zip(grid, turns.items()):
            show_picture(row[0], original)
            row[0].set_ylabel(textwrap.fill(name.replace("+", "+ "), 14).replace("+ ", "+"))
            row[0].yaxis.label.set_visible(True)
            lost = outages.get(name, [False] * count)
            for axes, picture, note, gone in zip(
                row[1:], pictures, notes.get(name, [""] * count), lost
            ):
                show_picture(axes, picture)
                axes.set_xlabel(note, fontsize=6.5, labelpad=2)
                if gone:
                    mark_outage(axes)
        grid[0][0].set_title("Original")
        for number, (axes, sentence) in enumerate(zip(grid[0][1:], sentences), start=1):
            said = textwrap.fill(f"“{sentence}”", _LINE)
            axes.set_title(f"Turn {number}\n{said}", style="italic")
    return figure
