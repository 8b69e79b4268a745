"""Every system at its bandwidth: quality against CBR at a few SNRs, as a table and a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator, NullFormatter, NullLocator

from ...systems.names import parse_system
from ..measure.statistics import bootstrap_interval, paired_difference
from .names import system_name
from .style import PAGE, STYLE, draw_open, legend_below, open_sign

OURS, DIGITAL = "Editable-DeepSC", "digital chains"  # families of systems
AT_RECEIVER, _DASHED = "dashed, half a marker: edited at the receiver", (0, (3.5, 2))
REFERENCE = "editable_deepsc"  # with which the table compares
MEASURES = {
    "lpips_truth": "LPIPS to the true edit ↓",
    "lpips": "LPIPS to the original ↓",
    "edit_success": "Edit success ↑",
    "bits": "Bits about the original ↑",
}
_LOGARITHMIC = {"lpips_truth", "lpips"}  # an outage is far away from any picture
# Colours of Okabe and Ito (2008), as in the other figures: orange is ours, blue is DeepSC.
_LOOKS: dict[str, dict[str, Any]] = {
    OURS: {"color": "#D55E00", "marker": "*", "markersize": 8, "linewidth": 2.0, "zorder": 3},
    DIGITAL: {"color": "#009E73", "marker": "s", "markersize": 3.5},
}
_OTHERS = (("#0072B2", "o"), ("#56B4E9", "^"), ("#000000", "D"), ("#CC79A7", "v"), ("#E69F00", "p"))


def bandwidth_points(images: pd.DataFrame, bits: pd.DataFrame, cbr: pd.DataFrame) -> pd.DataFrame:
    """One row for each face, system and SNR: its mean over the draws of the channel.

    ``images``: rows of single images, columns ``system``, ``snr_db``, ``image``, ``outage`` and
    those of :data:`MEASURES`; ``bits``: columns ``system``, ``snr_db``, ``image``, ``bits``, or no
    rows; ``cbr``: columns ``system`` and ``cbr``. The result has all of these columns.
    """
    keys = ["system", "snr_db", "image"]
    columns = [c for c in (*MEASURES, "outage") if c in images]
    faces = images.groupby(keys)[columns].mean().reset_index()
    survived = bits[[*keys, "bits"]] if len(bits) else pd.DataFrame(columns=[*keys, "bits"])
    faces = faces.merge(survived.astype({"snr_db": float}), on=keys, how="left")
    return faces.assign(cbr=faces["system"].map(cbr.groupby("system")["cbr"].mean()))


def bandwidth_rows(points: pd.DataFrame) -> pd.DataFrame:
    """The table: a row for each SNR and system, by bandwidth; 95 % intervals are over faces.

    ``points`` as of :func:`bandwidth_points`. The last column is the paired difference of a face's
    LPIPS to the true edit from that of Editable-DeepSC: positive is worse.
    """
    rows = []
    for snr_db, at_snr in points.groupby("snr_db"):
        ours = at_snr[at_snr.system == REFERENCE].set_index("image").lpips_truth
        systems = at_snr.groupby("system").cbr.first().reset_index().sort_values(["cbr", "system"])
        for system, cbr in systems.itertuples(index=False):
            faces = at_snr[at_snr.system == system].set_index("image")
            rows.append(
                {
                    "SNR (dB)": f"{snr_db:g}",
                    "Method": system_name(system),
                    "CBR": f"{cbr:.4f}",
                    "LPIPS to the true edit": _printed(faces.lpips_truth, 3),
                    "LPIPS to the true edit, 95 %": _interval(faces.lpips_truth, 3),
                    "LPIPS to the original": _printed(faces.lpips, 3),
                    "Edit success": _printed(faces.edit_success, 3),
                    "Bits about the original": _printed(faces.bits, 1),
                    "Outage": f"{faces.outage.mean():.1%}",
                    "Difference from Editable-DeepSC": _difference(faces.lpips_truth - ours),
                }
            )
    return pd.DataFrame(rows)


def _printed(values: pd.Series, digits: int) -> str:
    return "–" if values.isna().all() else f"{values.mean():.{digits}f}"


def _interval(values: pd.Series, digits: int) -> str:
    if values.isna().all():
        return "–"
    low, high = bootstrap_interval(values.to_numpy())
    return f"{low:.{digits}f} to {high:.{digits}f}"


def _difference(values: pd.Series) -> str:
    """Mean of paired differences and its interval; nothing where they are all zero or unknown."""
    values = values.dropna()
    if values.empty or not values.any():
        return "–"
    found = paired_difference(values.to_numpy())
    return f"{found.mean:+.3f} ({found.low:+.3f} to {found.high:+.3f})".replace("-", "−")


def staircase(points: pd.DataFrame, column: str, last: float) -> pd.DataFrame:
    """The envelope of some systems: at every bandwidth the best that one of them reaches with no
    more of it, columns ``cbr`` and ``column``, from the least bandwidth on to ``last``.

    ``points``: one row per system, columns ``cbr`` and ``column``. Low is good of LPIPS, high of
    all others.
    """
    best = (
        points.groupby("cbr")[column].min()
        if column in _LOGARITHMIC
        else (points.groupby("cbr")[column].max())
    )
    best = (best.cummin() if column in _LOGARITHMIC else best.cummax()).reset_index()
    end = best.iloc[[-1]].assign(cbr=max(last, float(best.cbr.iloc[-1])))
    return pd.concat([best, end], ignore_index=True)


def bandwidth_figure(
    points: pd.DataFrame, families: Mapping[str, str], snrs: Sequence[float]
) -> Figure:
    """Quality against CBR, a row of panels for each measure, a column for each SNR.

    Systems of a family (``families``: system -> its family) that edit at the same place are joined
    by a line, dashed where the receiver edits; of the digital chains the line is the envelope of
    all, a staircase. Open markers: images were lost. ``ValueError`` where ``points`` lacks an SNR.
    """
    missing = [snr for snr in snrs if not (points.snr_db == snr).any()]
    if missing:
        raise ValueError(f"no points at {missing[0]:g} dB")
    means = points.drop(columns="image").groupby(["system", "snr_db"]).mean().reset_index()
    shown = [name for name in MEASURES if name in means and means[name].notna().any()]
    with rc_context(STYLE):
        figure = Figure(figsize=(PAGE, 1.2 + 1.7 * len(shown)), layout="constrained")
        grid = figure.subplots(len(shown), len(snrs), sharex=True, sharey="row", squeeze=False)
        for row, column in zip(grid, shown, strict=True):
            for axes, snr_db in zip(row, snrs, strict=True):
                _panel(axes, means[means.snr_db == snr_db], column, families)
            row[0].set_ylabel(MEASURES[column])
            if column in _LOGARITHMIC:
                row[0].set_yscale("log")
                row[0].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
                row[0].yaxis.set_major_formatter("{x:g}")
                row[0].yaxis.set_minor_formatter(NullFormatter())
            else:
                row[0].yaxis.set_major_locator(MaxNLocator(4))
        for axes, snr_db in zip(grid[0], snrs):
            axes.set_title(f"{snr_db:g} dB".replace("-", "−"))
        for axes in grid[-1]:
            _bandwidth_axis(axes, means.cbr)
        figure.align_ylabels()
        half = Line2D([], [], color="0.4", label=AT_RECEIVER, linestyle=_DASHED)
        half.set(marker="o", markersize=4.5, fillstyle="left", markerfacecoloralt="white")
        signs: list[Artist] = [half]
        signs += [open_sign("images were lost")] if means.outage.any() else []
        legend_below(figure, grid.flat, 2, *signs, handlelength=2.9, columnspacing=1.5)
    return figure


def _panel(axes: Axes, here: pd.DataFrame, column: str, families: Mapping[str, str]) -> None:
    """One measure at one SNR: ``here`` has a row for each system."""
    order = list(dict.fromkeys(families.values()))
    others = [name for name in order if name not in _LOOKS]
    for family in order:
        mine = here[here.system.map(families) == family].dropna(subset=[column])
        look = _LOOKS.get(family) or dict(
            zip(("color", "marker"), _OTHERS[others.index(family) % len(_OTHERS)])
        )
        look = {"linewidth": 1.1, "markersize": 4.5, "markeredgewidth": 0.5} | look
        if mine.cbr.nunique() == 1:  # a point that Editable-DeepSC's star would hide
            look = {"zorder": 4} | look
        places = mine.system.map(lambda system: parse_system(system).edits_at == "receiver")
        for at_receiver, part in mine.groupby(places.astype(bool)):
            part = part.sort_values("cbr")
            joined = family != DIGITAL
            label = f"_{family}" if at_receiver and not places.all() else family
            axes.plot(
                part.cbr,
                part[column],
                label=label,
                linestyle=(_DASHED if at_receiver else "-") if joined else "none",
                markerfacecolor=look["color"],
                markerfacecoloralt="white",
                markeredgecolor=look["color"] if at_receiver else "white",
                fillstyle="left" if at_receiver else "full",
                **look,
            )
            lost = part[part.outage > 0]
            draw_open(axes, lost.cbr, lost[column], look)
        if family == DIGITAL and len(mine):
            steps = staircase(mine, column, here.cbr.max())
            axes.plot(
                steps.cbr,
                steps[column],
                drawstyle="steps-post",
                color=look["color"],
                linewidth=1.1,
                label="best of the digital chains",
            )


def _bandwidth_axis(axes: Axes, cbr: pd.Series) -> None:
    """A logarithmic axis of CBR, ticks at powers of two of 1/96."""
    axes.set_xscale("log")
    ticks = [share for share in (1 / 96, 1 / 48, 1 / 24, 1 / 12) if share <= 1.05 * cbr.max()]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:.3f}")
    axes.set_xlim(cbr.min() / 1.2, cbr.max() * 1.2)
    axes.set_xlabel("CBR")


def bandwidth_paragraphs(table: pd.DataFrame) -> list[str]:
    """What the table says, a paragraph for each SNR: the best of ours and the best of the others,
    with no more bandwidth than Editable-DeepSC has, and with any.

    ``table`` of :func:`bandwidth_rows`. None where the true edits are unknown.
    """
    column, against = "LPIPS to the true edit", "Difference from Editable-DeepSC"
    known = table[table[column] != "–"].astype({column: float, "CBR": float})
    said = []
    for snr_db, rows in known.groupby("SNR (dB)", sort=False):
        ours = rows.Method.str.startswith(OURS)
        own = rows[rows.Method == OURS].iloc[0]
        text = (
            f"At {snr_db} dB Editable-DeepSC reaches an {column} of {own[column]:.3f} with a CBR "
            f"of {own.CBR:.4f}."
        )
        for where, allowed in (
            ("with no more bandwidth", rows.CBR <= own.CBR * 1.001),
            ("with any bandwidth", rows.CBR > 0),
        ):
            others = rows[allowed & ~ours]
            best = others.loc[others[column].idxmin()] if len(others) else None
            if best is not None and f"{best.Method} (CBR" not in text:
                text += (
                    f" The best other system {where} is {best.Method} (CBR {best.CBR:.4f}) with "
                    f"{best[column]:.3f}: a difference of {best[against]}, face by face."
                )
        wider = rows[ours & (rows.CBR > own.CBR * 1.001)]
        if len(wider):
            best = wider.loc[wider[column].idxmin()]
            text += f" {best.Method} (CBR {best.CBR:.4f}) reaches {best[column]:.3f}."
        said.append(text.replace(f"At {snr_db} ", f"At {snr_db} ".replace("-", "−")))
    return said
