"""A copy of the workflow in a folder of its own, for trials that start, stop and damage it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Replacement:
    """A change of one of the copy's text files; a call makes it and returns what takes it back.

    A test asks whether the texts are still there, so that no trial finds out after minutes.
    """

    name: str
    old: str
    new: str

    def __call__(self, work: Workflow) -> Callable[[], object]:
        path = work.folder / self.name
        text = path.read_text()
        if text.count(self.old) != 1:
            sys.exit(f"{self.name} has not one {self.old!r}; adapt the trial")
        path.write_text(text.replace(self.old, self.new))
        return lambda: path.write_text(text)


class Workflow:
    """A copy of the workflow in a folder of its own, and ways to start and stop it."""

    def __init__(self, folder: Path, overlays: Iterable[str | Path], cores: int):
        self.folder, self.cores = folder, cores
        whole, paths = folder.resolve(), [Path(path).resolve() for path in overlays]
        # those in the folder go with it when it is renamed
        self.overlays = [
            str(path.relative_to(whole) if path.is_relative_to(whole) else path) for path in paths
        ]
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "Snakefile").exists():
            for name in ("Snakefile", "config.yaml"):
                shutil.copy(ROOT / name, folder)
            for name in ("workflow", "src"):  # the library too: trials change it
                shutil.copytree(ROOT / name, folder / name)

    def start(self, *options: str, target: str = "sweep") -> subprocess.Popen:
        command = [
            sys.executable,
            "-m",
            "snakemake",
            "--cores",
            str(self.cores),
            "--show-failed-logs",
            "--rerun-incomplete",
            *options,
            "--configfile",
            *self.overlays,
            "--",
            target,
        ]
        environment = os.environ | {"PYTHONPATH": str(self.folder.resolve() / "src")}
        self.log = tempfile.TemporaryFile("w+")
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read()

    def run(self, *options: str, target: str = "sweep") -> tuple[int, str]:
        """Exit status and what was printed."""
        code = self.start(*options, target=target).wait()
        return code, self.said()

    def planned(self, *options: str, target: str = "sweep") -> dict[str, int]:
        """Rule -> number of jobs that would run."""
        code, said = self.run("-n", *options, target=target)
        if code:
            raise RuntimeError(said)
        return {
            rule: int(count)
            for rule, count in re.findall(r"^(\w+) +(\d+)$", said, re.MULTILINE)
            if rule not in ("total", target)
        }

    def locked(self) -> bool:
        return any((self.folder / ".snakemake/locks").glob("*"))

    def unlock(self) -> None:
        """As Snakemake advises after a kill."""
        if self.locked():
            self.run("--unlock")

    def finish(self) -> None:
        code, said = self.run()
        if code:
            sys.exit(f"torture: the workflow did not finish in {self.folder}:\n{said[-6000:]}")

    def tables(self) -> dict[str, bytes]:
        """Everything that must repeat byte for byte."""
        results = self.folder / "results"
        paths = [
            results / "metrics.csv",
            *results.glob("claims*"),
            *results.glob("tables/*"),
            *results.glob("edits/*/quality.csv"),
        ]
        return {
            str(p.relative_to(results)): p.read_bytes()
            for p in sorted(paths)
            if p.is_file() and not p.name.endswith(".provenance.json")
        }

    def one(self, pattern: str) -> Path:
        return sorted(self.folder.glob(f"results/{pattern}"))[0]
