"""Pictures: grids with captions, and contact sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from .style import STYLE

# Inches. Seven columns are as wide as a page; a cell is 256 pixels of the PNG, so that images of
# 64, 128 and 256 pixels are enlarged by whole numbers.
_CELL = 0.96
_DPI = 256 / _CELL
_GAP = 0.06
_NOTE = 0.24  # two lines under each picture
_NOTE_SIZE = 6.5  # points
_CAPTION = 0.24  # under each row
_MARGIN = 0.03
_TITLE, _HEADER = 0.18, 0.33
_LEAST_WIDTH = 3.7  # a long instruction fits under it
_FAILED = "#B00020"


class Note(NamedTuple):
    """What is printed under a picture: two short lines, red where the edit is no success."""

    text: str
    success: bool = True


def judgements(images: pd.DataFrame) -> list[Note]:
    """What the recogniser and the judge of degrees say of pictures, a note for each row.

    ``images``: rows of images.csv. ``identity`` is similarity to the original by the recogniser
    that judges, 1 at most. The judge of degrees says whether the degree that was asked for is
    there, ``edit_exact``, or at least one next to it, ``edit_within_one``. Nothing is said of an
    outage.
    """
    notes = []
    for row in images.itertuples():
        degree = "degree missed"
        if row.edit_exact:
            degree = "degree as asked"
        elif row.edit_within_one:
            degree = "one degree off"
        text = "" if row.outage else f"similarity {row.identity:.2f}\n{degree}"
        notes.append(Note(text, row.edit_success != 0))  # NaN: nothing was asked
    return notes


def image_grid(
    originals: Tensor,
    truths: Tensor | None,
    outputs: Mapping[str, Tensor],
    instructions: Sequence[str],
    outages: Mapping[str, Tensor],
    notes: Mapping[str, Sequence[Note]] | None = None,
    title: str = "",
) -> Figure:
    """One row per image: original, true edit (if known), every output; below it the instruction.

    Args:
        originals: uint8 [R, 3, H, W], the column "Original".
        truths: uint8 [R, 3, H, W], the column "True edit"; None where nobody knows it.
        outputs: column name, printed as it is, to uint8 [R, 3, H, W].
        instructions: R sentences.
        outages: column name to bool [R], images whose digital link failed; columns that cannot fail
            may be absent.
        notes: column name to R notes, which are printed under its pictures.
        title: printed on top; none in a figure that gets a caption.

    ``ValueError`` if a column, its outages or notes, or the instructions do not have R rows.
    """
    columns = {"Original": originals} | ({} if truths is None else {"True edit": truths})
    columns |= outputs
    notes = notes or {}
    n_rows, n_columns = len(originals), len(columns)
    for found in (columns, {"instructions": instructions}, outages, notes):
        for name, rows in found.items():
            if len(rows) != n_rows:
                raise ValueError(f"{name} has {len(rows)} rows, the originals have {n_rows}")

    below = (_NOTE if notes else 0) + _CAPTION
    pitch = _CELL + _GAP + below
    content = n_columns * _CELL + (n_columns - 1) * _GAP
    width = max(2 * _MARGIN + content, _LEAST_WIDTH)
    height = n_rows * pitch + _HEADER + (_TITLE if title else 0)
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=_DPI)

        def write(x: float, y: float, text: str, va: str = "top", **look) -> None:
            """Centred text at (x, y) inches from the lower left corner."""
            figure.text(x / width, y / height, text, ha="center", va=va, **look)

        write(width / 2, height - _MARGIN, title, fontweight="bold")
        for r in range(n_rows):
            bottom = (n_rows - r) * pitch - _CELL
            for c, (name, images) in enumerate(columns.items()):
                left = (width - content) / 2 + c * (_CELL + _GAP)
                middle = left + _CELL / 2
                axes = figure.add_axes(
                    (left / width, bottom / height, _CELL / width, _CELL / height)
                )
                axes.set_axis_off()
                axes.imshow(
                    images[r].permute(1, 2, 0).cpu().numpy(), interpolation="none", aspect="auto"
                )
                if r == 0:
                    write(middle, bottom + _CELL + 0.03, _wrapped(name), va="bottom")
                if name in outages and bool(outages[name][r]):
                    mark_outage(axes)
                if name in notes:
                    note = notes[name][r]
                    colour = "0.2" if note.success else _FAILED
                    write(middle, bottom - 0.03, note.text, fontsize=_NOTE_SIZE, color=colour)
            caption = bottom - below + _CAPTION - 0.04
            write(width / 2, caption, f"“{instructions[r]}”", style="italic", color="0.2")
    return figure


def show_picture(axes: Axes, image: Tensor) -> None:
    """A picture uint8 [3, H, W] in axes without ticks and frame, which keep their labels."""
    axes.imshow(image.permute(1, 2, 0).cpu().numpy(), interpolation="none")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)


def _wrapped(name: str) -> str:
    """A long column name on two lines, broken behind the "+" nearest to its middle."""
    breaks = [i + 1 for i, c in enumerate(name) if c == "+"]
    if len(name) <= 13 or not breaks:
        return name
    middle = min(breaks, key=lambda i: abs(i - len(name) / 2))
    return f"{name[:middle]}\n{name[middle:]}"


def mark_outage(axes: Axes) -> None:
    """Print over a picture that nothing could be decoded."""
    axes.text(
        0.5,
        0.5,
        "outage",
        transform=axes.transAxes,
        ha="center",
        va="center",
        fontsize=8,
        fontweight="bold",
        color="white",
        bbox={
            "boxstyle": "round,pad=0.35",
            "facecolor": "#B00020",
            "edgecolor": "none",
            "alpha": 0.9,
        },
    )


def sheet(images: Tensor, columns: int) -> Image.Image:
    """A contact sheet without margins, row by row.

    ``images``: uint8 [N, 3, H, W]. ``ValueError`` where N is no multiple of ``columns``.
    """
    n, _, height, width = images.shape
    if n % columns:
        raise ValueError(f"{n} images do not fill rows of {columns}")
    rows = images.unflatten(0, (-1, columns)).permute(0, 3, 1, 4, 2)
    return Image.fromarray(rows.reshape(n // columns * height, columns * width, 3).numpy())
