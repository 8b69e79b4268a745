"""``editable-deepsc chat``: a dialogue about one face, a line for each turn."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from . import options
from .edit import meant
from .options import ChannelName


def chat(
    image: options.Face,
    snr: options.SnrOption = 6.0,
    system: options.SystemOption = "editable_deepsc",
    dataset: options.DatasetOption = "faces",
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder, made where it does not exist.")
    ] = Path("chat"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each turn as a line of JSON.")
    ] = False,
    seed: options.SeedOption = 0,
    channel: options.ChannelOption = ChannelName.awgn,
) -> None:
    """Edit a face turn by turn: each line of standard input edits what the line before left.

    Beside wishes: "a bit more", "less than that", "undo", "back to the original", "that's it".
    OUTPUT gets turn-1.png, turn-2.png and so on, as received. A line that is not understood is
    answered and changes nothing; where the lines come from a file or a pipe, the exit status is
    then 1.
    """
    if output.exists() and not output.is_dir():
        raise ValueError(f"--output: {output} is a file; give a folder")
    loaded = options.load(system, dataset, snr, seed)
    with options.notes():
        dialogue = loaded.dialogue(
            image, options.channel_of(channel), align=options.MACHINE.get().align
        )
    if dialogue.unlike is not None and (why := dialogue.unlike.why(0)):
        typer.echo(f"warning: {why}", err=True)
    output.mkdir(parents=True, exist_ok=True)
    person = sys.stdin.isatty()
    number = refused = 0
    if person:
        typer.echo('Say what to edit, such as "add a wide smile"; "that\'s it" ends.')
    while line := _line(person):
        if not line.strip():
            continue
        try:
            turn = dialogue.say(line.strip())
        except ValueError as error:
            typer.echo(f"not understood: {error}", err=True)
            refused += 1
            continue
        number += 1
        path = output / f"turn-{number}.png"
        turn.pictures()[0].save(path)
        report = turn.report()[0] | {"turn": number, "output": str(path)}
        typer.echo(json.dumps(report) if as_json else summary(report))
        if report["kind"] == "end":
            break
    if refused and not person:
        raise typer.Exit(1)


def _line(person: bool) -> str:
    """The next line; empty where there is none."""
    if person:
        typer.echo("> ", nl=False)
    return sys.stdin.readline()


def summary(report: dict) -> str:
    """A turn in words."""
    outage = ", OUTAGE: nothing could be decoded" if report["outage"] else ""
    sent = (
        f"sent in {report['channel_uses']} channel uses" if report["channel_uses"] else "not sent"
    )
    understood = ", then ".join(map(meant, report["changes"])) or report["kind"]
    lines = [
        f"turn {report['turn']}: {report['sentence']}",
        f"  understood: {understood}",
        f"  {report['reply']}",
        f"  {sent}{outage}; written: {report['output']}",
    ]
    return "\n".join(lines)
