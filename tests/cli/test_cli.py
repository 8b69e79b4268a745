"""The command line in its own process: what it writes, what it says, what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from editable_deepsc import DATASETS
from editable_deepsc.cli import main
from editable_deepsc.data.storage import load_arrays, save_arrays


@pytest.fixture(scope="module")
def run(warm_python) -> Callable[..., subprocess.CompletedProcess]:
    """A function that runs the command in a folder."""

    def command(folder: Path, *arguments: str, python: str | Path = warm_python, said: str = ""):
        command = [python, "-m", "editable_deepsc", *arguments]
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=300, input=said
        )

    return command


@pytest.fixture(scope="module")
def folder(tmp_path_factory, run) -> Path:
    """A folder with a space and an umlaut in its name and two rendered faces, one as JPEG."""
    folder = tmp_path_factory.mktemp("a räther odd name")
    done = run(folder, "faces", "-n", "2", "--seed", "7", "--output", "faces")
    assert done.returncode == 0, done.stderr
    Image.open(folder / "faces/face-7-0.png").resize((90, 120)).save(folder / "face.jpg")
    return folder


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_edit_then_transmit_and_receive_give_the_same_picture(folder, run):
    done = run(folder, "edit", "faces/face-7-0.png", "add a wide smile", "--snr", "12", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [(c["attribute"], c["direction"]) for c in report["changes"]] == [("smiling", 1)]
    assert report["channel_uses"] == 128 and report["snr_db"] == 12 and not report["outage"]
    assert report["output"] == "edited.png" and report["sheet"] == "edited-sheet.png"
    assert pixels(folder / "edited.png").shape == (64, 64, 3)
    assert Image.open(folder / "edited-sheet.png").width > 1000  # four columns: the truth is known

    arguments = (
        "faces/face-7-0.png",
        "add a wide smile",
        "--snr",
        "12",
        "-o",
        "on air.safetensors",
    )
    assert run(folder, "transmit", *arguments).returncode == 0
    arrays, about = load_arrays(folder / "on air.safetensors")
    assert arrays["symbols"].shape == (1, 128) and set(arrays) == {"symbols"}
    assert about == {"system": "editable_deepsc", "dataset": "faces", "snr_db": 12}
    done = run(folder, "receive", "on air.safetensors", "-o", "received.png")
    assert done.returncode == 0, done.stderr
    assert np.array_equal(pixels(folder / "received.png"), pixels(folder / "edited.png"))


def test_a_photograph_and_a_system_that_edits_at_the_receiver(folder, run):
    sentence = "give her glasses and a beard"
    arguments = ("face.jpg", sentence, "--system", "jpeg_ldpc+talk2edit", "--snr", "18")
    done = run(folder, "edit", *arguments, "-o", "b.png")
    assert done.returncode == 0, done.stderr
    assert "478 channel uses" in done.stdout
    assert "eyeglasses up by" in done.stdout and "beard up by" in done.stdout
    assert Image.open(folder / "b-sheet.png").width < 1000  # three columns: nobody knows the truth
    assert run(folder, "transmit", *arguments, "-o", "b.safetensors").returncode == 0
    done = run(folder, "receive", "b.safetensors", "-o", "c.png")
    assert done.returncode == 1 and "needs the sentences" in done.stderr
    done = run(folder, "receive", "b.safetensors", "-o", "c.png", "--sentence", sentence)
    assert done.returncode == 0, done.stderr
    assert np.array_equal(pixels(folder / "b.png"), pixels(folder / "c.png"))


def test_chat_takes_turns_from_a_pipe_until_enough_is_said(folder, run):
    arguments = ("--inversion", "encoder", "chat", "face.jpg", "--snr", "12", "-o", "talk")
    turns = [
        "make her older and add a smile",
        "a bit more",
        "",
        "undo",
        "That's it!",
        "add a beard",
    ]
    done = run(folder, *arguments, "--json", said="\n".join(turns))
    assert done.returncode == 0 and not done.stderr, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [turn["kind"] for turn in told] == ["edit", "edit", "undo", "end"]
    named = [[change["attribute"] for change in turn["changes"]] for turn in told]
    assert named == [["young", "smiling"], ["smiling"], [], []]
    assert [turn["channel_uses"] for turn in told] == [128, 128, 128, 0]
    assert sorted(path.name for path in (folder / "talk").iterdir()) == [
        f"turn-{n}.png" for n in (1, 2, 3, 4)
    ]
    assert np.array_equal(pixels(folder / "talk/turn-3.png"), pixels(folder / "talk/turn-4.png"))


def test_chat_answers_what_it_does_not_understand_and_goes_on(folder, run):
    arguments = ("--inversion", "encoder", "chat", "face.jpg", "-o", "other talk")
    done = run(folder, *arguments, said="more\nremove the hat\nadd a beard, please")
    assert done.returncode == 1
    assert "'more' refers to an edit" in done.stderr and "'remove the hat'" in done.stderr
    assert "understood: beard up by 1" in done.stdout and "Is this enough?" in done.stdout
    assert [path.name for path in (folder / "other talk").iterdir()] == ["turn-1.png"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["edit", "no.png", "add a smile"], "image: no.png does not exist"),
        (["edit", "face.jpg", "sing a song"], "'sing a song' names none of the attributes"),
        (["edit", "face.jpg", "add a smile and a hat"], "also asks for 'a hat'"),
        (["edit", "face.jpg", "add a smile", "--snr", "nan"], "--snr: nan dB"),
        (["edit", "face.jpg", "add a smile", "--snr", "900"], "--snr: 900 dB"),
        (["edit", "face.jpg", "add a smile", "--system", "fax"], "there are: editable_deepsc"),
        (["edit", "face.jpg", "add a smile", "--dataset", "cats"], "there are: faces"),
        (["edit", "face.jpg", "add a smile", "-o", "face.jpg"], "is the input itself"),
        (["edit", "face.jpg", "add a smile", "-o", "face.txt"], "must end in .png"),
        (["edit", "face.jpg", "add a smile", "-o", "no/such/a.png"], "does not exist; make it"),
        (["--weights", "nowhere", "edit", "face.jpg", "add a smile"], "nowhere is no folder"),
        (["chat", "no.png"], "image: no.png does not exist"),
        (["chat", "face.jpg", "-o", "face.jpg"], "face.jpg is a file; give a folder"),
        (["receive", "face.jpg"], "is no file of symbols"),
        (["receive", "none.safetensors"], "none.safetensors does not exist"),
        (["receive", "other.safetensors"], "is no file of symbols"),
        (["transmit", "face.jpg", "add a smile", "-o", "a.png"], "must end in .safetensors"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(
    folder, arguments, words, monkeypatch, capsys
):
    save_arrays(folder / "other.safetensors", {"symbols": torch.full((1, 4), float("nan"))})
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["editable-deepsc", *arguments])
    with pytest.raises(SystemExit) as exit:
        main()
    said = capsys.readouterr()
    assert exit.value.code == 1 and said.out == ""
    assert words in said.err and said.err.startswith("editable-deepsc: ")
    assert len(said.err.strip().splitlines()) == 1
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_nothing_that_is_typed_is_interpreted(folder, run):
    done = run(folder, "edit", "face.jpg", "$(touch pwned) `touch pwned`; touch pwned")
    assert done.returncode == 1 and not (folder / "pwned").exists()


def test_systems_are_listed_with_their_bandwidth(folder, run):
    done = run(folder, "systems")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "faces: 64 pixels, adapters for -6, 0, 6, 12, 18 dB"
    assert len(lines) == 6 * len(DATASETS)
    assert lines[1].split() == ["editable_deepsc", "128", "channel", "uses,", "CBR", "0.0104"]


def test_help_is_quick_and_complete(folder, run):
    done = run(folder, "--help", python=sys.executable)
    assert done.returncode == 0
    assert all(
        c in done.stdout
        for c in ("edit", "chat", "transmit", "receive", "faces", "systems", "bench")
    )


def test_a_photograph_is_aligned_and_said_to_be_unlike_what_the_networks_know(folder, run):
    import skimage

    astronaut = str(Path(skimage.__file__).parent / "data/astronaut.png")
    done = run(folder, "edit", astronaut, "add a wide smile", "-o", "astronaut.png")
    assert done.returncode == 0, done.stderr
    assert "framed: a square of 190 pixels about the face, turned by 3°" in done.stdout
    assert "warning: this picture is unlike what the networks know" in done.stderr
    done = run(folder, "--align", "none", "edit", astronaut, "add a wide smile", "--json")
    report = json.loads(done.stdout)
    assert report["framing"] == {"align": "none"} and report["unlike"]["outside"] is True
    done = run(folder, "edit", "faces/face-7-0.png", "add a wide smile", "--json")
    assert "warning" not in done.stderr and not json.loads(done.stdout)["unlike"]["outside"]
    assert run(folder, "--align", "sideways", "faces").returncode == 2
