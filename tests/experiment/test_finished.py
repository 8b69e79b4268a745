"""Which finished results no longer fit, by their contents."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from editable_deepsc.networks.manifest import sha256
from experiment import finished
from experiment.finished import Digests, Plan, misfit, summary


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(output: str, text: str, plan: Plan, **other) -> None:
    """An output and its provenance, as a job of ``plan`` leaves them."""
    path = Path(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    told = {
        "output": output,
        "sha256": sha256(path),
        "rule": plan.rule,
        "wildcards": dict(plan.wildcards),
        "params": json.loads(json.dumps(dict(plan.params))),
        "inputs": {name: sha256(Path(name)) for name in plan.inputs},
        "code": "code",
    }
    Path(f"{output}.provenance.json").write_text(json.dumps(told | other))


@pytest.fixture
def plan(folder) -> Plan:
    """A finished job of two outputs."""
    (folder / "data").write_text("faces")
    (folder / "weights").write_text("a bundled network")
    params = {"recipe": {"steps": 10, "rate": 0.5}, "seed": 1}
    inputs = ["data", str(folder / "weights")]
    outputs = ["results/a/6dB.csv", "results/a/6dB.images.csv"]
    plan = Plan("evaluate", {"system": "a"}, params, inputs, outputs, "code")
    for output in outputs:
        write(output, "metrics", plan)
    return plan


def why(plan: Plan, triggers=finished.ALL) -> str | None:
    return misfit(plan, Digests(Path("digests.json")).of, triggers)


def test_what_is_as_it_was_fits(plan):
    assert why(plan) is None


def test_neither_the_order_of_keys_nor_the_kind_of_a_number_is_a_change(plan):
    params = {"seed": 1.0, "recipe": {"rate": 0.5, "steps": 10.0}}
    assert why(replace(plan, params=params)) is None


def test_other_parameters_are_named(plan):
    other = replace(plan, params={"recipe": {"steps": 11, "rate": 0.5}, "new": 2, "seed": 1})
    assert why(other) == "made with other parameters (new, recipe)"
    assert why(other, {"input", "code"}) is None  # as --rerun-triggers says


def test_other_inputs_are_named(plan, folder):
    (folder / "data").write_text("other faces")
    assert why(plan) == "made of other inputs (data)"
    assert why(replace(plan, inputs=plan.inputs[1:])) == "made of other inputs (data)"


def test_a_file_that_a_job_takes_under_several_names_is_one_input(plan):
    assert why(replace(plan, inputs=[*plan.inputs, *plan.inputs])) is None


def test_inputs_that_are_gone_or_lie_elsewhere_now_say_nothing(plan, folder):
    (folder / "data").unlink()
    (folder / "moved").mkdir()
    (folder / "weights").rename(folder / "moved/weights")
    assert why(replace(plan, inputs=["data", str(folder / "moved/weights")])) is None


def test_other_code_is_seen_where_it_is_known(plan):
    other = replace(plan, code="other")
    assert why(other) == "made by other code"
    path = Path("results/a/6dB.csv.provenance.json")
    for output in plan.outputs:
        path = Path(f"{output}.provenance.json")
        told = json.loads(path.read_text())
        del told["code"]
        path.write_text(json.dumps(told))
    assert why(other) is None


def test_an_edited_output_is_seen_even_if_its_time_and_size_stay(plan):
    path = Path(plan.outputs[1])
    at = path.stat()
    path.write_text("Metrics")
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert why(plan) == "altered since they were made"


@pytest.mark.parametrize("left", [None, "{", "{}", "[]"])
def test_an_output_without_a_readable_provenance_does_not_fit(plan, left):
    path = Path(f"{plan.outputs[0]}.provenance.json")
    path.unlink() if left is None else path.write_text(left)
    assert why(plan) == "without provenance"


def test_a_file_from_another_place_is_refused_in_one_sentence(plan):
    other = "results/b/6dB.csv"
    write(other, "metrics of b", plan, wildcards={"system": "b"})
    for kind in ("", ".provenance.json"):
        Path(other + kind).replace(plan.outputs[0] + kind)
    with pytest.raises(
        ValueError, match="results/a/6dB.csv was made as results/b/6dB.csv"
    ) as error:
        why(plan)
    assert "\n" not in str(error.value) and "delete it and 6dB.csv.provenance.json" in str(
        error.value
    )


def test_digests_are_remembered_until_a_file_changes(folder):
    path = folder / "f"
    path.write_text("one")
    digests = Digests(Path("known/digests.json"))
    first = digests.of(path)
    digests.save()
    again = Digests(Path("known/digests.json"))
    assert again.of(path) == first and not again.changed
    again.touch(path, path.stat().st_mtime_ns + 10**9)
    assert again.of(path) == first
    path.write_text("two, and longer")
    assert again.of(path) == sha256(path) != first


def test_what_does_not_fit_is_told_by_kind():
    misfits = {"results/a": "made by other code", "results/b": "made by other code"}
    misfits["results/c"] = "without provenance"
    assert summary(misfits) == [
        "stale: 2 results made by other code, made again: results/a and others",
        "stale: 1 result without provenance, made again: results/c",
    ]
    many = {str(i): f"reason {i}" for i in range(9)}
    assert len(summary(many)) == 7 and summary(many)[-1] == "stale: and 3 other reasons"
