"""A system is two ends and a wire: each end runs in a process of its own, in a folder that holds
only what it may know.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import editable_deepsc
from editable_deepsc.channel.noise import awgn
from editable_deepsc.channel.power import mean_power
from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays
from editable_deepsc.networks.jecc import ChannelAdapters, SemanticFields
from editable_deepsc.networks.jscc import DeepSC
from editable_deepsc.networks.weights import save_network

SCRIPT = Path(__file__).with_name("endpoint.py")
END = SimpleNamespace(**runpy.run_path(str(SCRIPT)))  # the same code, for the run in one process
SENTENCES = ["please make the bangs a lot longer", "make him look slightly younger"]
# Symbols of one image of 64 x 64, and the trained weights that each end needs besides the bundled
# networks.
SYSTEMS = {
    "editable_deepsc": (128, ["jecc", "adapters"], ["adapters"]),
    "talk2edit+deepsc": (1024, ["talk2edit", "deepsc"], ["deepsc"]),
    "deepsc+talk2edit": (1024, ["deepsc"], ["deepsc", "talk2edit"]),
    "talk2edit+jpeg_ldpc": (2 * 478, ["talk2edit"], []),
    "jpeg_ldpc+talk2edit": (2 * 478, [], ["talk2edit"]),
}


def write_weights(folder: Path, names: list[str]) -> None:
    """Networks as training leaves them: not fresh, so that an end that skips one is found out."""
    for seed, name in enumerate(("jecc", "talk2edit", "adapters", "deepsc")):
        torch.manual_seed(seed)
        kind, config = {
            "jecc": (SemanticFields, {}),
            "talk2edit": (SemanticFields, {}),
            "adapters": (ChannelAdapters, {}),
            "deepsc": (DeepSC, {"resolution": END.RESOLUTION, "width": 16}),
        }[name]
        network = kind(**config)
        if name == "adapters":
            for adapter in (network.encoder, network.decoder):
                torch.nn.init.normal_(adapter.second.weight, std=0.05)
        if name in names:
            save_network(network, folder / "weights" / f"{name}.safetensors")


def run(role: str, folder: Path) -> None:
    """``python endpoint.py role folder`` somewhere else, with as many threads as here, so that sums
    round alike.
    """
    source = Path(editable_deepsc.__file__).parents[1]
    environment = os.environ | {
        "PYTHONPATH": str(source),
        "OMP_NUM_THREADS": str(torch.get_num_threads()),
    }
    done = subprocess.run(
        [sys.executable, str(SCRIPT), role, "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def wire(name: str, symbols: torch.Tensor) -> torch.Tensor:
    return awgn(symbols, END.SNR_DB, seeded("two processes", "wire", name))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Every system, transmitted in one process and received in another."""
    sender, receiver = tmp_path_factory.mktemp("sender"), tmp_path_factory.mktemp("receiver")
    images = render(sample_faces(2, seeded("two processes")), END.RESOLUTION)
    for name, (_, weights, _) in SYSTEMS.items():
        save_arrays(sender / name / "input.safetensors", {"images": images}, sentences=SENTENCES)
        write_weights(sender / name, weights)
    run("transmit", sender)
    for name, (_, _, weights) in SYSTEMS.items():
        symbols = load_arrays(sender / name / "symbols.safetensors")[0]["symbols"]
        save_arrays(
            receiver / name / "received.safetensors",
            {"symbols": wire(name, symbols)},
            snr_db=END.SNR_DB,
        )
        write_weights(receiver / name, weights)
        if name.endswith("+talk2edit"):
            (receiver / name / "sentences.json").write_text(json.dumps(SENTENCES))
    for name in SYSTEMS:  # the transmitter's folder is gone before the receiver starts
        (sender / name / "input.safetensors").unlink()
    run("receive", receiver)
    return SimpleNamespace(sender=sender, receiver=receiver, images=images)


@pytest.mark.parametrize("name", SYSTEMS)
def test_transmitted_rows_have_power_1_and_the_length_of_the_system(world, name):
    symbols = load_arrays(world.sender / name / "symbols.safetensors")[0]["symbols"]
    assert symbols.shape == (2, SYSTEMS[name][0])
    torch.testing.assert_close(mean_power(symbols), torch.ones(2), atol=1e-3, rtol=0)
    assert not torch.allclose(symbols[0], symbols[1], atol=0.1)


@pytest.mark.parametrize("name", SYSTEMS)
def test_two_processes_deliver_what_one_process_delivers(world, name):
    transmitter, receiver = (
        END.transmitter(world.sender / name),
        END.receiver(world.receiver / name),
    )
    prepared = transmitter.prepare(
        world.images, SENTENCES, END.rng("transmit", world.sender / name)
    )
    received = wire(name, transmitter.send(prepared, END.SNR_DB))
    if receiver.needs_sentences:
        rng = END.rng("receive", world.receiver / name)
        expected = receiver.receive(received, END.SNR_DB, SENTENCES, rng)
    else:
        expected = receiver.receive(received, END.SNR_DB)

    found = load_arrays(world.receiver / name / "output.safetensors")[0]
    assert found["images"].shape == world.images.shape and found["images"].abs().max() <= 1
    torch.testing.assert_close(found["images"], expected.images, atol=1e-3, rtol=0)
    assert not found["outage"].any() and not expected.outage.any()
    # Untrained codecs deliver two greys that are nearly the same, and an inversion starts both from
    # the same face.
    assert not torch.allclose(found["images"][0], found["images"][1], atol=1e-3)


@pytest.mark.parametrize("name", SYSTEMS)
def test_only_a_receiver_that_edits_needs_the_sentences(world, name):
    receiver = END.receiver(world.receiver / name)
    assert receiver.needs_sentences == name.endswith("+talk2edit")
    received = load_arrays(world.receiver / name / "received.safetensors")[0]["symbols"]
    if receiver.needs_sentences:
        with pytest.raises(TypeError, match="sentences"):
            receiver.receive(received, END.SNR_DB)
