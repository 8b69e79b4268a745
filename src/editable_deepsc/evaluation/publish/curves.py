"""Curves of systems: quality against SNR, and the information that survives."""

from __future__ import annotations

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from .names import system_name, system_order
from .style import (
    STYLE,
    draw_band,
    draw_line,
    finish_snr_panel,
    heading,
    legend_below,
    line_styles,
)

_PANELS = (  # the paper's row, then ours
    (("lpips", "LPIPS to the original ↓"), ("fid", "FID ↓"), ("kid", "KID ↓")),
    (
        ("edit_success", "Edit success ↑"),
        ("lpips_truth", "LPIPS to the true edit ↓"),
        ("outage", "Outage ↓"),
    ),
)
_LEGEND = {"handlelength": 3.2, "columnspacing": 2.5}
_STAGES = {"original": 0, "inverted": 1, "decoded": 1, "edited": 2, "received": 3}


def quality_curves(metrics: pd.DataFrame, dataset: str) -> Figure:
    """Quality against SNR on one data set, a line per system (Figures 4, 6, 8 of the paper).

    First row as in the paper: LPIPS, FID, KID against the original image. Second row, which the
    paper does not show: edit success, LPIPS to the true edit, outage. ``metrics``: one row per
    system, SNR and seed (see :mod:`.tables`). Lines are means over seeds, bands go from the worst
    to the best seed. ``ValueError`` if ``metrics`` lacks the data set.
    """
    metrics = metrics[metrics["dataset"] == dataset]
    if metrics.empty:
        raise ValueError(f"no metrics of data set {dataset!r}")
    systems = system_order(metrics["system"])
    styles = line_styles(systems)
    seeds, images = metrics["seed"].nunique(), int(metrics["n_images"].max())
    worst_to_best = ("pi", 100)  # the percentile interval that holds all seeds

    with rc_context(STYLE):
        figure = Figure(figsize=(8.6, 5.7))
        grid = figure.subplots(2, 3, sharex=True)
        for row, panels in zip(grid, _PANELS):
            for axes, (column, title) in zip(row, panels):
                for system in systems:
                    rows = metrics[metrics["system"] == system]
                    name, look = system_name(system), styles[system]
                    draw_line(axes, rows, "snr_db", column, name, look, errorbar=worst_to_best)
                finish_snr_panel(axes, column, title, metrics)
        for axes in grid[-1]:
            axes.set_xlabel("SNR (dB)")
        spread = (
            f"lines: mean of {seeds} seeds, bands: worst to best seed" if seeds > 1 else "one seed"
        )
        heading(
            figure, f"{dataset}: {images} images per point", f"{spread}; arrows point to better"
        )
        lines = legend_below(figure, grid[0, :1], 3, **_LEGEND)
        figure.subplots_adjust(
            left=0.07, right=0.975, top=0.865, bottom=0.10 + 0.038 * lines, wspace=0.26, hspace=0.24
        )
    return figure


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
        figure = Figure(figsize=(8.6, 3.9))
        against_snr, by_stage = figure.subplots(1, 2, sharey=True)
        for system in systems:
            mine = bits[bits["system"] == system]
            received = mine[mine["stage"] == "received"].sort_values("snr_db")
            stages = mine[mine["snr_db"].isna() | (mine["snr_db"] == snr_db)]
            name, look = system_name(system), styles[system]
            for axes, x, rows in ((against_snr, "snr_db", received), (by_stage, "depth", stages)):
                draw_line(axes, rows, x, "bits", name, look)
                draw_band(axes, rows, x, look)
        against_snr.set_title("After the channel and the edit", loc="left", fontweight="bold")
        against_snr.set_xticks(sorted(bits["snr_db"].dropna().unique()))
        against_snr.set_xlabel("SNR (dB)")
        against_snr.set_ylabel("Bits about the original ↑")
        by_stage.set_title(f"From stage to stage, at {snr_db:g} dB", loc="left", fontweight="bold")
        by_stage.set_xticks(range(4), ["original", "inverted,\nor sent", "edited", "received"])
        against_snr.set_ylim(bottom=min(0, float(bits["low"].min())) - 0.5)
        heading(figure, f"{dataset}: information about the original that survives, a lower bound")
        lines = legend_below(figure, [against_snr], 3, **_LEGEND)
        figure.subplots_adjust(
            left=0.07, right=0.975, top=0.86, bottom=0.16 + 0.055 * lines, wspace=0.08
        )
    return figure
