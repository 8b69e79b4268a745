"""Figures of the paper: curves against SNR (figures 4, 6, 8) and image grids (figures 5, 7, 9, 10,
11).

Plain ``matplotlib.figure.Figure`` objects, no pyplot: nothing here has global state or needs a
display.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image
from torch import Tensor

from ..data.storage import whole
from .tables import PAPER_SYSTEMS, system_name, system_order

_STYLE = {
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

# Okabe and Ito (2008). Blue is DeepSC, green and purple JPEG; dashed is editing at the receiver.
# Ours is thick and below, dashes are on top: at outage 0 and 1 lines coincide, and a dashed one
# must not hide a solid one.
_LINES = {
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
_NEW_MARKERS = ("v", "p", "<", ">", "h", "d", "8")

_PANELS = (  # the paper's row, then ours
    (("lpips", "LPIPS to the original ↓"), ("fid", "FID ↓"), ("kid", "KID ↓")),
    (
        ("edit_success", "Edit success ↑"),
        ("lpips_truth", "LPIPS to the true edit ↓"),
        ("outage", "Outage ↓"),
    ),
)
_SHARES = {"edit_success", "outage"}


def _line_styles(systems: Sequence[str]) -> dict[str, dict]:
    """Line properties per system; a new system gets the next free colour and marker."""
    new = [s for s in systems if s not in PAPER_SYSTEMS]
    styles = {
        s: {
            "color": _NEW_COLOURS[i % len(_NEW_COLOURS)],
            "marker": _NEW_MARKERS[i % len(_NEW_MARKERS)],
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


def figure4(metrics: pd.DataFrame, dataset: str) -> Figure:
    """Quality against SNR on one data set, a line per system (Figures 4, 6, 8 of the paper).

    First row as in the paper: LPIPS, FID, KID against the original image. Second row, which the
    paper does not show: edit success, LPIPS to the true edit, outage. ``metrics``: one row per
    system, SNR and seed (see ``tables``). Lines are means over seeds, bands go from the worst to
    the best seed. ``ValueError`` if ``metrics`` lacks the data set.
    """
    metrics = metrics[metrics["dataset"] == dataset]
    if metrics.empty:
        raise ValueError(f"no metrics of data set {dataset!r}")
    systems = system_order(metrics["system"])
    styles = _line_styles(systems)
    seeds, images = metrics["seed"].nunique(), int(metrics["n_images"].max())

    with rc_context(_STYLE):
        figure = Figure(figsize=(8.6, 5.7))
        grid = figure.subplots(2, 3, sharex=True)
        for row, panels in zip(grid, _PANELS):
            for axes, (column, title) in zip(row, panels):
                for system in systems:
                    by_snr = metrics[metrics["system"] == system].groupby("snr_db")[column]
                    mean, low, high = by_snr.mean(), by_snr.min(), by_snr.max()
                    axes.plot(mean.index, mean, label=system_name(system), **styles[system])
                    axes.fill_between(
                        mean.index,
                        low,
                        high,
                        color=styles[system]["color"],
                        alpha=0.18,
                        linewidth=0,
                    )
                _finish_panel(axes, column, title, metrics)
        for axes in grid[-1]:
            axes.set_xlabel("SNR (dB)")
        title = f"{dataset}: {images} images per point"
        spread = (
            f"lines: mean of {seeds} seeds, bands: worst to best seed" if seeds > 1 else "one seed"
        )
        figure.text(0.5, 0.985, title, ha="center", va="top", fontsize=11, fontweight="bold")
        figure.text(
            0.5, 0.945, f"{spread}; arrows point to better", ha="center", va="top", color="0.35"
        )
        rows = -(-len(systems) // 3)
        figure.legend(
            *grid[0, 0].get_legend_handles_labels(),
            loc="lower center",
            ncols=3,
            handlelength=3.2,
            columnspacing=2.5,
        )
        figure.subplots_adjust(
            left=0.07, right=0.975, top=0.865, bottom=0.10 + 0.038 * rows, wspace=0.26, hspace=0.24
        )
    return figure


_STAGES = {"original": 0, "inverted": 1, "decoded": 1, "edited": 2, "received": 3}


def information_figure(bits: pd.DataFrame, dataset: str, snr_db: float) -> Figure:
    """What survives of the original, in bits: received images against SNR (left), and along every
    chain at ``snr_db`` (right).

    ``bits``: rows of information.csv. Bands are 95 % intervals over faces. ``ValueError`` if
    ``bits`` lacks the data set.
    """
    bits = bits[(bits["dataset"] == dataset) & (bits["method"] == "barber-agakov")]
    if bits.empty:
        raise ValueError(f"no information of data set {dataset!r}")
    systems = system_order(bits["system"])
    styles = _line_styles(systems)
    with rc_context(_STYLE):
        figure = Figure(figsize=(8.6, 3.9))
        against_snr, along = figure.subplots(1, 2, sharey=True)
        for system in systems:
            mine = bits[bits["system"] == system]
            received = mine[mine["stage"] == "received"].sort_values("snr_db")
            chain = mine[mine["snr_db"].isna() | (mine["snr_db"] == snr_db)]
            for axes, x, rows in (
                (against_snr, received["snr_db"], received),
                (along, chain["stage"].map(_STAGES), chain),
            ):
                axes.plot(x, rows["bits"], label=system_name(system), **styles[system])
                axes.fill_between(
                    x,
                    rows["low"],
                    rows["high"],
                    color=styles[system]["color"],
                    alpha=0.15,
                    linewidth=0,
                )
        against_snr.set_title("After the channel and the edit", loc="left", fontweight="bold")
        against_snr.set_xticks(sorted(bits["snr_db"].dropna().unique()))
        against_snr.set_xlabel("SNR (dB)")
        against_snr.set_ylabel("Bits about the original ↑")
        along.set_title(f"Along every chain, at {snr_db:g} dB", loc="left", fontweight="bold")
        along.set_xticks(range(4), ["original", "inverted,\nor sent", "edited", "received"])
        against_snr.set_ylim(bottom=min(0, float(bits["low"].min())) - 0.5)
        figure.text(
            0.5,
            0.985,
            f"{dataset}: information about the original that survives, a lower bound",
            ha="center",
            va="top",
            fontsize=11,
            fontweight="bold",
        )
        figure.legend(
            *against_snr.get_legend_handles_labels(),
            loc="lower center",
            ncols=3,
            handlelength=3.2,
            columnspacing=2.5,
        )
        figure.subplots_adjust(
            left=0.07,
            right=0.975,
            top=0.86,
            bottom=0.16 + 0.055 * -(-len(systems) // 3),
            wspace=0.08,
        )
    return figure


def _finish_panel(axes: Axes, column: str, title: str, metrics: pd.DataFrame) -> None:
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


# --- image grids
# -----------------------------------------------------------------------------------

# inches: 256 pixels of the PNG, so that images of 64, 128 and 256 pixels are enlarged by whole
# numbers
_CELL = 1.28
_GAP = 0.06
_CAPTION = 0.26  # under each row
_MARGIN = 0.12
_HEADER = 0.42
_LEAST_WIDTH = 4.6  # a long instruction fits under it


def image_grid_figure(
    originals: Tensor,
    truths: Tensor | None,
    outputs: dict[str, Tensor],
    instructions: Sequence[str],
    outages: dict[str, Tensor],
    title: str,
) -> Figure:
    """One row per image: original, true edit (if known), every output; the instruction under the
    row (Figure 5).

    Args:
        originals, truths: uint8 [R, 3, H, W].
        outputs: column name, printed as it is, to uint8 [R, 3, H, W].
        instructions: R sentences.
        outages: column name to bool [R], images whose digital link failed; columns that cannot fail
            may be absent.
        title: printed on top.

    ``ValueError`` if a column or the instructions do not have R rows.
    """
    columns = {"Original": originals} | ({} if truths is None else {"True edit": truths}) | outputs
    n_rows, n_columns = len(originals), len(columns)
    for name, rows in (columns | {"instructions": instructions} | outages).items():
        if len(rows) != n_rows:
            raise ValueError(f"{name} has {len(rows)} rows, the originals have {n_rows}")

    pitch = _CELL + _GAP + _CAPTION
    content = n_columns * _CELL + (n_columns - 1) * _GAP
    width = max(2 * _MARGIN + content, _LEAST_WIDTH)
    height = _MARGIN + _HEADER + 0.30 + n_rows * pitch
    with rc_context(_STYLE):
        figure = Figure(figsize=(width, height))
        figure.text(
            0.5, 1 - _MARGIN / height, title, ha="center", va="top", fontsize=11, fontweight="bold"
        )
        for r in range(n_rows):
            bottom = (n_rows - r) * pitch - _CELL
            for c, (name, images) in enumerate(columns.items()):
                left = (width - content) / 2 + c * (_CELL + _GAP)
                axes = figure.add_axes(
                    (left / width, bottom / height, _CELL / width, _CELL / height)
                )
                axes.set_axis_off()
                axes.imshow(
                    images[r].permute(1, 2, 0).cpu().numpy(), interpolation="none", aspect="auto"
                )
                if r == 0:
                    centre = (left + _CELL / 2) / width
                    figure.text(
                        centre,
                        (bottom + _CELL + 0.05) / height,
                        _wrapped(name),
                        ha="center",
                        va="bottom",
                    )
                if name in outages and bool(outages[name][r]):
                    _mark_outage(axes)
            caption = (bottom - 0.05) / height
            figure.text(
                0.5,
                caption,
                f"“{instructions[r]}”",
                ha="center",
                va="top",
                style="italic",
                color="0.2",
            )
    return figure


def _wrapped(name: str) -> str:
    """A long column name on two lines, broken behind the "+" nearest to its middle."""
    breaks = [i + 1 for i, c in enumerate(name) if c == "+"]
    if len(name) <= 16 or not breaks:
        return name
    middle = min(breaks, key=lambda i: abs(i - len(name) / 2))
    return f"{name[:middle]}\n{name[middle:]}"


def _mark_outage(axes: Axes) -> None:
    axes.text(
        0.5, 0.5, "outage", transform=axes.transAxes, ha="center", va="center", fontsize=10, fontweight="bold", color="white",
        bbox={"boxstyle": "round,pad=0.35", "facecolor": "#B00020", "edgecolor": "none", "alpha": 0.9},
    )  # fmt: skip


def save_figure(figure: Figure, stem: Path) -> None:
    """Write ``stem``.pdf and ``stem``.png (200 dots per inch); the same figure gives the same
    bytes.
    """
    stem = Path(stem)
    with rc_context(_STYLE):
        with whole(stem.with_name(stem.name + ".pdf")) as path:
            metadata = {
                "Creator": "editable-deepsc",
                "Producer": "matplotlib",
                "CreationDate": None,
            }
            figure.savefig(path, format="pdf", dpi=_DPI, metadata=metadata)
        with whole(stem.with_name(stem.name + ".png")) as path:
            figure.savefig(path, format="png", dpi=_DPI, metadata={"Software": "editable-deepsc"})


def sheet(images: Tensor, columns: int) -> Image.Image:
    """A contact sheet without margins: uint8 [N, 3, H, W], N a multiple of ``columns``, row by
    row.
    """
    n, _, height, width = images.shape
    if n % columns:
        raise ValueError(f"{n} images do not fill rows of {columns}")
    rows = images.unflatten(0, (-1, columns)).permute(0, 3, 1, 4, 2)
    return Image.fromarray(rows.reshape(n // columns * height, columns * width, 3).numpy())
