"""What an output was made of, in a file beside it: OUTPUT.provenance.json.

It holds the rule, its wildcards and parameters (the part of the config that the job sees, seeds
included), the SHA-256 of every input and of the output, of the code, the git commit, versions and
the device. Two tables differ? Compare their provenance, then that of the first input whose SHA-256
differs. Time, node and timings are in there as well, and in no output.

The SHA-256 of an output is also what a reader checks it by: a file that is not what its job wrote
is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

import editable_deepsc
from editable_deepsc.data.storage import whole
from editable_deepsc.networks.manifest import sha256

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


def beside(output: str | Path) -> Path:
    """Where an output's provenance is."""
    return Path(f"{output}.provenance.json")


def read(output: str | Path) -> dict:
    """The provenance of a file that the workflow wrote."""
    try:
        return json.loads(beside(output).read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise ValueError(
            (
                f"data: {output} has no readable provenance beside it ({error}); delete it and "
                "run again"
            )
        ) from None


def checked(paths) -> dict[str, str]:
    """Path -> SHA-256 of input files; ``ValueError`` where one is not what the job that wrote it
    left behind.
    """
    digests = {str(path): sha256(path) for path in paths}
    for path, digest in digests.items():
        if beside(path).exists() and read(path)["sha256"] != digest:
            raise ValueError(
                (
                    f"data: {path} is not what its job wrote (truncated or altered since); "
                    "delete it and run again"
                )
            )
    return digests


def source_code() -> str:
    """One SHA-256 over the package's and the workflow's Python files: the git commit does not know
    of local changes.
    """
    total = hashlib.sha256()
    for root in (Path(editable_deepsc.__file__).parent, Path(__file__).parent):
        for path in sorted(root.rglob("*.py")):
            total.update(path.read_bytes())
    return total.hexdigest()


def versions() -> dict[str, str]:
    """Of Python and of the packages that decide a number."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def of_job(snakemake, inputs: dict[str, str], device: str) -> dict:
    """What decides a job's result. ``inputs``: path -> SHA-256."""
    return {
        "rule": snakemake.rule,
        "wildcards": dict(snakemake.wildcards.items()),
        "params": dict(snakemake.params.items()),
        "threads": snakemake.threads,
        "device": device,
        "inputs": inputs,
        "source_code": source_code(),
        "versions": versions(),
        "processor": _processor(),
    }


def fingerprint(facts: dict) -> str:
    """Twelve digits for :func:`of_job`: a checkpoint of another job is never continued from."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:12]


def write(output: str | Path, facts: dict, seconds: float, timing: dict) -> None:
    """Put an output's provenance beside it. ``seconds``: wall time of the job; ``timing``: what it
    measured.
    """
    circumstances = {
        "git_commit": _git_commit(),
        "node": platform.node(),
        "slurm_job": os.environ.get("SLURM_JOB_ID"),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seconds": round(seconds, 3),
        "timing": timing,
    }
    with whole(beside(output)) as path:
        path.write_text(
            json.dumps(
                {"output": str(output), "sha256": sha256(output)} | facts | circumstances,
                indent=1,
                default=str,
            )
            + "\n"
        )


def _git_commit() -> str | None:
    """The checkout's commit, with "-dirty" after it where files were changed; None outside a
    checkout.
    """
    run = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=40"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
    )
    return run.stdout.strip() or None


def _processor() -> str:
    """The processor's model: other models may round bfloat16 products otherwise."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )
