"""Figures of the codecs: the sweep with a line per codec, perception against distortion and rate,
task accuracy against SNR, mismatch.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from ..systems.names import parse_system
from .figures import _NEW_MARKERS, _STYLE, _finish_panel
from .tables import codec_name, system_name

_CODEC_COLOURS = (
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


def _look(i: int) -> dict:
    """Line properties of the i-th codec of a figure; dashed where the colours begin anew."""
    return {
        "linestyle": "-" if i < len(_CODEC_COLOURS) else "--",
        "color": _CODEC_COLOURS[i % len(_CODEC_COLOURS)],
        "marker": _NEW_MARKERS[i % len(_NEW_MARKERS)],
        "linewidth": 1.3,
        "markersize": 4.5,
    }


def _legend(figure: Figure, axes: Iterable[Axes], columns: int) -> int:
    """One legend for all axes, below them; returns how many entries it has."""
    lines = {
        line.get_label(): line
        for a in axes
        for line in a.get_lines()
        if not line.get_label().startswith("_")
    }
    figure.legend(
        list(lines.values()),
        list(lines),
        loc="lower center",
        ncols=columns,
        handlelength=2.6,
        columnspacing=2,
    )
    return len(lines)


def codecs_figure(metrics: pd.DataFrame, dataset: str) -> Figure:
    """Distortion against SNR on one data set, a line per codec: PSNR and LPIPS to the original
    (columns), edited at the transmitter and at the receiver (rows). A system without a codec
    (Editable-DeepSC) is dotted in both rows.

    ``metrics`` as for :func:`figure4`. ``ValueError`` if ``metrics`` lacks the data set or has no
    system with a codec.
    """
    metrics = metrics[metrics["dataset"] == dataset]
    names = {system: parse_system(system) for system in metrics["system"].unique()}
    codecs = sorted({name.codec for name in names.values() if name.codec})
    if not codecs:
        raise ValueError(f"no metrics of any codec on data set {dataset!r}")
    with rc_context(_STYLE):
        figure = Figure(figsize=(8.6, 6.4))
        grid = figure.subplots(2, 2, sharex=True, sharey="col")
        for row, place in zip(grid, ("transmitter", "receiver")):
            for axes, (column, title) in zip(
                row,
                (("psnr_db", "PSNR to the original (dB) ↑"), ("lpips", "LPIPS to the original ↓")),
            ):
                for system, name in names.items():
                    mean = metrics[metrics["system"] == system].groupby("snr_db")[column].mean()
                    if name.codec is None:
                        axes.plot(
                            mean.index,
                            mean,
                            label=system_name(system),
                            color="0.1",
                            linestyle=":",
                            linewidth=2.4,
                        )
                    elif name.edits_at == place:
                        axes.plot(
                            mean.index,
                            mean,
                            label=codec_name(name.codec),
                            **_look(codecs.index(name.codec)),
                        )
                _finish_panel(axes, column, f"{title}, edited at the {place}", metrics)
                if column == "lpips":  # an outage is ten times as far away as any picture
                    axes.set_yscale("log")
                    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
                    axes.yaxis.set_major_formatter("{x:g}")
                    axes.yaxis.set_minor_formatter(NullFormatter())
        for axes in grid[-1]:
            axes.set_xlabel("SNR (dB)")
        images, seeds = int(metrics["n_images"].max()), metrics["seed"].nunique()
        title = (
            f"{dataset}: {images} images per point, mean of {seeds} channel seed{'s' * (seeds > 1)}"
        )
        figure.text(0.5, 0.985, title, ha="center", va="top", fontsize=11, fontweight="bold")
        rows = -(-_legend(figure, grid.flat, 4) // 4)
        figure.subplots_adjust(
            left=0.07, right=0.985, top=0.91, bottom=0.09 + 0.032 * rows, wspace=0.16, hspace=0.2
        )
    return figure


def rate_figure(rates: pd.DataFrame, layered: str, dataset: str, n_images: int) -> Figure:
    """First row: LPIPS and FID against PSNR at one rate, the layered codec as a curve along which
    the bits move from its enhancement to its base layer.
    Second row: LPIPS, FID and PSNR against the rate, at the split of the config. Codecs and rates
    at which an image does not fit are left out.

    ``rates``: as :func:`~.studies.codec_claims` takes them; ``layered``: name of the codec in two
    layers.
    """
    fit = rates[rates.outage == 0]
    names = [layered, *sorted(set(rates.codec) - {layered})]
    at = fit[fit.codec == layered].groupby("bpp").base_share.nunique()
    bpps = list(at.index[at > 1])
    with rc_context(_STYLE):
        figure = Figure(figsize=(8.6, 6.2))
        grid = figure.subplots(2, 6)
        for a in grid.flat:
            a.remove()
        spec = grid[0, 0].get_gridspec()
        top = [figure.add_subplot(spec[0, :3]), figure.add_subplot(spec[0, 3:])]
        bottom = [figure.add_subplot(spec[1, 2 * i : 2 * i + 2]) for i in range(3)]
        for axes, (column, title) in zip(top, (("lpips", "LPIPS ↓"), ("fid", "FID ↓"))):
            for bpp, style in zip(bpps, ("-", "--", ":")):
                here = fit[fit.bpp == bpp]
                fill = {} if style == "-" else {"markerfacecolor": "white"}
                curve = here[here.codec == layered].sort_values("base_share")
                axes.plot(
                    curve.psnr_db,
                    curve[column],
                    label=codec_name(layered),
                    **(_look(0) | {"linestyle": style} | fill),
                )
                ends = (
                    curve.iloc[[0, -1]].sort_values(column) if bpp == bpps[0] else curve[:0]
                )  # every curve runs the same way; more labels would collide
                for (_, row), below in zip(ends.iterrows(), (True, False)):
                    place = (
                        {"xytext": (-4, -5), "va": "top", "ha": "right"}
                        if below
                        else {"xytext": (-4, 4), "va": "bottom", "ha": "right"}
                    )
                    axes.annotate(
                        f"{row.base_share:.0%}",
                        (row.psnr_db, row[column]),
                        textcoords="offset points",
                        fontsize=7,
                        color="0.35",
                        **place,
                    )
                for i, name in enumerate(names[1:], 1):
                    point = here[here.codec == name]
                    axes.plot(
                        point.psnr_db,
                        point[column],
                        label=codec_name(name),
                        **(_look(i) | {"linestyle": "none", "markersize": 6} | fill),
                    )
            axes.set_title(f"{title} against PSNR", loc="left", fontweight="bold")
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter("{x:g}")
            axes.tick_params(axis="y", which="minor", labelsize=6.5)
            axes.set_xlabel("PSNR (dB) →")
        for axes, (column, title) in zip(
            bottom, (("lpips", "LPIPS ↓"), ("fid", "FID ↓"), ("psnr_db", "PSNR (dB) ↑"))
        ):
            for i, name in enumerate(names):
                line = fit[(fit.codec == name) & fit.default].sort_values("bpp")
                axes.plot(line.bpp, line[column], label=codec_name(name), **_look(i))
            axes.set_title(title, loc="left", fontweight="bold")
            axes.set_xlabel("bits per pixel")
        figure.text(
            0.5,
            0.985,
            f"{dataset}: {n_images} faces, equal bits, nothing lost on the way",
            ha="center",
            va="top",
            fontsize=11,
            fontweight="bold",
        )
        shown = ", ".join(
            f"{bpp:g} ({look})"
            for bpp, look in zip(bpps, ("filled, solid", "open, dashed", "open, dotted"))
        )
        figure.text(
            0.5,
            0.95,
            f"above, at bits per pixel: {shown}; percentages: the base layer's share of the bits",
            ha="center",
            va="top",
            color="0.35",
        )
        _legend(figure, bottom, 6)
        figure.subplots_adjust(
            left=0.07, right=0.98, top=0.875, bottom=0.13, wspace=1.1, hspace=0.42
        )
    return figure


def importance_figure(tasks: pd.DataFrame, dataset: str) -> Figure:
    """Task accuracy against SNR, bands of 95 % over images, and PSNR beside it; a line per codec of
    ``tasks`` (see :func:`~.studies.with_intervals`).
    """
    with rc_context(_STYLE):
        figure = Figure(figsize=(8.6, 3.9))
        left, right = figure.subplots(1, 2)
        for i, (name, rows) in enumerate(tasks.groupby("codec", sort=False)):
            rows = rows.sort_values("snr_db")
            left.fill_between(
                rows.snr_db, rows.low, rows.high, color=_look(i)["color"], alpha=0.18, linewidth=0
            )
            for axes, column in ((left, "accuracy"), (right, "psnr_db")):
                axes.plot(rows.snr_db, rows[column], label=codec_name(name), **_look(i))
        left.set_title("Attribute degrees seen as they are ↑", loc="left", fontweight="bold")
        right.set_title("PSNR to the original (dB) ↑", loc="left", fontweight="bold")
        for axes in (left, right):
            axes.set_xlabel("SNR (dB)")
            axes.set_xticks(sorted(tasks.snr_db.unique()))
        dims = ", ".join(f"{d:g}" for d in sorted(tasks.real_dims.unique()))
        figure.text(
            0.5,
            0.98,
            f"{dataset}: {int(tasks.n_images.max())} faces, {dims} real dimensions each",
            ha="center",
            va="top",
            fontsize=11,
            fontweight="bold",
        )
        _legend(figure, [left], 3)
        figure.subplots_adjust(left=0.07, right=0.985, top=0.85, bottom=0.245, wspace=0.16)
    return figure


def mismatch_figure(mismatch: pd.DataFrame, dataset: str, n_images: int) -> Figure:
    """PSNR against SNR of models trained for one SNR each; the ring is where a model is at home."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(4.6, 3.6))
        axes = figure.subplots()
        for i, (trained_db, rows) in enumerate(mismatch.groupby("trained_db")):
            rows = rows.sort_values("snr_db")
            axes.plot(rows.snr_db, rows.psnr_db, label=f"trained at {trained_db:g} dB", **_look(i))
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
        axes.set_title(
            f"{codec_name(mismatch.codec.iloc[0])}: PSNR (dB) ↑, {dataset}, {n_images} faces",
            loc="left",
            fontweight="bold",
        )
        axes.set_xlabel("SNR of the channel (dB)")
        axes.set_xticks(sorted(mismatch.snr_db.unique()))
        axes.legend(loc="lower right")
        figure.subplots_adjust(left=0.11, right=0.98, top=0.92, bottom=0.13)
    return figure
