"""One end of the wire, as a process of its own: ``python endpoint.py transmit|receive FOLDER``.

FOLDER has a folder for each system; all that this end may know of the transmission lies in it:

    transmit:  input.safetensors (images, and sentences as a note), weights/  ->  symbols.safetensors
    receive:   received.safetensors (symbols, and the SNR as a note), weights/, where needed sentences.json  ->  output.safetensors
"""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path

from editable_deepsc.codecs.base import find_codec
from editable_deepsc.codecs.learned import LearnedCodec
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays
from editable_deepsc.editing.editor import Editor, EditSettings
from editable_deepsc.evaluation.distances import embedded_lpips
from editable_deepsc.networks.perceptual import lpips_to
from editable_deepsc.networks.weights import load_bundled, load_network
from editable_deepsc.systems.editable_deepsc import EditableReceiver, EditableTransmitter
from editable_deepsc.systems.names import parse_system
from editable_deepsc.systems.separate import CodecReceiver, CodecTransmitter

RESOLUTION = 64
SNR_DB = 18.0
SETTINGS = EditSettings(iterations=2, max_steps=1)


def _network(folder: Path, name: str):
    return load_network(folder / "weights" / f"{name}.safetensors")


def _editor(folder: Path, fields: str) -> Editor:
    distance = functools.partial(lpips_to, embedded_lpips(load_bundled("perceptual")))
    return Editor(
        load_bundled("generator"),
        load_bundled("predictor"),
        _network(folder, fields),
        load_bundled("text_encoder"),
        distance,
        SETTINGS,
    )


def _codec(folder: Path, name: str):
    return (
        LearnedCodec(_network(folder, "deepsc"))
        if name == "deepsc"
        else find_codec(name)(RESOLUTION)
    )


def transmitter(folder: Path):
    system = parse_system(folder.name)
    if system.codec is None:
        return EditableTransmitter(_editor(folder, "jecc"), _network(folder, "adapters"))
    return CodecTransmitter(
        _codec(folder, system.codec),
        _editor(folder, "talk2edit") if system.edits_at == "transmitter" else None,
    )


def receiver(folder: Path):
    system = parse_system(folder.name)
    if system.codec is None:
        return EditableReceiver(load_bundled("generator"), _network(folder, "adapters"))
    return CodecReceiver(
        _codec(folder, system.codec),
        _editor(folder, "talk2edit") if system.edits_at == "receiver" else None,
    )


def rng(role: str, folder: Path):
    return seeded("two processes", role, folder.name)


def transmit(folder: Path) -> None:
    arrays, notes = load_arrays(folder / "input.safetensors")
    end = transmitter(folder)
    prepared = end.prepare(arrays["images"], notes["sentences"], rng("transmit", folder))
    save_arrays(folder / "symbols.safetensors", {"symbols": end.send(prepared, SNR_DB)})


def receive(folder: Path) -> None:
    arrays, notes = load_arrays(folder / "received.safetensors")
    end = receiver(folder)
    sentences = json.loads((folder / "sentences.json").read_text()) if end.needs_sentences else None
    decoded = end.receive(arrays["symbols"], notes["snr_db"], sentences, rng("receive", folder))
    save_arrays(folder / "output.safetensors", {"images": decoded.images, "outage": decoded.outage})


if __name__ == "__main__":
    for system_folder in sorted(Path(sys.argv[2]).iterdir()):
        {"transmit": transmit, "receive": receive}[sys.argv[1]](system_folder)
