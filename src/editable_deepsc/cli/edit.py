"""``editable-deepsc edit``: one face, one sentence, one channel."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import options
from .options import ChannelName

if TYPE_CHECKING:
    from ..evaluation.publish.grids import Note
    from ..systems.system import Delivery


def edit(
    image: options.Face,
    sentence: options.Sentence,
    snr: options.SnrOption = 6.0,
    system: options.SystemOption = "editable_deepsc",
    dataset: options.DatasetOption = "faces",
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The edited face, as received.")
    ] = Path("edited.png"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print everything about the delivery as JSON.")
    ] = False,
    seed: options.SeedOption = 0,
    channel: options.ChannelOption = ChannelName.awgn,
) -> None:
    """Edit a face by a sentence and send it through a noisy channel.

    Beside OUTPUT it writes OUTPUT-sheet.png: original, true edit (of a face that `faces` drew),
    inversion, received. A warning says so where the picture is unlike what the networks know.
    """
    options.check_output(output, options.PICTURES, image)
    sheet = output.with_name(f"{output.stem}-sheet.png")
    loaded = options.load(system, dataset, snr, seed)
    with options.notes():
        delivery = loaded.deliver(
            image, sentence, options.channel_of(channel), align=options.MACHINE.get().align
        )
    delivery.pictures()[0].save(output)
    save_sheet(image, delivery, sheet)
    report = delivery.report()[0]
    report |= {"image": str(image), "output": str(output), "sheet": str(sheet)}
    typer.echo(json.dumps(report, indent=1) if as_json else summary(report))
    if report["unlike"] and report["unlike"]["outside"]:
        typer.echo(f"warning: {report['unlike']['why']}", err=True)


def meant(change: dict) -> str:
    """How a wish was understood."""
    up_or_down = "up" if change["direction"] > 0 else "down"
    return f"{change['attribute']} {up_or_down} by {change['degree']}"


def told(change: dict) -> str:
    """What became of a wish, in a line."""
    return (
        f"understood: {meant(change)}; degree (0 to 5): {change['degree_before']} before, "
        f"{change['degree_expected']} expected, {change['degree_reached']} received"
    )


def framed(framing: dict) -> list[str]:
    """How a photograph was cut, in at most one line."""
    if "square" not in framing:
        return []
    (left, top), _, _, (right, level) = framing["square"]
    side, turn = math.hypot(right - left, level - top), math.atan2(level - top, right - left)
    return [
        f"framed: a square of {side:.0f} pixels about the face, turned by {math.degrees(turn):.0f}°"
        f" ({framing['align']})"
    ]


def summary(report: dict) -> str:
    """A report in words."""
    adapters = report["adapters_snr_db"]
    lines = [
        *framed(report["framing"]),
        *map(told, report["changes"]),
        f"channel: {report['snr_db']:g} dB, {report['channel_uses']} channel uses, "
        f"CBR {report['cbr']:.4f}"
        + ("" if adapters is None else f", adapters of {adapters:g} dB")
        + (", OUTAGE: nothing could be decoded" if report["outage"] else ""),
        "seconds: " + ", ".join(f"{name} {s:.2f}" for name, s in report["seconds"].items()),
        f"written: {report['output']}, {report['sheet']}",
    ]
    return "\n".join(lines)


def _marks(delivery: Delivery) -> dict[str, list[Note]] | None:
    """A note under the inversion of a picture that is unlike what the networks know."""
    from ..evaluation.publish.grids import Note

    if delivery.unlike is None or not bool(delivery.unlike.outside.any()):
        return None
    outside = delivery.unlike.outside.tolist()
    text = "unlike what the\nnetworks know"
    return {"Inversion": [Note(text if out else "", not out) for out in outside]}


def save_sheet(image: Path, delivery: Delivery, path: Path) -> None:
    """Original, inversion, received side by side, and the true edit where the face was rendered."""
    from ..data.draw import drawn_face
    from ..data.pixels import to_uint8
    from ..evaluation.publish.grids import image_grid
    from ..evaluation.publish.names import system_name

    drawn, wishes = drawn_face(image), [change.wish for change in delivery.changes[0]]
    truth = None
    as_drawn = delivery.framings[0].square is None
    if drawn is not None and as_drawn and drawn.resolution == delivery.images.shape[-1]:
        truth = to_uint8(drawn.truth(wishes))
    received = f"Received, {delivery.snr_db:g} dB"
    figure = image_grid(
        to_uint8(delivery.originals).cpu(),
        truth,
        {
            "Inversion": to_uint8(delivery.inversions).cpu(),
            received: to_uint8(delivery.images).cpu(),
        },
        delivery.sentences,
        {received: delivery.outage},
        _marks(delivery),
        title=system_name(delivery.system),
    )
    figure.savefig(path, dpi="figure")
