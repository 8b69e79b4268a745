"""What surrounds every script: provenance, checked inputs, checkpoints, errors in one sentence."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow/scripts"))

import provenance  # noqa: E402
from job import job  # noqa: E402

from editable_deepsc.data.storage import whole  # noqa: E402


@pytest.fixture
def call(tmp_path):
    """What Snakemake hands to a script, with one input and one output, under ``tmp_path``."""
    before = torch.get_num_threads()
    (tmp_path / "in.txt").write_text("faces")

    def make(**params):
        return SimpleNamespace(
            config={"networks": {}, "datasets": {}},
            rule="invert",
            wildcards={"dataset": "faces"},
            params={"seed": 1} | params,
            threads=1,
            resources={},
            input=[str(tmp_path / "in.txt")],
            output=[str(tmp_path / "out.txt")],
            log=[str(tmp_path / "log")],
        )

    yield make
    torch.set_num_threads(before)
    torch.use_deterministic_algorithms(False)


def run(snakemake, text: str = "latents") -> Path:
    with job(snakemake) as this, whole(snakemake.output[0]) as path:
        path.write_text(text)
    return this.checkpoint


def test_provenance_tells_two_outputs_apart(call, tmp_path):
    run(call())
    first = provenance.read(tmp_path / "out.txt")
    run(call())
    again = provenance.read(tmp_path / "out.txt")
    run(call(rate=0.1), "other latents")
    other = provenance.read(tmp_path / "out.txt")
    assert {key for key in first if first[key] != again[key]} <= {"finished", "seconds"}
    assert {key for key in first if first[key] != other[key]} - {"finished", "seconds"} == {
        "params",
        "sha256",
    }
    assert first["inputs"] == provenance.checked(
        [tmp_path / "in.txt"]
    ) and torch.__version__.startswith(first["versions"]["torch"])


@pytest.mark.parametrize("content", ["lat", "lAtents", ""])
def test_a_reader_refuses_what_its_writer_did_not_leave(call, tmp_path, content, capsys):
    run(call())
    (tmp_path / "out.txt").write_text(content)
    reader = call()
    reader.input, reader.output = [str(tmp_path / "out.txt")], [str(tmp_path / "next.txt")]
    with pytest.raises(SystemExit) as stop:
        run(reader)
    said = (tmp_path / "log").read_text()
    assert (
        stop.value.code == 1
        and said.count("\n") == 1
        and str(tmp_path / "out.txt") in said
        and "delete it" in said
    )
    assert not (tmp_path / "next.txt").exists()


def test_checkpoints_belong_to_one_job_and_go_when_it_is_done(call, tmp_path):
    def killed(snakemake) -> Path:
        with pytest.raises(KeyboardInterrupt), job(snakemake) as this:
            this.checkpoint.write_text("half")
            raise KeyboardInterrupt
        return this.checkpoint

    mine, others = killed(call()), killed(call(rate=0.1))
    assert mine != others and mine == killed(call())
    (tmp_path / "in.txt").write_text("other faces")
    assert killed(call()) != mine
    run(call())
    assert not list(tmp_path.glob("*.checkpoint*"))


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    (tmp_path / "f").write_text("old")
    for error in (
        OSError("no space left"),
        RuntimeError("PytorchStreamWriter failed"),
        KeyboardInterrupt(),
    ):
        with pytest.raises((OSError, KeyboardInterrupt)), whole(tmp_path / "f") as path:
            path.write_text("ne")
            raise error
        assert [p.name for p in tmp_path.iterdir()] == ["f"] and (
            tmp_path / "f"
        ).read_text() == "old"


def test_an_unreadable_provenance_is_named(call, tmp_path):
    run(call())
    provenance.beside(tmp_path / "out.txt").write_text(json.dumps({})[:1])
    with pytest.raises(ValueError, match="out.txt has no readable provenance"):
        provenance.checked([tmp_path / "out.txt"])
