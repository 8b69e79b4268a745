"""The real Snakemake on copies of the workflow."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMOKE = "workflow/configs/smoke.yaml"


@pytest.fixture(scope="session")
def snakemake(warm_python) -> Callable:
    """A function that runs Snakemake in a folder, on the smoke config unless told otherwise.

    ``python``: what it and its scripts run with. By default forks of a process that has imported
    PyTorch; with ``sys.executable`` everything starts anew, seconds later.
    """

    def run(
        folder: Path,
        *options: str,
        overlays: tuple[str, ...] = (),
        targets: tuple[str, ...] = ("sweep",),
        configs: tuple[str, ...] = (SMOKE,),
        cores: int | None = 2,
        environment: dict[str, str] | None = None,
        python: str | Path = warm_python,
    ) -> subprocess.CompletedProcess:
        command = [str(python), "-m", "snakemake", *options]
        command += [] if cores is None else ["--cores", str(cores)]
        files = [*configs, *overlays]
        command += ["--configfile", *files] if files else []
        command += ["--", *targets] if targets else []
        return subprocess.run(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,  # on a busy machine; alone it takes a third
            env=os.environ if environment is None else environment,
        )

    return run


@pytest.fixture(scope="session")
def copy_of_the_workflow() -> Callable[[Path], Path]:
    """A function that puts a copy of the workflow into a folder."""

    def copy(folder: Path) -> Path:
        for name in ("Snakefile", "config.yaml"):
            shutil.copy(ROOT / name, folder / name)
        shutil.copytree(ROOT / "workflow", folder / "workflow")
        return folder

    return copy


@pytest.fixture(scope="session")
def planned() -> Callable[[str], dict[str, int]]:
    """A function: the output of a dry run -> rule -> number of jobs."""

    def jobs(output: str) -> dict[str, int]:
        counts = {}
        for line in output.split("Job stats:")[1].splitlines()[3:]:
            if not line.strip():
                break
            name, count = line.split()
            if name not in ("all", "sweep", "total"):
                counts[name] = int(count)
        return counts

    return jobs
