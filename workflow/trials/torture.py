"""A bad day, made on purpose: `make torture`, or `python workflow/trials/torture.py --kills 3`.

The smoke experiment (see also torture.yaml) is killed, starved and damaged, and must end in the
same bytes.

One run is left alone; its metrics and tables are the reference. A second is killed with SIGKILL
(Snakemake and all of its jobs) at random moments and resumed each time. Then one fault after
another is put into it. The last lines are a table: what was done, what the user saw, what was lost,
and whether metrics and tables came out byte for byte the same. Exit status 0: all did.

Faults that need a file system of their own (a full disk, a read-only folder) need root, and are
reported as not tried without it.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from tabulate import tabulate
from workflow_copy import ROOT, Replacement, Workflow

ERRORS = re.compile(
    r"^\s*((ValueError|OSError|PermissionError|LockException|WorkflowError|Error|Write-protected|data|weights|config|stale)\b.*)"
)


def kill(process: subprocess.Popen) -> int:
    """SIGKILL to a Snakemake and everything it started; how many jobs were among it."""
    family = psutil.Process(process.pid).children(recursive=True)
    jobs = sum(script_of(member) is not None for member in family)
    os.killpg(process.pid, signal.SIGKILL)
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            pass
    process.wait()
    return jobs


def script_of(process: psutil.Process) -> str | None:
    """The name of the script that a process runs for a rule.

    None for another process, and for one that has ended.
    """
    try:
        found = [
            re.search(r"\.snakemake/scripts/tmp\w+\.(\w+)\.py$", part)
            for part in process.cmdline()[1:2]
        ]
    except psutil.Error:
        return None
    return found[0].group(1) if found and found[0] else None


def sentence(said: str) -> str:
    """The first line that tells what went wrong."""
    lines = [match.group(1) for match in map(ERRORS.match, said.splitlines()) if match]
    told = [
        line
        for line in lines
        if not line.startswith(("Error in rule", "WorkflowError", "LockException"))
    ]
    return ((told or lines or ["(no error)"])[0]).strip()[:160]


def killed(work: Workflow, kills: int, horizon: float, rng: random.Random) -> tuple[str, str]:
    """Kill a running workflow ``kills`` times, after ``horizon`` seconds at most.

    It is resumed each time; where it ends before, it begins from nothing.
    """
    saw, hits, locked, jobs, rounds = "", 0, 0, 0, 1
    while hits < kills:
        process = work.start()
        try:
            process.wait(rng.uniform(0, horizon))
        except subprocess.TimeoutExpired:
            jobs += kill(process)
            hits += 1
            if work.locked():
                locked += 1
                saw = saw or sentence(work.run()[1])  # what the user sees who just starts it again
                work.unlock()
            print(
                f"kill {hits}: "
                f"{sum(1 for _ in work.folder.glob('results/**/*.provenance.json'))} "
                "outputs were there",
                flush=True,
            )
        else:
            if process.returncode:
                sys.exit(
                    f"torture: a resumed workflow failed in {work.folder}:\n{work.said()[-6000:]}"
                )
            rounds += 1
            shutil.rmtree(work.folder / "results")
    return (
        saw,
        (
            f"{jobs} jobs that ran at the {hits} moments, long ones since their last checkpoint "
            f"({locked} locks, {rounds} runs from nothing)"
        ),
    )


def truncated_cell(work: Workflow) -> tuple[str, str]:
    path = work.one("cells/*/*/*.csv")
    path.write_bytes(path.read_bytes()[:-9])
    _, said = work.run()
    path.unlink()
    return sentence(said), "the cell's metrics"


def altered_weights(work: Workflow) -> tuple[str, str]:
    path = work.one("models/*/adapters_*.safetensors")
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    _, said = work.run()
    path.unlink()
    return sentence(said), "the adapters"


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    subprocess.run(["mount", *options, str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def full_disk(work: Workflow) -> tuple[str, str]:
    """One cell's folder is a disk of 8 kB."""
    cell = work.one("received/*/*/*.safetensors")
    cell.unlink()
    with mounted(cell.parent, "-t", "tmpfs", "-o", "size=8k", "tmpfs"):
        _, said = work.run()
        left = [p.name for p in cell.parent.glob("*.safetensors")]
    return sentence(said), f"nothing else; half-written outputs on the disk: {len(left)}"


def read_only(work: Workflow) -> tuple[str, str]:
    """A whole cell is missing, and cannot be written."""
    results, cell = work.folder / "results", work.one("cells/*/*/*.csv")
    for path in cell.parent.glob(f"{cell.stem}.*"):
        path.unlink()
    with mounted(results, "--bind", str(results)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(results)], check=True)
        _, said = work.run()
    return sentence(said), "nothing"


def out_of_time(work: Workflow) -> tuple[str, str]:
    """The fine-tuning is killed, as a time limit does, once it has a checkpoint.

    Snakemake retries.
    """
    path = work.one("models/*/adapters_*.safetensors")
    path.unlink()
    process = work.start("--retries", "1", target=str(path.relative_to(work.folder)))
    while process.poll() is None and not list(path.parent.glob(path.name + ".*.checkpoint")):
        time.sleep(0.05)
    found = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    jobs = [member for member in found if script_of(member) == "finetune"]
    for job in jobs:
        job.kill()
    code = process.wait()
    said = work.said()
    if not jobs:
        sys.exit(
            f"torture: no fine-tuning to kill; is it too short (torture.yaml)? {len(found)} "
            f"processes, {sorted(path.parent.iterdir())}\n{said[-3000:]}"
        )
    snr = path.stem.removeprefix("adapters_")
    first = re.search(
        r"(\d+)%", work.one(f"logs/finetune/*-{snr}.log").read_text()
    )  # of the second attempt: each begins its log anew
    retried = "Trying to restart" in said and code == 0
    return (
        "Trying to restart job" if retried else sentence(said)
    ), f"the steps after the checkpoint (resumed at {first.group(0) if first else '?'})"


def two_at_once(work: Workflow) -> tuple[str, str]:
    work.one("cells/*/*/*.csv").unlink()
    first = work.start()
    log = work.log
    while first.poll() is None and not work.locked():
        time.sleep(0.05)
    _, said = work.run()
    first.wait()
    log.close()
    return sentence(said), "nothing: the second refuses, the first goes on"


LOWER_BAR = Replacement(
    "src/editable_deepsc/evaluation/measure/metrics.py",
    '"edit_within_one": (error <= 1)',
    '"edit_within_one": (error <= 0)',
)


def library_changed(work: Workflow) -> tuple[str, str]:
    """A bar of the metrics is lowered, the workflow started again, and the change taken back.

    Between the two, every cell must have the new numbers.
    """
    before = work.tables()
    undo = LOWER_BAR(work)
    code, said = work.run()
    undo()
    if code or work.tables() == before:
        sys.exit(f"torture: a change of the library changed nothing:\n{said[-3000:]}")
    return sentence(said), "the metrics of all cells, nothing before them"


def copied_in_mid_run(work: Workflow) -> tuple[str, str]:
    """The results are copied to another place while jobs write them, and finished there as well."""
    for path in work.folder.glob("results/*/*/*/*"):
        if path.parts[-4] in ("received", "cells"):
            path.unlink()
    process = work.start()
    while process.poll() is None and not list(work.folder.glob("results/received/*/*/*.json")):
        time.sleep(0.05)
    elsewhere = Workflow(work.folder.with_name("elsewhere"), work.overlays, work.cores)
    results = elsewhere.folder / "results"
    shutil.rmtree(results, ignore_errors=True)
    try:
        shutil.copytree(work.folder / "results", results)
    except shutil.Error as error:  # files that were renamed or removed meanwhile
        print(f"copied all but {len(error.args[0])} files", flush=True)
    there = len(list(results.glob("received/*/*/*.safetensors")))
    process.wait()
    elsewhere.finish()
    if elsewhere.tables() != work.tables():
        sys.exit(f"torture: {results} and the folder that it was copied from differ")
    return "no error", f"nothing: {there} cells were there, the copy ends in the same bytes"


FAULTS: list[tuple[str, Callable, bool]] = [  # what, how, needs root
    ("a cell's metrics truncated", truncated_cell, False),
    ("a byte of a weight file altered", altered_weights, False),
    ("disk full during a write", full_disk, True),
    ("a job out of time", out_of_time, False),
    ("read-only results folder", read_only, True),
    ("two Snakemakes in one folder", two_at_once, False),
    ("library changed between runs", library_changed, False),
    ("results copied elsewhere in mid-run", copied_in_mid_run, False),
]


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    parser.add_argument(
        "--overlay",
        type=Path,
        action="append",
        default=[],
        help="on top of workflow/configs/smoke.yaml",
    )
    parser.add_argument(
        "--horizon",
        type=float,
        help="latest moment of a kill, in seconds; by default kills and undisturbed run take as "
        "long as each other",
    )
    parser.add_argument("--faults", default="", help="only the faults whose name contains this")
    parser.add_argument(
        "--folder",
        type=Path,
        help="work here (and keep it) instead of in a temporary folder; a finished reference in "
        "it is taken",
    )
    return parser.parse_args()


def main() -> None:
    arguments = read_arguments()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="torture-"))
    overlays = [
        ROOT / "workflow/configs/smoke.yaml",
        ROOT / "workflow/trials/torture.yaml",
        *arguments.overlay,
    ]
    reference, work = (
        Workflow(folder / name, overlays, arguments.cores) for name in ("reference", "work")
    )

    start = time.monotonic()
    reference.finish()
    seconds = time.monotonic() - start
    expected = reference.tables()
    print(f"left alone: {seconds:.0f} s, {len(expected)} tables", flush=True)

    rows, failed = [], False

    def report(what: str, outcome: tuple[str, str]) -> None:
        nonlocal failed
        work.unlock()
        work.finish()
        same = work.tables() == expected
        failed |= not same
        rows.append([what, *outcome, "yes" if same else "NO"])
        print(f"{what}: {'same bytes' if same else 'OTHER BYTES'}", flush=True)

    rng = random.Random(arguments.seed)
    if arguments.kills:
        horizon = arguments.horizon or max(
            30.0, 2 * seconds / arguments.kills
        )  # with less than 30 s no job would ever end
        report(
            f"SIGKILL to everything, {arguments.kills} times",
            killed(work, arguments.kills, horizon, rng),
        )
    for what, fault, needs_root in [entry for entry in FAULTS if arguments.faults in entry[0]]:
        if needs_root and os.geteuid() != 0:
            rows.append([what, "not tried: needs root", "", ""])
        else:
            report(what, fault(work))
    start = time.monotonic()
    _, said = work.run()
    seconds = time.monotonic() - start
    idle = "Nothing to be done" in said
    rows.append(
        [
            "started again when all is done",
            "Nothing to be done" if idle else sentence(said),
            "nothing",
            f"{seconds:.1f} s",
        ]
    )
    print(
        tabulate(
            rows,
            ["what was done", "what the user saw", "what was lost", "same bytes"],
            tablefmt="github",
        )
    )
    if not arguments.folder:
        shutil.rmtree(folder)
    if failed or not idle:
        sys.exit(
            "torture: metrics or tables differ from those of the run that was left alone, "
            "or something was left to do"
        )


if __name__ == "__main__":
    main()
