"""How every figure looks: fonts, colours and markers of systems, titles, files.

Plain ``matplotlib.figure.Figure`` objects, no pyplot: nothing here has global state or needs a
display.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import seaborn
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...data.storage import whole
from .names import PAPER_SYSTEMS

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same figure on every machine
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.edgecolor": "0.3",
    "axes.grid": True,
    "grid.color": "0.92",
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "xtick.color": "0.3",
    "ytick.color": "0.3",
    "legend.frameon": False,
    # TrueType, so that text in the PDF stays text; type 3 is refused by some publishers
    "pdf.fonttype": 42,
}
_DPI = 200

# Colours of Okabe and Ito (2008). Blue is DeepSC, green and purple are JPEG; dashed is editing at
# the receiver. Editable-DeepSC is thick and below, dashed lines are on top: where lines coincide
# (outage 0 and 1), every one stays visible.
_LINES: dict[str, dict[str, Any]] = {
    "deepsc+talk2edit": {"color": "#0072B2", "marker": "o"},
    "jpeg_ldpc+talk2edit": {"color": "#009E73", "marker": "s"},
    "talk2edit+deepsc": {"color": "#56B4E9", "marker": "^"},
    "talk2edit+jpeg_ldpc": {"color": "#CC79A7", "marker": "D"},
    "editable_deepsc": {
        "color": "#D55E00",
        "marker": "*",
        "markersize": 10,
        "linewidth": 3.0,
        "zorder": 2.1,
    },
}
_NEW_COLOURS = ("#E69F00", "#000000", "#F0E442", "#999999")
MARKERS = ("v", "p", "<", ">", "h", "d", "8")

_SHARES = {"edit_success", "outage"}


def line_styles(systems: Sequence[str]) -> dict[str, dict]:
    """Line properties per system; a new system gets the next free colour and marker."""
    new = [s for s in systems if s not in PAPER_SYSTEMS]
    styles = {
        s: {
            "color": _NEW_COLOURS[i % len(_NEW_COLOURS)],
            "marker": MARKERS[i % len(MARKERS)],
        }
        for i, s in enumerate(new)
    } | _LINES
    at_receiver = {"linestyle": (0, (3.5, 2)), "zorder": 2.6}
    return {
        s: {"linewidth": 1.3, "markersize": 4.5, "markeredgecolor": "white", "markeredgewidth": 0.6}
        | (at_receiver if s.endswith("+talk2edit") else {})
        | styles[s]
        for s in systems
    }


def draw_line(
    axes: Axes, rows: pd.DataFrame, x: str, y: str, label: str, look: dict, **options
) -> None:
    """One labelled line: column ``y`` of ``rows`` against ``x``, means where an x occurs often.

    ``look``: line properties. ``options``: of ``seaborn.lineplot``, such as ``errorbar``. Axis
    labels and the legend are left to the figure.
    """
    options = {"errorbar": None, "err_kws": {"alpha": 0.18, "linewidth": 0}} | options
    seaborn.lineplot(rows, x=x, y=y, ax=axes, label=label, legend=False, **options, **look)
    axes.set(xlabel="", ylabel="")


def draw_band(axes: Axes, rows: pd.DataFrame, x: str, look: dict) -> None:
    """The band from column ``low`` to ``high`` of ``rows``, in the colour of its line."""
    axes.fill_between(
        rows[x], rows["low"], rows["high"], color=look["color"], alpha=0.18, linewidth=0
    )


def heading(figure: Figure, title: str, subtitle: str = "") -> None:
    """Title of a figure, and a smaller line under it."""
    figure.text(0.5, 0.985, title, ha="center", va="top", fontsize=11, fontweight="bold")
    below = 0.985 - 0.23 / figure.get_figheight()
    figure.text(0.5, below, subtitle, ha="center", va="top", color="0.35")


def legend_below(figure: Figure, axes: Iterable[Axes], columns: int, **options) -> int:
    """One legend for all axes, below them; returns its number of rows."""
    lines = {
        str(line.get_label()): line
        for a in axes
        for line in a.get_lines()
        if not str(line.get_label()).startswith("_")
    }
    figure.legend(list(lines.values()), list(lines), loc="lower center", ncols=columns, **options)
    return -(-len(lines) // columns)


def finish_snr_panel(axes: Axes, column: str, title: str, metrics: pd.DataFrame) -> None:
    """Title, ticks and limits of a panel that shows ``column`` of ``metrics`` against SNR."""
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xticks(sorted(metrics["snr_db"].unique()))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    if column in _SHARES:
        axes.set_ylim(-0.03, 1.03)
    if metrics[column].isna().all():
        axes.set_yticks([])
        axes.text(
            0.5, 0.5, "unknown in this data set", transform=axes.transAxes, ha="center", color="0.5"
        )


def save_figure(figure: Figure, stem: Path) -> None:
    """Write ``stem``.pdf and ``stem``.png (200 dots per inch).

    The same figure gives the same bytes.
    """
    stem = Path(stem)
    with rc_context(STYLE):
        with whole(stem.with_name(stem.name + ".pdf")) as path:
            metadata = {
                "Creator": "editable-deepsc",
                "Producer": "matplotlib",
                "CreationDate": None,
            }
            figure.savefig(path, format="pdf", dpi=_DPI, metadata=metadata)
        with whole(stem.with_name(stem.name + ".png")) as path:
            figure.savefig(path, format="png", dpi=_DPI, metadata={"Software": "editable-deepsc"})
