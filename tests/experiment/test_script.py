"""How the scripts of the workflow begin and end."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).parents[2] / "workflow/scripts").glob("*.py"))

# As Snakemake starts a script: with an object of this name, in a process of its own.
JOB = """
from types import SimpleNamespace

class Files(list):
    def keys(self):
        return []

snakemake = SimpleNamespace(
    config={"networks": {}, "datasets": {}, "precision": "auto"}, rule="invert",
    wildcards={"dataset": "faces"}, params={}, threads=1, resources={}, input=Files(),
    output=["out.txt"], log=["log.txt"], scriptdir=".",
)
from experiment.script import job

import atexit

atexit.register(print, "the long way")
with job(snakemake):
    BODY
"""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_every_script_is_ready_for_a_quick_start_and_a_quick_end(script):
    first, *_, last = ast.parse(script.read_text()).body
    assert isinstance(first, ast.ImportFrom) and first.module == "experiment.script"
    assert isinstance(last, ast.With)  # behind it nothing would run
    assert ast.unparse(last.items[0].context_expr) == "job(snakemake)"


@pytest.mark.parametrize(
    ("body", "status", "way"),
    [
        ("open('out.txt', 'w').write('latents'); print('into the log')", 0, ""),
        ("raise ValueError('data: none')", 1, "the long way\n"),
        ("pass", 1, "the long way\n"),  # an output that was not written
        ("raise RuntimeError", 1, "the long way\n"),
    ],
)
def test_a_job_that_succeeds_ends_at_once_with_all_that_it_wrote(tmp_path, body, status, way):
    command = [sys.executable, "-c", JOB.replace("BODY", body)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (status, way)
    if status == 0:
        assert (tmp_path / "out.txt").read_text() == "latents" and not ended.stderr
        assert (tmp_path / "out.txt.provenance.json").exists()
        assert (tmp_path / "log.txt").read_text().endswith("into the log\n")
