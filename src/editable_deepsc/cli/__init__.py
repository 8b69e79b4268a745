"""The command ``editable-deepsc``: the library's doors with the same arguments, one file each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..networks.allocator import collect_rarely, keep_freed_memory, leave_at_once
from .bench import bench
from .chat import chat
from .edit import edit
from .faces import faces
from .options import MACHINE, Align, Machine
from .page import app as page
from .systems import systems
from .wire import receive, transmit

app = typer.Typer(
    name="editable-deepsc",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def common(
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1 and so on.")] = "cpu",
    weights: Annotated[
        Path | None,
        typer.Option(help="Folder of a run's trained files; without it the bundled ones."),
    ] = None,
    inversion: Annotated[
        str | None,
        typer.Option(help="encoder, refined, paper or searched."),
    ] = None,
    align: Annotated[
        Align, typer.Option(help="How to frame a photograph; auto: as the networks expect it.")
    ] = Align.auto,
) -> None:
    """Editable-DeepSC: a face and a sentence go in, the edited face comes out at a receiver behind
    a noisy channel.
    """
    MACHINE.set(Machine(device, weights, inversion, None if align == Align.auto else align.value))


for command in (edit, chat, transmit, receive, faces, systems, bench, page):
    app.command()(command)


def main() -> None:
    """Run the command; bad input is one sentence on standard error and exit status 1."""
    collect_rarely()
    keep_freed_memory()
    try:
        app()
    except (ValueError, OSError) as error:
        print(f"editable-deepsc: {error}", file=sys.stderr)
        sys.exit(1)
    finally:
        leave_at_once()
