"""Curves of codecs.

The sweep with a line per codec, perception against distortion and rate, task accuracy against SNR,
and mismatch of the SNR.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from ...systems.names import parse_system
from .names import codec_name, system_name
from .style import (
    COLUMN,
    MARKERS,
    PAGE,
    STYLE,
    band_sign,
    draw_band,
    draw_line,
    finish_snr_panel,
    legend_below,
)

_COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
    "#999999",
    "#7A5195",
    "#8C6D31",
)
_WITHOUT_CODEC = {"color": "0.1", "linestyle": ":", "linewidth": 2.4}
_BY_RATE: tuple[Literal["-", "--", ":"], ...] = ("-", "--", ":")
_LEGEND = {"handlelength": 2.6, "columnspacing": 2}


def _look(i: int) -> dict:
    """Line properties of the i-th codec of a figure; dashed where the colours begin anew."""
    return {
        "linestyle": "-" if i < len(_COLOURS) else "--",
        "color": _COLOURS[i % len(_COLOURS)],
        "marker": MARKERS[i % len(MARKERS)],
        "linewidth": 1.3,
        "markersize": 4.5,
        "markeredgecolor": _COLOURS[i % len(_COLOURS)],
    }


def codec_curves(metrics: pd.DataFrame, dataset: str) -> Figure:
    """PSNR and LPIPS to the original (columns) against SNR on one data set, a line per codec.

    Edited at the transmitter and at the receiver (rows). An outage is ten times as far away as any
    picture, so the axis of LPIPS is logarithmic.

    A system without a codec (Editable-DeepSC) is dotted in both rows. ``metrics`` as for
    :func:`.curves.quality_curves`. ``ValueError`` if ``metrics`` lacks the data set or has no
    system with a codec.
    """
    metrics = metrics[metrics["dataset"] == dataset]
    names = {system: parse_system(system) for system in metrics["system"].unique()}
    codecs = sorted({name.codec for name in names.values() if name.codec})
    if not codecs:
        raise ValueError(f"no metrics of any codec on data set {dataset!r}")
    with rc_context(STYLE):
        figure = Figure(figsize=(PAGE, 5.4), layout="constrained")
        grid = figure.subplots(2, 2, sharex=True, sharey="col")
        panels = (("psnr_db", "PSNR (dB) ↑"), ("lpips", "LPIPS ↓"))
        for row, place in zip(grid, ("transmitter", "receiver")):
            for axes, (column, title) in zip(row, panels):
                for system, name in names.items():
                    rows = metrics[metrics["system"] == system]
                    if name.codec is None:
                        label, look = system_name(system), _WITHOUT_CODEC
                    else:
                        label, look = codec_name(name.codec), _look(codecs.index(name.codec))
                    if name.codec is None or name.edits_at == place:
                        draw_line(axes, rows, "snr_db", column, label, look)
                finish_snr_panel(axes, column, f"{title}, edited at the {place}", metrics)
                if column == "lpips":
                    axes.set_yscale("log")
                    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
                    axes.yaxis.set_major_formatter("{x:g}")
                    axes.yaxis.set_minor_formatter(NullFormatter())
        for axes in grid[-1]:
            axes.set_xlabel("SNR (dB)")
        figure.align_ylabels()
        legend_below(figure, grid.flat, 4, **_LEGEND)
    return figure


def rate_curves(rates: pd.DataFrame, layered: str) -> Figure:
    """Perception against distortion, and both against the rate.

    First row: LPIPS and FID against PSNR at one rate, the layered codec as a curve along which the
    bits move from its enhancement to its base layer. Second row: LPIPS, FID and PSNR against the
    rate, at the split of the config. Codecs and rates at which an image does not fit are left out.

    ``rates``: as :func:`.codec_claims.codec_claims` takes them; ``layered``: name of the codec in
    two layers.
    """
    fit = rates[rates.outage == 0]
    names = [layered, *sorted(set(rates.codec) - {layered})]
    at = fit[fit.codec == layered].groupby("bpp").base_share.nunique()
    bpps = list(at.index[at > 1])
    panels = (("lpips", "LPIPS ↓"), ("fid", "FID ↓"), ("psnr_db", "PSNR (dB) ↑"))
    with rc_context(STYLE):
        figure = Figure(figsize=(PAGE, 5.2), layout="constrained")
        spec = figure.add_gridspec(2, 6)
        top = [figure.add_subplot(spec[0, :3]), figure.add_subplot(spec[0, 3:])]
        bottom = [figure.add_subplot(spec[1, 2 * i : 2 * i + 2]) for i in range(3)]
        for axes, (column, title) in zip(top, panels):
            _against_psnr(axes, column, fit, names, bpps)
            axes.set_ylabel(title)
        for axes, (column, title) in zip(bottom, panels):
            for i, name in enumerate(names):
                line = fit[(fit.codec == name) & fit.default]
                draw_line(axes, line, "bpp", column, codec_name(name), _look(i))
            axes.set_ylabel(title)
            axes.set_xlabel("bits per pixel")
            axes.xaxis.set_major_locator(MaxNLocator(4))
        signs = [
            Line2D([], [], color="0.4", linestyle=style, label=f"above: {bpp:g} bits per pixel")
            for bpp, style in zip(bpps, _BY_RATE)
        ]
        legend_below(figure, bottom, 4, *signs, **_LEGEND)
    return figure


def _against_psnr(
    axes: Axes, column: str, fit: pd.DataFrame, names: list[str], bpps: list[float]
) -> None:
    """``column`` against PSNR at the rates ``bpps``.

    A curve for the first codec of ``names``, the layered one, and points for the others.
    """
    layered, *others = names
    for bpp, style in zip(bpps, _BY_RATE):
        here = fit[fit.bpp == bpp]
        fill = {} if style == "-" else {"markerfacecolor": "white"}
        curve = here[here.codec == layered].sort_values("base_share")
        look = _look(0) | {"linestyle": style} | fill
        along_the_split = {"sort": False, "estimator": None}
        draw_line(axes, curve, "psnr_db", column, codec_name(layered), look, **along_the_split)
        # Every curve runs the same way, and more labels would collide.
        ends = curve.iloc[[0, -1]].sort_values(column) if bpp == bpps[0] else curve[:0]
        for (_, row), (dy, va) in zip(ends.iterrows(), ((-5, "top"), (4, "bottom"))):
            axes.annotate(
                f"{row.base_share:.0%}",
                (row.psnr_db, row[column]),
                xytext=(-4, dy),
                textcoords="offset points",
                ha="right",
                va=va,
                fontsize=7,
                color="0.35",
            )
        for i, name in enumerate(others, 1):
            point = here[here.codec == name]
            look = _look(i) | {"linestyle": "none", "markersize": 6} | fill
            draw_line(axes, point, "psnr_db", column, codec_name(name), look)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.tick_params(axis="y", which="minor", labelsize=6.5)
    axes.set_xlabel("PSNR (dB) →")


def importance_curves(tasks: pd.DataFrame) -> Figure:
    """Task accuracy against SNR with bands of 95 % over images, and PSNR; a line per codec.

    ``tasks``: see :func:`~editable_deepsc.evaluation.measure.codec_studies.with_intervals`.
    """
    with rc_context(STYLE):
        figure = Figure(figsize=(PAGE, 3.1), layout="constrained")
        left, right = figure.subplots(1, 2)
        for i, (name, rows) in enumerate(tasks.groupby("codec", sort=False)):
            rows = rows.sort_values("snr_db")
            draw_band(left, rows, "snr_db", _look(i))
            for axes, column in ((left, "accuracy"), (right, "psnr_db")):
                draw_line(axes, rows, "snr_db", column, codec_name(name), _look(i))
        left.set_ylabel("Attribute degrees seen as they are ↑")
        right.set_ylabel("PSNR to the original (dB) ↑")
        for axes in (left, right):
            axes.set_xlabel("SNR (dB)")
            axes.set_xticks(sorted(tasks.snr_db.unique()))
        legend_below(figure, [left], 3, band_sign("95 % over faces"), **_LEGEND)
    return figure


def mismatch_curves(mismatch: pd.DataFrame) -> Figure:
    """PSNR against the SNR of the channel, a line per model, each trained for one SNR.

    A ring marks the SNR that a model was trained for.
    """
    with rc_context(STYLE):
        figure = Figure(figsize=(COLUMN, 2.8), layout="constrained")
        axes = figure.subplots()
        for i, (trained_db, rows) in enumerate(mismatch.groupby("trained_db")):
            draw_line(axes, rows, "snr_db", "psnr_db", f"trained at {trained_db:g} dB", _look(i))
            home = rows[rows.snr_db == trained_db]
            axes.plot(
                home.snr_db,
                home.psnr_db,
                linestyle="none",
                marker="o",
                markersize=11,
                markerfacecolor="none",
                color=_look(i)["color"],
            )
        axes.set_ylabel(f"{codec_name(mismatch.codec.iloc[0])}: PSNR (dB) ↑")
        axes.set_xlabel("SNR of the channel (dB)")
        axes.set_xticks(sorted(mismatch.snr_db.unique()))
        axes.legend(loc="lower right")
    return figure
