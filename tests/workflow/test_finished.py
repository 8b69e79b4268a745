"""What the real Snakemake does with finished results, on two rules that take no time.

workflow/trials/changes.py asks the same of the experiment itself.
"""

from __future__ import annotations

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


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("two rules") / "größer"
    (folder / "workflow/scripts").mkdir(parents=True)
    for name, text in (
        ("Snakefile", SNAKEFILE),
        ("config.yaml", CONFIG),
        ("workflow/scripts/a.py", A),
        ("workflow/scripts/b.py", B),
    ):
        (folder / name).write_text(text)
    code, said = run(folder)
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
