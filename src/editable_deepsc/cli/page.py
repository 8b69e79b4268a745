"""``editable-deepsc app``: a page to try everything on, in a browser on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from . import options


def app(
    port: Annotated[int, typer.Option(min=1024, max=65535, help="Of 127.0.0.1.")] = 7860,
    dataset: options.DatasetOption = "faces",
) -> None:
    """Open a page: a face, wishes, a channel, and what five systems deliver.

    It needs the extra [app], serves this machine alone and asks nothing of any other.
    """
    from ..app.serve import check_installed, check_port, serve

    check_installed()
    check_port(port)
    from ..app.loaded import load

    machine = options.MACHINE.get()
    typer.echo("reading the networks ...", err=True)
    loaded = load(dataset, machine.device, machine.weights, machine.inversion or "encoder")
    serve(loaded, port)
