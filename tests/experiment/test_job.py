"""What surrounds every script: provenance, checked inputs, checkpoints, errors in one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from snakemake.iocontainers import Namedlist

from editable_deepsc.data.storage import whole
from experiment import provenance, source
from experiment.job import job, published_networks
from experiment.parts import parts_of
from experiment.seconds import read_seconds, write_seconds


class Files(list):
    """Files of a rule, by number and by name, as Snakemake gives them."""

    def keys(self) -> list[str]:
        return []


@pytest.fixture
def call(tmp_path):
    """What Snakemake hands to a script, with one input and one output, under ``tmp_path``."""
    before = torch.get_num_threads()
    (tmp_path / "in.txt").write_text("faces")

    def make(**params):
        return SimpleNamespace(
            config={"networks": {}, "datasets": {}, "precision": "auto"},
            rule="invert",
            wildcards={"dataset": "faces"},
            params={"seed": 1} | params,
            threads=1,
            resources={},
            input=Files([str(tmp_path / "in.txt")]),
            output=[str(tmp_path / "out.txt")],
            log=[str(tmp_path / "log")],
            scriptdir=str(tmp_path),
        )

    yield make
    torch.set_num_threads(before)
    torch.use_deterministic_algorithms(False)


def run(snakemake, text: str = "latents") -> Path:
    with job(snakemake) as this, whole(snakemake.output[0]) as path:
        path.write_text(text)
    return this.checkpoint


def test_no_job_imports_the_compiler_to_be_deterministic():
    """It takes a second, of each of some hundred jobs."""
    script = (
        "import sys, torch; from experiment.job import compute_the_same_everywhere as prepare; "
        "prepare(1); assert torch.are_deterministic_algorithms_enabled(); "
        "assert not {'torch._inductor', 'torch._dynamo'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_provenance_tells_two_outputs_apart(call, tmp_path):
    run(call())
    first = provenance.read_provenance(tmp_path / "out.txt")
    run(call())
    again = provenance.read_provenance(tmp_path / "out.txt")
    run(call(rate=0.1), "other latents")
    other = provenance.read_provenance(tmp_path / "out.txt")
    assert {key for key in first if first[key] != again[key]} <= {"finished", "seconds"}
    assert {key for key in first if first[key] != other[key]} - {"finished", "seconds"} == {
        "params",
        "sha256",
    }
    assert first["inputs"] == provenance.checked_digests([tmp_path / "in.txt"])
    assert torch.__version__.startswith(first["versions"]["torch"])


def test_provenance_says_what_ran_and_not_what_was_wanted(call, tmp_path, monkeypatch):
    snakemake = call()
    snakemake.config["compiled"] = True
    run(snakemake)  # nothing was inverted
    assert provenance.read_provenance(tmp_path / "out.txt")["compiled"] is False
    monkeypatch.setattr("experiment.job.compiled_ran", lambda: True)
    run(snakemake)
    assert provenance.read_provenance(tmp_path / "out.txt")["compiled"] is True


@pytest.mark.parametrize("content", ["lat", "lAtents", ""])
def test_a_reader_refuses_what_its_writer_did_not_leave(call, tmp_path, content):
    run(call())
    (tmp_path / "out.txt").write_text(content)
    reader = call()
    reader.input, reader.output = [str(tmp_path / "out.txt")], [str(tmp_path / "next.txt")]
    with pytest.raises(SystemExit) as stop:
        run(reader)
    said = (tmp_path / "log").read_text()
    assert stop.value.code == 1 and said.count("\n") == 1
    assert str(tmp_path / "out.txt") in said and "delete it" in said
    assert not (tmp_path / "next.txt").exists()


def test_an_error_of_a_script_is_one_sentence_in_its_log(call, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop, job(call()):
        print("at work")
        raise ValueError("data: no face in the picture")
    assert stop.value.code == 1
    said = (tmp_path / "log").read_text()
    assert said == "at work\nValueError: data: no face in the picture\n"
    assert capsys.readouterr().out == ""
    assert not provenance.provenance_path(tmp_path / "out.txt").exists()


def test_a_job_that_fails_keeps_the_provenance_of_what_it_was_about_to_replace(call, tmp_path):
    """The file itself is kept by Snakemake's `update`; see workflow/rules/finished.smk."""
    run(call())
    before = provenance.read_provenance(tmp_path / "out.txt")
    with pytest.raises(SystemExit), job(call(rate=0.1)):
        raise ValueError("data: no face in the picture")
    assert provenance.read_provenance(tmp_path / "out.txt") == before


def test_a_machine_without_git_has_no_commit(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert provenance.git_commit() is None


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
        assert [p.name for p in tmp_path.iterdir()] == ["f"]
        assert (tmp_path / "f").read_text() == "old"


def test_an_unreadable_provenance_is_named(call, tmp_path):
    run(call())
    provenance.provenance_path(tmp_path / "out.txt").write_text(json.dumps({})[:1])
    with pytest.raises(ValueError, match="out.txt has no readable provenance"):
        provenance.checked_digests([tmp_path / "out.txt"])


def test_changed_code_is_another_job(call, tmp_path, monkeypatch):
    """Snakemake runs a copy of the script, by another name."""
    monkeypatch.setattr(sys, "argv", [str(tmp_path / ".snakemake/scripts/tmpa1b2.invert.py")])
    assert provenance.script_code(tmp_path, False) is None  # no such script

    def code(text: str) -> str | None:
        (tmp_path / "invert.py").write_text(text)
        source.code_digest.cache_clear()
        run(call())
        return provenance.read_provenance(tmp_path / "out.txt")["code"]

    first = code("one = 1\n")
    assert first is not None and code("one = 1  # as before\n") == first
    assert code("one = 2\n") != first

    # of a workflow on a git host there is only the copy
    (tmp_path / "invert.py").unlink()
    copy = Path(sys.argv[0])
    copy.parent.mkdir(parents=True)
    copy.write_text(f"import sys\n######## {provenance.PREAMBLE_END}one = 1\n")
    assert provenance.script_code("https://somewhere/workflow/scripts", False) == first


def test_published_networks_are_those_of_the_data_set(call):
    snakemake = call()
    mine = {"path": "mine.pth", "format": "arcface"}
    judge = {"path": "lpips.pth", "format": "lpips-alex"}
    snakemake.config |= {
        "networks": {"recogniser": "bundled", "perceptual": judge},
        "datasets": {"faces": {"networks": {"recogniser": mine}}},
        "files": {"mine.pth": {"from": "a page", "sha256": "abc"}},
    }
    found = published_networks(snakemake)
    unknown = {"sha256": None, "digits": {"lpips.pth": None}}
    assert found == {
        "recogniser": mine | {"sha256": "abc", "digits": {"mine.pth": "abc"}},
        "perceptual": judge | unknown,
    }
    snakemake.wildcards = {}
    assert published_networks(snakemake) == {"perceptual": judge | unknown}


def test_measured_times_are_an_output(call, tmp_path):
    snakemake = call()
    with job(snakemake) as this:
        write_seconds(snakemake.output[0], 0.25, this.facts)
    told = read_seconds(snakemake.output[0])
    assert told.pop("seconds_per_image") == 0.25
    facts = provenance.read_provenance(snakemake.output[0])
    assert told == {key: facts[key] for key in ("threads", "device", "processor")}


@pytest.fixture
def letters(call, tmp_path):
    """A job of two parts: each reads a file of its own and one of both, and writes one."""
    for letter in "ab":
        (tmp_path / letter).write_text(f"face {letter}")

    def make(**params):
        given = call(each={"letter": ["a", "b"]}, **params)
        own = [str(tmp_path / letter) for letter in "ab"]
        given.input = Namedlist(fromdict={"shared": given.input[0]})
        given.input.extend(own)
        given.input._set_name("own", 1, end=3)
        given.output = Namedlist(toclone=[f"{path}.out" for path in own])
        given.output._set_name("made", 0, end=2)
        return given

    return make


def make_parts(snakemake, stop_at: str = "") -> list[str]:
    made = []
    with job(snakemake) as this:
        for part in this.parts:
            letter = part.wildcards["letter"]
            if letter == stop_at:
                raise KeyboardInterrupt
            Path(part.output["made"]).write_text(Path(part.input["own"]).read_text())
            made.append(letter)
    return made


def test_a_part_has_the_provenance_of_a_job_of_its_own(letters, tmp_path):
    assert make_parts(letters()) == ["a", "b"]
    told = provenance.read_provenance(tmp_path / "b.out")
    own = [tmp_path / "in.txt", tmp_path / "b"]
    assert told["inputs"] == provenance.checked_digests(own)
    assert told["wildcards"] == {"dataset": "faces", "letter": "b"}
    assert told["params"] == {"seed": 1}


def test_parts_that_fit_are_not_made_again(letters, tmp_path):
    make_parts(letters())
    assert make_parts(letters()) == []
    (tmp_path / "b").write_text("another face")
    assert make_parts(letters()) == ["b"]
    (tmp_path / "a.out").write_text("altered")
    assert make_parts(letters()) == ["a"]
    (tmp_path / "a.out").unlink()
    assert make_parts(letters()) == ["a"]
    beside = provenance.provenance_path(tmp_path / "a.out")
    beside.write_text(beside.read_text().replace(torch.__version__.partition("+")[0], "2.0.0"))
    assert make_parts(letters()) == ["a"]
    assert make_parts(letters(rate=0.1)) == ["a", "b"]
    (tmp_path / "in.txt").write_text("what both read")
    assert make_parts(letters(rate=0.1)) == ["a", "b"]


def test_a_job_that_is_killed_between_two_parts_keeps_the_first(letters):
    with pytest.raises(KeyboardInterrupt):
        make_parts(letters(), stop_at="b")
    assert make_parts(letters()) == ["b"]


def test_a_script_that_leaves_out_a_part_fails(letters, tmp_path):
    with pytest.raises(SystemExit), job(letters()) as this:
        Path(next(iter(this.parts)).output["made"]).write_text("a")
    assert "a part was left out" in (tmp_path / "log").read_text()


def test_a_part_that_is_not_written_is_named(letters, tmp_path):
    with pytest.raises(SystemExit), job(letters()) as this:
        list(this.parts)
    assert f"{tmp_path / 'a.out'} was not written" in (tmp_path / "log").read_text()


def test_a_job_without_parts_is_its_only_one(call, tmp_path):
    for _ in range(2):  # also where it was made before
        made = []
        with job(call()) as this:
            for part in this.parts:
                Path(part.outputs[0]).write_text("latents")
                made += part.outputs
        assert made == [str(tmp_path / "out.txt")]


def test_each_part_has_its_file_in_every_list(letters):
    snakemake = letters()
    snakemake.params["each"] = {"letter": ["a", "b", "c"]}
    with pytest.raises(ValueError, match="own: 2 files for 3 values of letter"):
        parts_of(snakemake.params, snakemake.wildcards, snakemake.input, snakemake.output)
