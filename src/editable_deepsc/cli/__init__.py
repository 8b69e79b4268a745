"""The command ``editable-deepsc``: the library's doors with the same arguments, one file each."""

from __future__ import annotations

import sys

import typer

from .bench import bench
from .edit import edit
from .faces import faces
from .systems import systems
from .wire import receive, transmit

app = typer.Typer(
    name="editable-deepsc",
    help="Editable-DeepSC: a face and a sentence go in, the edited face comes out at a receiver "
    "behind a noisy channel.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (edit, transmit, receive, faces, systems, bench):
    app.command()(command)


def main() -> None:
    """Run the command; bad input is one sentence on standard error and exit status 1."""
    try:
        app()
    except (ValueError, OSError) as error:
        print(f"editable-deepsc: {error}", file=sys.stderr)
        sys.exit(1)
