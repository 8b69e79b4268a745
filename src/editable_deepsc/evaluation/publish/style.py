"""How every figure looks: sizes, fonts, colours and markers of systems, axes, files.

Figures are as wide as a column or a page of a journal with two columns, with text of 8 points, so
they are printed as they are. They have no title: that is what a caption is for.

Plain ``matplotlib.figure.Figure`` objects, no pyplot: nothing here has global state or needs a
display.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import seaborn
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, MaxNLocator

from ...data.storage import whole
from .names import PAPER_SYSTEMS

STYLE: dict[Any, Any] = {
    "figure.dpi": 200,
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same figure on every machine
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
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
COLUMN, PAGE = 3.5, 7.16  # inches, of a journal with two columns
_BAND_ALPHA = 0.18

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
        "markersize": 8,
        "linewidth": 2.4,
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
        s: {"linewidth": 1.1, "markersize": 4.2, "markeredgecolor": "white", "markeredgewidth": 0.5}
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
    options = {"errorbar": None, "err_kws": {"alpha": _BAND_ALPHA, "linewidth": 0}} | options
    seaborn.lineplot(rows, x=x, y=y, ax=axes, label=label, legend=False, **options, **look)
    axes.set(xlabel="", ylabel="")


def draw_band(axes: Axes, rows: pd.DataFrame, x: str, look: dict) -> None:
    """The band from column ``low`` to ``high`` of ``rows``, in the colour of its line."""
    axes.fill_between(
        rows[x], rows["low"], rows["high"], color=look["color"], alpha=_BAND_ALPHA, linewidth=0
    )


def draw_open(axes: Axes, x: pd.Series, y: pd.Series, look: dict) -> None:
    """Open markers over those of a line: points that need a second look."""
    shape = {k: look[k] for k in ("marker", "markersize", "zorder") if k in look}
    axes.plot(
        x,
        y,
        linestyle="none",
        label="_open",
        markerfacecolor="white",
        markeredgecolor=look["color"],
        markeredgewidth=1.0,
        **shape,
    )


def break_axis(axes: Axes, top: float, above: Sequence[float], label: str) -> None:
    """Break the y axis: values ``above`` get a narrow strip, and all below ``top`` the rest.

    The strip is grey and says ``label``; its one tick is the largest value of ``above``. What is
    drawn keeps its values. ``ValueError`` unless all values above are.
    """
    first, last = min(above), max(above)
    if first <= top:
        raise ValueError(f"an axis that is broken at {top:g} cannot show {first:g} above the break")
    bottom = axes.get_ylim()[0]
    height = top - bottom
    edge = top + 0.08 * height  # places are values below the break, and narrower above it
    lowest = edge + 0.07 * height
    highest = lowest + (0.1 * height if last > first else 0)
    far = 1e3 * height
    knots = {bottom - far: bottom - far, top: top, first: lowest, last: highest}
    knots[last + far] = highest + far
    values, places = np.array([*knots]), np.array([*knots.values()])
    axes.set_yscale(
        "function",
        functions=(
            lambda y: np.interp(y, values, places),
            lambda y: np.interp(y, places, values),
        ),
    )
    cut, middle, end = np.interp(
        [edge, (edge + highest + 0.07 * height) / 2, highest + 0.07 * height], places, values
    )
    axes.set_ylim(bottom, end)
    ticks = [tick for tick in MaxNLocator(4).tick_values(bottom, top) if bottom <= tick <= top]
    axes.yaxis.set_major_locator(FixedLocator([*ticks, last]))
    axes.yaxis.set_major_formatter(lambda y, _: f"{y:.3g}".replace("-", "−"))
    axes.axhspan(cut, end, color="0.93", zorder=0, linewidth=0)
    at_the_side: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "clip_on": False}
    axes.text(0.98, middle, label, ha="right", va="center_baseline", color="0.4", **at_the_side)
    axes.plot([0, 0], [top, cut], color="white", linewidth=2, label="_cut", **at_the_side)
    stroke: dict[str, Any] = {
        "marker": [(-1, -0.5), (1, 0.5)],
        "markersize": 6,
        "markeredgewidth": 0.8,
    }
    axes.plot(
        [0, 0], [top, cut], linestyle="none", color="0.3", label="_cut", **stroke, **at_the_side
    )


def legend_below(
    figure: Figure, axes: Iterable[Axes], columns: int, *signs: Artist, **options
) -> None:
    """One legend for all axes, below them: every line once, then ``signs``, which have labels."""
    lines = {
        str(line.get_label()): line
        for a in axes
        for line in a.get_lines()
        if not str(line.get_label()).startswith("_")
    }
    handles = [*lines.values(), *signs]
    figure.legend(
        handles,
        [str(h.get_label()) for h in handles],
        loc="outside lower center",
        ncols=columns,
        **options,
    )


def open_sign(label: str) -> Line2D:
    """What an open marker means, for a legend."""
    sign = Line2D([], [], label=label, color="0.4", linestyle="none", marker="o", markersize=4.2)
    sign.set_markerfacecolor("white")
    return sign


def band_sign(label: str) -> Patch:
    """What a band means, for a legend."""
    return Patch(label=label, facecolor="0.4", alpha=2 * _BAND_ALPHA)


def finish_snr_panel(axes: Axes, column: str, label: str, metrics: pd.DataFrame) -> None:
    """Label, ticks and limits of a panel that shows ``column`` of ``metrics`` against SNR."""
    axes.set_ylabel(label)
    axes.set_xticks(sorted(metrics["snr_db"].unique()))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    if column in _SHARES:
        axes.set_ylim(-0.03, 1.03)
    if metrics[column].isna().all():
        axes.set_yticks([])
        axes.text(
            0.5,
            0.5,
            "unknown in\nthis data set",
            transform=axes.transAxes,
            ha="center",
            va="center",
            color="0.5",
        )


def save_figure(figure: Figure, stem: Path) -> None:
    """Write ``stem``.pdf and ``stem``.png.

    The PNG has the dots per inch of the figure (200 unless it says otherwise). The same figure
    gives the same bytes.
    """
    stem = Path(stem)
    with rc_context(STYLE):
        with whole(stem.with_name(stem.name + ".pdf")) as path:
            metadata = {
                "Creator": "editable-deepsc",
                "Producer": "matplotlib",
                "CreationDate": None,
            }
            figure.savefig(path, format="pdf", dpi="figure", metadata=metadata)
        with whole(stem.with_name(stem.name + ".png")) as path:
            figure.savefig(
                path, format="png", dpi="figure", metadata={"Software": "editable-deepsc"}
            )
