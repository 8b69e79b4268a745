"""Arguments that several commands share, and checks of them before any long work."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # PyTorch takes seconds, which --help need not spend
    from ..channel.fading import Channel
    from ..systems.system import System

PICTURES = (".png", ".jpg", ".jpeg", ".webp")
LOWEST_DB, HIGHEST_DB = -30, 60


class ChannelName(StrEnum):
    """AWGN, or one fading coefficient per image, that the receiver knows or does not know."""

    awgn = "awgn"
    rayleigh = "rayleigh"
    rician = "rician"
    rayleigh_unknown = "rayleigh-unknown"
    rician_unknown = "rician-unknown"


class Align(StrEnum):
    """Which square of a photograph is kept: docs/library.md."""

    auto = "auto"
    none = "none"
    box = "box"
    ffhq = "ffhq"
    rendered = "rendered"


@dataclass(frozen=True)
class Machine:
    """Options before the command: where it computes, with whose weights, how it inverts, and how
    it frames photographs (None: as the networks expect).
    """

    device: str
    weights: Path | None
    inversion: str | None = None
    align: str | None = None


MACHINE: ContextVar[Machine] = ContextVar("machine", default=Machine("cpu", None))


Face = Annotated[Path, typer.Argument(help="A face: PNG, JPEG or any other picture.")]
Sentence = Annotated[str, typer.Argument(help='What to edit, such as "add a wide smile".')]
SnrOption = Annotated[float, typer.Option("--snr", help="SNR of the channel, in dB.")]
SystemOption = Annotated[
    str,
    typer.Option("--system", help="editable_deepsc, CODEC+talk2edit or talk2edit+CODEC."),
]
DatasetOption = Annotated[str, typer.Option("--dataset", help="Whose trained networks.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Of every random draw.")]
DeviceOption = Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1 and so on.")]
WeightsOption = Annotated[
    Path | None,
    typer.Option("--weights", help="Folder of a run's trained files; the bundled ones without."),
]
ChannelOption = Annotated[
    ChannelName,
    typer.Option("--channel", help="Noise only, or fading that the receiver knows, or does not."),
]


def check_snr(snr_db: float) -> None:
    """``ValueError`` on an SNR that no link has."""
    if not math.isfinite(snr_db) or not LOWEST_DB <= snr_db <= HIGHEST_DB:
        raise ValueError(f"--snr: {snr_db:g} dB; give a number from {LOWEST_DB} to {HIGHEST_DB}")


def check_output(path: Path, suffixes: tuple[str, ...], *inputs: Path) -> None:
    """``ValueError`` where ``path`` cannot be written, has another suffix or is an input."""
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"--output: {path} must end in {' or '.join(suffixes)}")
    if not path.parent.is_dir():
        raise ValueError(f"--output: the folder {path.parent} does not exist; make it first")
    if any(path.resolve() == other.resolve() for other in inputs):
        raise ValueError(f"--output: {path} is the input itself; give another name")


@contextmanager
def notes() -> Iterator[None]:
    """Print warnings of the block as notes, on standard error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for warning in caught:
        typer.echo(f"note: {warning.message}", err=True)


def load(name: str, dataset: str, snr_db: float, seed: int) -> System:
    """The system that the arguments name, with its ``seed``; says when adapters are not exact."""
    from dataclasses import replace

    from ..zoo import load_system

    check_snr(snr_db)
    machine = MACHINE.get()
    with notes():
        system = load_system(
            name, dataset, snr_db, machine.device, machine.weights, machine.inversion
        )
    return replace(system, seed=seed)


def channel_of(name: ChannelName) -> Channel:
    """The channel of that name."""
    from ..channel.fading import Channel

    if name == ChannelName.awgn:
        return Channel()
    fading, _, unknown = name.value.partition("-")
    return Channel(fading, "absent" if unknown else "perfect")
