"""Pictures: grids with captions, and contact sheets."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from .style import STYLE

# inches: 256 pixels of the PNG, so that images of 64, 128 and 256 pixels are enlarged by whole
# numbers
_CELL = 1.28
_GAP = 0.06
_CAPTION = 0.26  # under each row
_MARGIN = 0.12
_HEADER = 0.42
_LEAST_WIDTH = 4.6  # a long instruction fits under it


def image_grid(
    originals: Tensor,
    truths: Tensor | None,
    outputs: dict[str, Tensor],
    instructions: Sequence[str],
    outages: dict[str, Tensor],
    title: str,
) -> Figure:
    """One row per image: original, true edit (if known), every output; below it the instruction.

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
    with rc_context(STYLE):
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
        0.5,
        0.5,
        "outage",
        transform=axes.transAxes,
        ha="center",
        va="center",
        fontsize=10,
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
