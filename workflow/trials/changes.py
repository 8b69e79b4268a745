"""What runs again after which change: `make changes`, or `python workflow/trials/changes.py`.

The smoke experiment at its smallest is finished once in a temporary folder. Then one thing after
another is changed, a dry run is asked what it would do, and the change is taken back. Prints a
table; exit status 1 where a plan is not the one written here.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml
from tabulate import tabulate
from workflow_copy import Replacement, Workflow

LIBRARY = "src/editable_deepsc"
CELL = "results/received/faces/editable_deepsc/6dB.safetensors"
OTHER = "results/received/faces/talk2edit+deepsc/6dB.safetensors"
MINE = "results/data/mine/test.safetensors"
PUBLISHED = {"metrics": 1, "curves": 1}
JUDGED = {"evaluate": 1, **PUBLISHED}  # one job for both systems, which makes what does not fit
EVERY_EDIT = {"edit": 2, "transmit": 2, **JUDGED, "edit_quality": 1, "grid": 1, "bandwidth": 1}
Undo = Callable[[], object]


@dataclass(frozen=True)
class Change:
    """``make`` changes something in a finished run and returns what takes it back.

    ``runs``: rule -> jobs that must be planned, or a part of the sentence that must refuse it.
    """

    what: str
    why: str
    runs: dict[str, int] | str
    make: Callable[[Workflow], Undo]
    target: str = "sweep"


def configured(change: dict) -> Callable[[Workflow], Undo]:
    """One more overlay."""

    def make(work: Workflow) -> Undo:
        path = work.folder / "change.yaml"
        path.write_text(yaml.safe_dump(change))
        work.overlays.append(str(path))
        return work.overlays.pop

    return make


def reordered(work: Workflow) -> Undo:
    """config.yaml with its keys in another order, and every whole number of a rate as a float."""
    path = work.folder / "config.yaml"
    text = path.read_text()

    def turned(value):
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in sorted(value, reverse=True)}
        return value

    config = turned(yaml.safe_load(text))
    config["information"]["ridge"] = 1
    config["jecc"]["predictor_weight"] = config["talk2edit"]["predictor_weight"] = 1
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return lambda: path.write_text(text)


def moved_in(*kinds: str) -> Callable[[Workflow], Undo]:
    """Another cell's file instead of a cell's own: the file itself, or what lies beside it too."""

    def make(work: Workflow) -> Undo:
        files = [work.folder / f"{CELL}{kind}" for kind in ("", ".provenance.json")]
        kept = {path: path.read_bytes() for path in files}
        for path in files:
            path.unlink()
        for kind in kinds:
            shutil.copy2(work.folder / f"{OTHER}{kind}", work.folder / f"{CELL}{kind}")
        return lambda: [path.write_bytes(content) for path, content in kept.items()]

    return make


def edited(name: str) -> Callable[[Workflow], Undo]:
    """A result with a byte changed, of the same size."""

    def make(work: Workflow) -> Undo:
        path = work.folder / name
        content = path.read_bytes()
        path.write_bytes(content[:-3] + bytes([content[-3] ^ 1]) + content[-2:])
        return lambda: path.write_bytes(content)

    return make


def touched(work: Workflow) -> Undo:
    """Every file has the time of another moment, inputs later than outputs."""
    files = [p for root in ("src", "workflow", "results") for p in (work.folder / root).rglob("*")]
    for age, path in enumerate(sorted(files, reverse=True)):
        if path.is_file():
            os.utime(path, (path.stat().st_mtime + age, path.stat().st_mtime + age))
    return lambda: None


def renamed(work: Workflow) -> Undo:
    """The project's folder by another name, with spaces and other letters."""
    before = work.folder
    work.folder = before.rename(before.with_name("größer & anders"))

    def undo() -> None:
        work.folder = work.folder.rename(before)

    return undo


def copied(work: Workflow) -> Undo:
    """A copy as another machine gets it: new times, and without Snakemake's own notes."""
    before = work.folder
    work.folder = before.with_name("copy")
    ignored = shutil.ignore_patterns(".snakemake", "__pycache__")
    shutil.copytree(before, work.folder, copy_function=shutil.copyfile, ignore=ignored)

    def undo() -> None:
        shutil.rmtree(work.folder)
        work.folder = before

    return undo


def changed_photograph(work: Workflow) -> Undo:
    """Another picture by the name of one of the test split."""
    chosen = json.loads((work.folder / "results/data/mine/files.json").read_text())
    path = work.folder / "photographs" / chosen["test"][0]
    before = path.read_bytes()
    draw(path, seed=99)
    return lambda: path.write_bytes(before)


def added_photograph(work: Workflow) -> Undo:
    """One more, by a name that the division puts into the first split, which is the test split."""
    names = [f"new{i}.png" for i in range(50)]
    first = min(names, key=lambda name: hashlib.sha256(f"1/mine/{name}".encode()).digest())
    path = work.folder / "photographs" / first
    draw(path, seed=99)
    return path.unlink


def draw(path: Path, seed: int) -> None:
    """A rendered face as a PNG file."""
    import torch
    from PIL import Image

    from editable_deepsc.data.faces import render, sample_faces
    from editable_deepsc.data.pixels import to_uint8

    face = render(sample_faces(1, torch.Generator().manual_seed(seed)), 64)
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(to_uint8(face)[0].permute(1, 2, 0).numpy()).save(path)


METRICS = f"{LIBRARY}/evaluation/measure/metrics.py"
CHANGES = [
    Change(
        "a comment and a docstring in the library",
        "they change no number",
        {},
        Replacement(METRICS, '"""Column ``attribute[i]`` of row i', '# a comment\n    """Column'),
    ),
    Change(
        "a function that no finished result uses",
        "the claims are not part of `sweep`",
        {},
        Replacement(
            f"{LIBRARY}/evaluation/publish/claims.py",
            "def judge_claims(",
            "LIMIT = 2\n\n\ndef judge_claims(",
        ),
    ),
    Change(
        "a threshold in the library doubled",
        "the metrics use it, the grids tell of them, and nothing before them does",
        {**JUDGED, "edit_quality": 1, "bandwidth": 1, "grid": 1},
        Replacement(METRICS, "success = ((error <= 1)", "success = ((error <= 2)"),
    ),
    Change(
        "the resolution of figures",
        "figures are drawn again, tables are not",
        {"curves": 1, "grid": 1},
        Replacement(
            f"{LIBRARY}/evaluation/publish/style.py", '"figure.dpi": 200', '"figure.dpi": 300'
        ),
    ),
    Change(
        "a line of a rule's script",
        "that rule, and what reads its output",
        PUBLISHED,
        Replacement("workflow/scripts/metrics.py", '"%.6g"', '"%.7g"'),
    ),
    Change("keys of the config reordered, 1 for 1.0", "the same config", {}, reordered),
    Change(
        "matching.max_steps",
        "edits, what is sent of them, and all that is measured of that",
        EVERY_EDIT,
        configured({"matching": {"max_steps": 3}}),
    ),
    Change(
        "a table edited by hand",
        "it is made again, and the figure from it",
        PUBLISHED,
        edited("results/metrics.csv"),
    ),
    Change(
        "a byte of trained weights",
        "they are trained again, and all that used them",
        {"finetune": 1, "transmit": 1, **JUDGED, "grid": 1, "bandwidth": 1},
        edited("results/models/faces/adapters_6dB.safetensors"),
    ),
    Change(
        "another cell's file moved in, with its provenance",
        "nobody can say what was meant",
        "was made as results/received/faces/talk2edit+deepsc/6dB.safetensors",
        moved_in("", ".provenance.json"),
    ),
    Change(
        "another cell's file moved in, without",
        "nobody knows what made it: the cell is made again",
        {"transmit": 1, **JUDGED, "grid": 1, "bandwidth": 1},
        moved_in(""),
    ),
    Change("the times of all files", "contents count", {}, touched),
    Change("the folder renamed", "paths within it stay", {}, renamed),
    Change("a copy on another machine, without .snakemake", "contents count", {}, copied),
    Change(
        "a photograph changed",
        "its face is looked for again, and the split that it is in",
        {"divide": 1, "photographs": 1},
        changed_photograph,
        MINE,
    ),
    Change(
        "a photograph added",
        "the folder is divided anew",
        {"divide": 1, "photographs": 1},
        added_photograph,
        MINE,
    ),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    parser.add_argument("--folder", type=Path, help="a finished run here is taken, and kept")
    parser.add_argument("--only", default="", help="only changes whose name contains this")
    arguments = parser.parse_args()
    parent = arguments.folder or Path(tempfile.mkdtemp(prefix="changes-"))
    parent.mkdir(parents=True, exist_ok=True)
    mine = parent / "mine.yaml"
    entry = {"role": "out-of-distribution", "source": "folder", "path": "photographs"}
    entry |= {"resolution": 64, "images": {"train": 1, "finetune": 1, "test": 4}}
    mine.write_text(yaml.safe_dump({"datasets": {"mine": entry}}))
    names = ("workflow/configs/smoke.yaml", "workflow/trials/changes.yaml")
    overlays = [*(parent / "run" / name for name in names), mine]
    work = Workflow(parent / "run", overlays, arguments.cores)
    for number in range(6):
        if not (work.folder / f"photographs/{number}.png").exists():
            draw(work.folder / f"photographs/{number}.png", number)
    work.finish()
    code, said = work.run(target=MINE)
    if code:
        sys.exit(f"changes: {said[-3000:]}")

    rows, wrong = [], 0
    for change in [c for c in CHANGES if arguments.only in c.what]:
        undo = change.make(work)
        try:
            found: dict[str, int] | str = work.planned(target=change.target)
        except RuntimeError as error:
            found = str(error)
        undo()
        refused = isinstance(change.runs, str)
        right = change.runs in found if refused else found == change.runs
        wrong += not right
        shown = "refused" if refused and right else found
        if isinstance(shown, dict):
            shown = ", ".join(f"{rule} {n}" for rule, n in sorted(shown.items())) or "nothing"
        rows.append([change.what, shown[-2000:], change.why, "yes" if right else "NO"])
        print(
            f"{change.what}: {'as expected' if right else f'NOT AS EXPECTED: {found}'}", flush=True
        )
    print(tabulate(rows, ["what was changed", "jobs that run", "why", "as it should be"], "github"))
    if not arguments.folder:
        shutil.rmtree(parent)
    sys.exit(wrong and f"changes: {wrong} of {len(rows)} plans are not as they should be")


if __name__ == "__main__":
    main()
