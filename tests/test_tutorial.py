"""docs/tutorial.ipynb, run from its first cell to its last."""

from __future__ import annotations

import os
import re
import resource
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "docs/tutorial.ipynb"
LONGEST_SECONDS = 180


@pytest.fixture(scope="module")
def kept():
    return nbformat.read(NOTEBOOK, as_version=4)


def kinds(notebook) -> list[list[tuple]]:
    """What each cell puts out: kind of output, and kinds of data."""
    return [
        [(output.output_type, *sorted(output.get("data", ()))) for output in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def texts(notebook) -> list[str]:
    """The outputs of all cells, as plain text."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.get("data", {}).get("text/plain", "") for output in outputs]


def seconds_of_children() -> float:
    """CPU seconds of processes that have ended: the same on a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_it_runs_in_less_than_three_minutes_and_puts_out_what_it_shows(kept, tmp_path):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    client = NotebookClient(
        notebook,
        timeout=None,
        resources={"metadata": {"path": str(tmp_path)}},
    )
    before = seconds_of_children()
    client.execute(env=environment)  # CellExecutionError where a cell fails
    assert seconds_of_children() - before < LONGEST_SECONDS
    assert kinds(notebook) == kinds(kept)
    table = next(text for text in texts(notebook) if "-6.0" in text)
    for system in ("editable_deepsc", "talk2edit+deepsc"):
        curve = [float(x) for x in re.search(rf"{re.escape(system)} +(.*)", table)[1].split()]
        assert len(curve) == 5 and curve[0] > curve[2] > curve[4]  # less noise, nearer


def test_it_is_kept_small_and_with_its_outputs(kept):
    nbformat.validate(kept)
    assert NOTEBOOK.stat().st_size < 1_000_000
    assert sum(map(len, kinds(kept))) >= 8
    counts = [cell.execution_count for cell in kept.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))  # run once, in order
