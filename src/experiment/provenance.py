"""What an output was made of, in a file next to it: OUTPUT.provenance.json.

It holds the rule, its wildcards and parameters (the part of the config that the job sees, seeds
included), the SHA-256 of every input and of the output, of the code, the git commit, versions and
the device. Two tables differ? Compare their provenance, then that of the first input whose SHA-256
differs. The time of the job, its end and the node are in there as well, and in no output.

The SHA-256 of an output is also what a reader checks it by: a file that is not what its job wrote
is refused. What a later job computes with is never read from here: it is an output.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

import editable_deepsc
from editable_deepsc.data.storage import whole
from editable_deepsc.networks.manifest import sha256

from .parts import params_of_part
from .source import code_digest, reads_published

PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "pandas",
    "snakemake",
    "lpips",
    "torch-fidelity",
    "pytorch-msssim",
)

PREAMBLE_END = "snakemake preamble end #########\n"


def provenance_path(output: str | Path) -> Path:
    """Where the provenance of an output is."""
    return Path(f"{output}.provenance.json")


def read_provenance(output: str | Path) -> dict:
    """The provenance of a file that the workflow wrote; ``ValueError`` where it is unreadable."""
    try:
        return json.loads(provenance_path(output).read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise ValueError(
            f"data: {output} has no readable provenance beside it ({error}); "
            "delete it and run again"
        ) from None


def jobs_behind(paths: Iterable[str | Path]) -> list[dict]:
    """The provenance of every job that these files come from, directly or not, once each.

    Files that no job wrote, such as the bundled networks, have none.
    """
    jobs: dict[tuple, dict] = {}
    waiting, seen = [str(path) for path in paths], set()
    while waiting:
        path = waiting.pop()
        if path in seen or not provenance_path(path).exists():
            continue
        seen.add(path)
        told = read_provenance(path)
        jobs[told["rule"], *sorted(told["wildcards"].items())] = told
        waiting += told["inputs"]
    return list(jobs.values())


def checked_digests(paths: Iterable[str | Path]) -> dict[str, str]:
    """Path -> SHA-256 of input files.

    ``ValueError`` where one is not what the job that wrote it left behind.
    """
    digests = {str(path): sha256(Path(path)) for path in paths}
    for path, digest in digests.items():
        if provenance_path(path).exists() and read_provenance(path)["sha256"] != digest:
            raise ValueError(
                f"data: {path} is not what its job wrote (truncated or altered since); "
                "delete it and run again"
            )
    return digests


@cache
def source_code() -> str:
    """One SHA-256 over the Python files of library and experiment.

    The git commit does not know of local changes.
    """
    total = hashlib.sha256()
    for root in (Path(editable_deepsc.__file__).parent, Path(__file__).parent):
        for path in sorted(root.rglob("*.py")):
            total.update(path.read_bytes())
    return total.hexdigest()


def script_code(scripts: str | Path, published: bool) -> str | None:
    """One SHA-256 over what the script that runs uses; None where no script runs.

    ``published``: with the readers of published networks.

    Snakemake runs a copy, by the name tmpXYZ.NAME.py: its source lies in ``scripts``, or, where
    the workflow was fetched from a git host, only in this copy, behind Snakemake's own lines.
    """
    copy = Path(sys.argv[0])
    path = Path(scripts, copy.name.partition(".")[2])
    if path.is_file():
        return code_digest(path, published)
    text = copy.read_text(encoding="utf-8") if copy.is_file() else ""
    _, fetched, text = text.partition(PREAMBLE_END)
    if not fetched:
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".py", encoding="utf-8") as source:
        source.write(text)
        source.flush()
        return code_digest(source.name, published)


def versions() -> dict[str, str]:
    """Of Python and of the packages that decide a number."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def facts_of_job(snakemake, inputs: dict[str, str], device: str, precision: str) -> dict:
    """What decides the result of a job. ``inputs``: path -> SHA-256."""
    return {
        "rule": snakemake.rule,
        "wildcards": dict(snakemake.wildcards.items()),
        "params": params_of_part(snakemake.params),
        "threads": snakemake.threads,
        "device": device,
        "precision": precision,  # that networks compute in where they are trained or inverted
        "compiled": snakemake.config.get("compiled", False),  # what is wanted, not what ran
        "inputs": inputs,
        "code": script_code(snakemake.scriptdir, reads_published(inputs)),
        "versions": versions(),
        "processor": processor(),
    }


def fingerprint(facts: dict) -> str:
    """Twelve digits for such as :func:`facts_of_job`: no work goes on from another's checkpoint."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:12]


def write_provenance(output: str | Path, facts: dict, seconds: float) -> None:
    """Put the provenance of an output next to it. ``seconds``: wall time of the job."""
    told = {"output": str(output), "sha256": sha256(Path(output))} | facts
    told |= {
        "git_commit": git_commit(),
        "source_code": source_code(),
        "node": platform.node(),
        "slurm_job": os.environ.get("SLURM_JOB_ID"),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seconds": round(seconds, 3),
    }
    with whole(provenance_path(output)) as path:
        path.write_text(json.dumps(told, indent=1, default=str) + "\n")


def git_commit() -> str | None:
    """The commit of the checkout, "-dirty" after it where files were changed; else None."""
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
        )
    except OSError:  # no git on this machine
        return None
    return run.stdout.strip() or None


def processor() -> str:
    """Model of the processor: another model may round bfloat16 products in another way."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
