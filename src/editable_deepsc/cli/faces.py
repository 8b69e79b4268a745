"""``editable-deepsc faces``: rendered faces to try things on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .options import SeedOption

MOST = 1000


class Style(StrEnum):
    """Of the renderer."""

    photo = "photo"
    painting = "painting"


def faces(
    number: Annotated[int, typer.Option("--number", "-n", min=1, max=MOST)] = 4,
    seed: SeedOption = 0,
    resolution: Annotated[int, typer.Option(min=32, max=1024, help="Pixels of a side.")] = 64,
    style: Annotated[Style, typer.Option()] = Style.photo,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder, made where it does not exist.")
    ] = Path("."),
) -> None:
    """Draw faces as PNG files, for which `edit` knows the true edit."""
    from ..data.attributes import ATTRIBUTES
    from ..data.draw import Drawn, save_face

    output.mkdir(parents=True, exist_ok=True)
    for index in range(number):
        drawn = Drawn(seed, index, style.value, resolution)
        path = output / f"face-{seed}-{index}.png"
        save_face(drawn, path)
        degrees = drawn.face().degrees[0].tolist()
        typer.echo(f"{path}: " + ", ".join(f"{a} {d:.1f}" for a, d in zip(ATTRIBUTES, degrees)))
