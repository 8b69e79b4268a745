"""Curves of systems: quality against SNR, and the information that survives."""

from __future__ import annotations

import pandas as pd
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..measure.statistics import bootstrap_interval
from .names import system_name, system_order
from .style import (
    COLUMN,
    PAGE,
    STYLE,
    band_sign,
    break_axis,
    draw_band,
    draw_line,
    draw_open,
    finish_snr_panel,
    legend_below,
    line_styles,
    open_sign,
)

_PANELS = (  # the paper's three, then ours
    ("lpips", "LPIPS to the original ↓"),
    ("fid", "FID ↓"),
    ("kid", "KID ↓"),
    ("edit_success", "Edit success ↑"),
    ("lpips_truth", "LPIPS to the true edit ↓"),
    ("outage", "Outage ↓"),
)
_DISTANCES = {"lpips", "fid", "kid", "lpips_truth"}
_LEGEND = {"handlelength": 2.9, "columnspacing": 1.5}
_STAGES = {"original": 0, "inverted": 1, "decoded": 1, "edited": 2, "received": 3}
_WORTH_A_BREAK = 1.25  # outages this many times as high as all other points


def quality_curves(
    metrics: pd.DataFrame, images: pd.DataFrame, dataset: str, columns: int = 2
) -> Figure:
    """Quality against SNR on one data set, a line per system (Figures 4, 6, 8 of the paper).

    LPIPS to the original image as in the paper, FID and KID to independent real faces; then edit
    success, LPIPS to the true edit and outage, which the paper does not show. Points at which
    images were lost have open markers. Where they are far above all others, the axis is broken
    below them.

    Args:
        metrics: one row per system, SNR and seed (see :mod:`.tables`). Lines are means over seeds.
        images: the same of single images, columns ``seed`` and ``image`` too, without FID and KID.
            Bands are 95 % intervals over faces; FID and KID of a single face do not exist, and
            have no band.
        dataset: which one to draw. ``ValueError`` if ``metrics`` or ``images`` lacks it.
        columns: of the page that the figure spans, 1 or 2.
    """
    metrics = metrics[metrics["dataset"] == dataset]
    images = images[images["dataset"] == dataset]
    if metrics.empty or images.empty:
        raise ValueError(f"no metrics of data set {dataset!r}")
    systems = system_order(metrics["system"])
    styles = line_styles(systems)
    rows, across, size = {1: (3, 2, (COLUMN, 5.6)), 2: (2, 3, (PAGE, 4.3))}[columns]
    with rc_context(STYLE):
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(rows, across, sharex=True)
        for axes, (column, label) in zip(grid.flat, _PANELS):
            for system in systems:
                mine, look = metrics[metrics["system"] == system], styles[system]
                draw_line(axes, mine, "snr_db", column, system_name(system), look)
                if column in images:
                    draw_band(axes, _over_faces(images, system, column), "snr_db", look)
            finish_snr_panel(axes, column, label, metrics)
            _show_outages(axes, column, metrics, styles)
        for axes in grid[-1]:
            axes.set_xlabel("SNR (dB)")
        figure.align_ylabels()
        signs: list[Artist] = [band_sign("95 % over faces")]
        if metrics["outage"].any():
            signs.append(open_sign("images were lost"))
        legend_below(figure, grid.flat[:1], across if columns == 2 else 2, *signs, **_LEGEND)
    return figure


def _over_faces(images: pd.DataFrame, system: str, column: str) -> pd.DataFrame:
    """95 % interval over faces of a system's mean at each SNR: columns snr_db, low, high.

    A face's value is its mean over the draws of the channel.
    """
    faces = images[images["system"] == system].groupby(["snr_db", "image"])[column].mean()
    return pd.DataFrame(
        [
            (snr_db, *bootstrap_interval(values.to_numpy()))
            for snr_db, values in faces.dropna().groupby("snr_db")
        ],
        columns=["snr_db", "low", "high"],
        dtype=float,
    )


def _show_outages(axes: Axes, column: str, metrics: pd.DataFrame, styles: dict[str, dict]) -> None:
    """Open markers where images were lost, and a broken axis where these dwarf all else."""
    columns = list({column, "outage"})
    points = metrics.groupby(["system", "snr_db"])[columns].mean().reset_index()
    lost = points[points["outage"] > 0]
    for system, mine in lost.groupby("system"):
        draw_open(axes, mine["snr_db"], mine[column], styles[system])
    if column not in _DISTANCES:
        return
    seen = points.loc[points["outage"] == 0, column]
    margin = 0.06 * (seen.max() - points[column].min())
    above = lost.loc[lost[column] > seen.max() + margin, column]
    if above.max() > _WORTH_A_BREAK * seen.max():  # false where there is nothing above
        axes.set_ylim(bottom=points[column].min() - margin)
        break_axis(axes, seen.max() + margin, list(above), "outage")


def information_curves(bits: pd.DataFrame, dataset: str, snr_db: float) -> Figure:
    """What survives of the original, in bits.

    In received images against SNR (left), and from stage to stage of every system at ``snr_db``
    (right).

    ``bits``: rows of information.csv. Bands are 95 % intervals over faces. ``ValueError`` if
    ``bits`` lacks the data set.
    """
    bits = bits[(bits["dataset"] == dataset) & (bits["method"] == "barber-agakov")]
    if bits.empty:
        raise ValueError(f"no information of data set {dataset!r}")
    bits = bits.assign(depth=bits["stage"].map(_STAGES))
    systems = system_order(bits["system"])
    styles = line_styles(systems)
    with rc_context(STYLE):
        figure = Figure(figsize=(PAGE, 3.1), layout="constrained")
        against_snr, by_stage = figure.subplots(1, 2, sharey=True)
        for system in systems:
            mine = bits[bits["system"] == system]
            received = mine[mine["stage"] == "received"].sort_values("snr_db")
            stages = mine[mine["snr_db"].isna() | (mine["snr_db"] == snr_db)]
            name, look = system_name(system), styles[system]
            for axes, x, rows in ((against_snr, "snr_db", received), (by_stage, "depth", stages)):
                draw_line(axes, rows, x, "bits", name, look)
                draw_band(axes, rows, x, look)
        against_snr.set_title("After the channel and the edit", loc="left")
        against_snr.set_xticks(sorted(bits["snr_db"].dropna().unique()))
        against_snr.set_xlabel("SNR (dB)")
        against_snr.set_ylabel("Bits about the original ↑")
        by_stage.set_title(f"From stage to stage, at {snr_db:g} dB", loc="left")
        by_stage.set_xticks(range(4), ["original", "inverted,\nor sent", "edited", "received"])
        against_snr.set_ylim(bottom=min(0, float(bits["low"].min())) - 0.5)
        legend_below(figure, [against_snr], 3, band_sign("95 % over faces"), **_LEGEND)
    return figure
