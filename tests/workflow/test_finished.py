"""What the real Snakemake does with finished results, on two rules that take no time.

workflow/trials/changes.py asks the same of the experiment itself.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SNAKEFILE = """
from experiment.planning import keep_outputs_of_failures, watch_plans

configfile: "config.yaml"

rule all:
    input: "results/b.txt"

rule letters:
    input: expand("results/{letter}-2.txt", letter=["x", "y", "z"])

rule a:
    output: "results/a.txt", "results/more.txt"
    log: "results/a.log"
    params: number=config["number"], options=config["options"]
    script: "workflow/scripts/a.py"

rule b:
    input: "results/a.txt"
    output: "results/b.txt"
    log: "results/b.log"
    script: "workflow/scripts/b.py"

rule of_a_letter:
    output: "results/{letter}.in"
    log: "results/{letter}.in.log"
    params: number=config["number"]
    script: "workflow/scripts/a.py"

rule each_letter:
    input: first="results/a.txt", own=expand("results/{letter}.in", letter=["x", "y", "z"])
    output: made=expand("results/{letter}-{{number}}.txt", letter=["x", "y", "z"])
    log: "results/letters-{number}.log"
    params: each={"letter": ["x", "y", "z"]}, options=config["options"]
    script: "workflow/scripts/letters.py"

watch_plans(workflow)
keep_outputs_of_failures(workflow)
"""
CONFIG = "{precision: float32, networks: {}, datasets: {}, number: 1, options: {one: 1, two: 2}}"
A = """
from pathlib import Path
from experiment.job import job

with job(snakemake):
    for path in snakemake.output:
        Path(path).write_text(f"{snakemake.params.number}")
        if snakemake.params.number == 3:
            raise ValueError("data: three is too much")
"""
B = A.replace('f"{snakemake.params.number}"', 'Path(snakemake.input[0]).read_text() + "b"').replace(
    "snakemake.params.number == 3", "False"
)

LETTERS = """
from pathlib import Path
from experiment.job import job

with job(snakemake) as this:
    for part in this.parts:
        letter, text = part.wildcards["letter"], Path(part.input["own"]).read_text()
        if Path("broken").exists() and letter == Path("broken").read_text():
            raise ValueError(f"data: no {letter}")
        Path(part.output["made"]).write_text(f"{letter} {text}")
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("two rules") / "größer"
    (folder / "workflow/scripts").mkdir(parents=True)
    for name, text in (
        ("Snakefile", SNAKEFILE),
        ("config.yaml", CONFIG),
        ("workflow/scripts/a.py", A),
        ("workflow/scripts/b.py", B),
        ("workflow/scripts/letters.py", LETTERS),
    ):
        (folder / name).write_text(text)
    code, said = run(folder, "all", "letters")
    assert code == 0, said
    return folder


@pytest.fixture
def folder(finished, tmp_path) -> Path:
    """A copy of it, as another machine gets it: other times, and without Snakemake's own notes."""
    copy, ignored = tmp_path / "copy", shutil.ignore_patterns(".snakemake")
    return Path(shutil.copytree(finished, copy, copy_function=shutil.copyfile, ignore=ignored))


def run(folder: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--rerun-incomplete", *options]
    # a machine without git, and a user without a home
    environment = {k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_CACHE_HOME")}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=900, env=environment
    )
    return done.returncode, done.stdout + done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    files = (folder / "results").rglob("*")
    return {str(p): p.read_bytes() for p in files if p.is_file() and p.suffix != ".log"}


NOTHING = "Nothing to be done"


def test_a_job_that_fails_keeps_the_outputs_it_was_about_to_replace(folder):
    before = contents(folder)
    code, said = run(folder, "--config", "number=3")
    assert code and "three is too much" in (folder / "results/a.log").read_text()
    assert contents(folder) == before
    assert "with other parameters (number)" in run(folder, "-n", "--config", "number=3")[1]
    assert NOTHING in run(folder, "-n")[1]  # and they are still those of the old config


def test_what_says_the_same_runs_nothing(folder):
    for path, change in (
        (
            "config.yaml",
            ("number: 1, options: {one: 1, two: 2}", "options: {two: 2, one: 1.0}, number: 1.0"),
        ),
        ("workflow/scripts/a.py", ("with job", "# at last\nwith job")),
    ):
        text = (folder / path).read_text()
        assert change[0] in text
        (folder / path).write_text(text.replace(*change))
    assert NOTHING in run(folder, "-n")[1]


@pytest.mark.parametrize(
    ("path", "old", "new", "said", "jobs"),
    [
        ("results/b.txt", "1b", "2b", "altered since they were made", "b"),
        ("results/more.txt", "1", "2", "altered since they were made", "ab"),
        ("workflow/scripts/b.py", '"b"', '"c"', "made by other code", "b"),
        ("config.yaml", "two: 2", "two: 3", "made with other parameters (options)", "ab"),
    ],
)
def test_what_changed_is_made_again(folder, path, old, new, said, jobs):
    text = (folder / path).read_text()
    assert old in text
    (folder / path).write_text(text.replace(old, new))
    found = run(folder, "-n")[1]
    assert said in found
    assert [rule for rule in "ab" if f"rule {rule}:" in found] == list(jobs)


def test_a_file_from_another_place_is_refused_and_nothing_is_touched(folder):
    for kind in ("", ".provenance.json"):
        shutil.copyfile(folder / f"results/more.txt{kind}", folder / f"results/b.txt{kind}")
    before = contents(folder)
    code, said = run(folder)
    assert code and "results/b.txt was made as results/more.txt" in said
    assert "Traceback" not in said and contents(folder) == before


def test_without_its_provenance_a_file_is_made_again(folder):
    (folder / "results/b.txt.provenance.json").unlink()
    code, said = run(folder)
    assert code == 0 and "1 result without provenance, made again: results/b.txt" in said
    assert NOTHING in run(folder, "-n")[1]


def made_again(folder: Path, before: dict[str, bytes]) -> str:
    """The letters whose results have another provenance than before."""
    now = contents(folder)
    kept = {letter: str(folder / f"results/{letter}-2.txt.provenance.json") for letter in "xyz"}
    return "".join(letter for letter, path in kept.items() if now[path] != before[path])


def forget(folder: Path) -> None:
    (folder / "results/y-2.txt").unlink()


def change_an_input(folder: Path) -> None:
    (folder / "results/y.in").write_text("2")


def change_what_all_share(folder: Path) -> None:
    path = folder / "config.yaml"
    path.write_text(path.read_text().replace("two: 2", "two: 3"))


@pytest.mark.parametrize(
    ("change", "options", "letters"),
    [
        (forget, (), "y"),
        (change_an_input, (), ""),  # it is made again itself, and is what it was
        (change_what_all_share, (), "xyz"),
        (lambda folder: None, ("--forcerun", "results/x-2.txt"), "x"),
        (lambda folder: None, ("--forceall",), "xyz"),
    ],
)
def test_of_a_job_of_several_parts_those_are_made_that_do_not_fit(folder, change, options, letters):
    change(folder)
    before = contents(folder)
    assert "rule each_letter:" in run(folder, "-n", "letters", *options)[1]
    assert contents(folder) == before  # a dry run forgets nothing
    code, said = run(folder, "letters", *options)
    assert code == 0, said
    assert made_again(folder, before) == letters
    assert (folder / "results/y-2.txt").read_text() == "y 1"
    assert NOTHING in run(folder, "-n", "letters")[1]


def test_parts_that_fit_say_so_and_name_their_own_input_alone(folder):
    forget(folder)
    assert run(folder, "letters")[0] == 0
    log = (folder / "results/letters-2.log").read_text()
    assert log == "results/x-2.txt: made before\nresults/z-2.txt: made before\n"
    told = json.loads((folder / "results/y-2.txt.provenance.json").read_text())
    assert list(told["inputs"]) == ["results/a.txt", "results/y.in"]
    assert told["wildcards"] == {"number": "2", "letter": "y"}
    assert list(told["params"]) == ["options"]  # another letter makes none of these again


def test_another_part_makes_only_that_one(folder):
    path = folder / "Snakefile"
    path.write_text(path.read_text().replace('["x"', '["w", "x"'))
    before = contents(folder)
    code, said = run(folder, "letters")
    assert code == 0 and (folder / "results/w-2.txt").exists(), said
    assert made_again(folder, before) == ""


def test_a_part_that_fails_keeps_the_results_of_all(folder):
    change_what_all_share(folder)
    (folder / "broken").write_text("y")
    before = contents(folder)
    code, said = run(folder, "letters")
    assert code and "no y" in (folder / "results/letters-2.log").read_text()
    assert {k: v for k, v in contents(folder).items() if k.endswith(".txt")} == {
        k: v for k, v in before.items() if k.endswith(".txt")
    }
    (folder / "broken").unlink()
    assert run(folder, "letters")[0] == 0 and NOTHING in run(folder, "-n", "letters")[1]
