"""``editable-deepsc transmit`` and ``receive``: two processes, and one file of symbols on air."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options
from .options import ChannelName

SYMBOLS = (".safetensors",)


def transmit(
    image: options.Face,
    sentence: options.Sentence,
    snr: options.SnrOption = 6.0,
    system: options.SystemOption = "editable_deepsc",
    dataset: options.DatasetOption = "faces",
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The symbols, as they leave the transmitter.")
    ] = Path("symbols.safetensors"),
    seed: options.SeedOption = 0,
) -> None:
    """Edit and code a face: a file of symbols, which `receive` takes."""
    from ..data.storage import save_arrays

    options.check_output(output, SYMBOLS, image)
    loaded = options.load(system, dataset, snr, seed)
    with options.notes():
        symbols = loaded.transmit(image, sentence, options.MACHINE.get().align)
    # What both ends have agreed on before: none of it says anything about the face.
    save_arrays(output, {"symbols": symbols}, system=system, dataset=dataset, snr_db=snr)
    typer.echo(f"{output}: {symbols.shape[1]} real symbols of {system} for {snr:g} dB")


def receive(
    symbols: Annotated[Path, typer.Argument(help="A file that `transmit` wrote.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The edited face, as received.")
    ] = Path("edited.png"),
    sentence: Annotated[
        str | None, typer.Option(help="For CODEC+talk2edit, which edits at the receiver.")
    ] = None,
    received: Annotated[
        bool, typer.Option("--received", help="The symbols have been through a channel already.")
    ] = False,
    seed: options.SeedOption = 0,
    channel: options.ChannelOption = ChannelName.awgn,
) -> None:
    """Send symbols through a noisy channel, and decode the edited face."""
    options.check_output(output, options.PICTURES, symbols)
    wire, about = read_symbols(symbols)
    snr_db = about["snr_db"]
    loaded = options.load(about["system"], about["dataset"], snr_db, seed)
    noisy, seen_db = wire.to(options.MACHINE.get().device), snr_db
    if not received:
        noisy, seen_db = options.channel_of(channel)(noisy, snr_db, loaded.rng("channel"))
    decoded = loaded.receive(noisy, seen_db, sentence)
    decoded.pictures()[0].save(output)
    outage = ": an outage, nothing could be decoded" if bool(decoded.outage[0]) else ""
    typer.echo(f"{output}: received by {about['system']} at {snr_db:g} dB{outage}")


def read_symbols(path: Path):
    """Symbols [1, k] and what both ends agreed on; ``ValueError`` on any other file."""
    from ..data.storage import load_arrays

    if not path.is_file():
        raise ValueError(f"symbols: {path} does not exist; `editable-deepsc transmit` writes one")
    try:
        arrays, about = load_arrays(path)
        wire = arrays["symbols"]
        whole = wire.ndim == 2 and len(wire) == 1 and bool(wire.isfinite().all())
        known = isinstance(about["system"], str) and isinstance(about["dataset"], str)
        snr_db = float(about["snr_db"])
    except (KeyError, TypeError, ValueError):
        whole = known = False
    if not (whole and known):
        raise ValueError(f"symbols: {path} is no file of symbols that `transmit` wrote; send again")
    return wire.float(), about | {"snr_db": snr_db}
