"""One end of the wire, as a process of its own: ``python endpoint.py transmit|receive FOLDER``.

FOLDER has a folder for each system; all that this end may know of the transmission lies in it:

    transmit:  input.safetensors (images, and sentences as a note), weights/
               ->  symbols.safetensors
    receive:   received.safetensors (symbols, and the SNR as a note), weights/, where needed
               sentences.json  ->  output.safetensors
"""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path

from editable_deepsc.codecs.build import build_codec
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays
from editable_deepsc.editing.editor import EditSettings
from editable_deepsc.editing.inversion import InversionRecipe
from editable_deepsc.editing.matching import MatchingRecipe
from editable_deepsc.networks.perceptual import lpips_to
from editable_deepsc.networks.weights import load_bundled, load_network
from editable_deepsc.systems.build import SystemNetworks, build_receiver, build_transmitter
from editable_deepsc.systems.names import parse_system

RESOLUTION = 64
SNR_DB = 18.0
SETTINGS = EditSettings(
    InversionRecipe(
        iterations=2,
        rate=0.25,
        perceptual_weight=0.1,
        start="searched",
        starts=3,
        trial=10,
        noise=0.5,
    ),
    MatchingRecipe(max_steps=1, step_size=0.5),
)


def _parts(folder: Path) -> dict:
    """What the factory takes beside the name, of the weights that this end has."""
    weights = {path.stem: load_network(path) for path in (folder / "weights").glob("*")}
    fields = weights.get("jecc", weights.get("talk2edit"))
    networks = SystemNetworks(
        generator=load_bundled("generator"),
        predictor=load_bundled("predictor"),
        fields=fields,
        text_encoder=load_bundled("text_encoder"),
        perceptual=functools.partial(lpips_to, load_bundled("perceptual")),
        adapters={SNR_DB: weights["adapters"]} if "adapters" in weights else {},
    )
    name = parse_system(folder.name).codec
    codec = None if name is None else build_codec(name, RESOLUTION, {}, weights.get("deepsc"))
    return {"networks": networks, "codec": codec, "settings": SETTINGS}


def transmitter(folder: Path):
    return build_transmitter(folder.name, **_parts(folder))


def receiver(folder: Path):
    return build_receiver(folder.name, **_parts(folder))


def rng(role: str, folder: Path):
    return seeded("two processes", role, folder.name)


def transmit(folder: Path) -> None:
    arrays, notes = load_arrays(folder / "input.safetensors")
    end = transmitter(folder)
    prepared = end.prepare(arrays["images"], notes["sentences"], rng("transmit", folder))
    save_arrays(folder / "symbols.safetensors", {"symbols": end.send(prepared, SNR_DB)})


def receive(folder: Path) -> None:
    arrays, notes = load_arrays(folder / "received.safetensors")
    end, symbols, snr_db = receiver(folder), arrays["symbols"], notes["snr_db"]
    if end.needs_sentences:
        sentences = json.loads((folder / "sentences.json").read_text())
        decoded = end.receive(symbols, snr_db, sentences, rng("receive", folder))
    else:
        decoded = end.receive(symbols, snr_db)
    arrays = {"images": decoded.images, "outage": decoded.outage}
    save_arrays(folder / "output.safetensors", arrays)


if __name__ == "__main__":
    for system_folder in sorted(Path(sys.argv[2]).iterdir()):
        {"transmit": transmit, "receive": receive}[sys.argv[1]](system_folder)
