"""What every script does first and last.

Its messages go to the rule's log, its threads are the rule's threads, its device is the one it was
given, its inputs are checked, an error is one sentence, and the provenance of every output is put
beside it.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import provenance
import torch

from editable_deepsc.networks.manifest import BUNDLED, sha256
from editable_deepsc.networks.weights import load_bundled, load_network

_published: dict[
    tuple[str, str], dict
] = {}  # (role, path) -> format and sizes, of the published files among this job's inputs


@dataclass(frozen=True)
class Job:
    """``device``: for every network and tensor. ``checkpoint``: stem of the files that a killed job
    continues from; they lie beside the first output, belong to exactly this job (see
    :func:`provenance.fingerprint`) and are removed when the output is whole.
    ``timing``: what the job measures; it goes into the provenance, since a time in an output would
    make it differ from run to run.
    """

    device: torch.device
    checkpoint: Path
    timing: dict[str, float] = field(default_factory=dict)


def keep_freed_memory() -> None:
    """Let freed tensors' memory stay with the process (glibc only; elsewhere nothing happens).

    By default malloc gives large blocks back at once, and the next tensor faults its pages in
    again, one by one: a fifth of an inversion at 128 pixels, a twentieth at 64.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(-4, 0)  # M_MMAP_MAX: no block of its own for a large tensor
        mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD


@contextmanager
def job(snakemake) -> Iterator[Job]:
    """Run a script's body; on bad input, one sentence in the log and a non-zero exit without a
    traceback.
    """
    start = time.perf_counter()
    keep_freed_memory()
    # The rule fixes the number of threads, not the machine: sums of floats depend on how they are
    # split.
    torch.set_num_threads(snakemake.threads)
    torch.use_deterministic_algorithms(
        True, warn_only=torch.cuda.is_available()
    )  # on a GPU some have no such form: the log names them
    torch.utils.deterministic.fill_uninitialized_memory = (
        False  # dear, and nothing here reads what it has not written
    )
    config = snakemake.config
    entries = config["networks"] | config["datasets"].get(
        snakemake.wildcards.get("dataset"), {}
    ).get("networks", {})
    for role, entry in entries.items():
        if isinstance(entry, dict) and role in snakemake.input.keys():
            _published[role, entry["path"]] = entry | {
                "sha256": config.get("files", {}).get(entry["path"], {}).get("sha256")
            }
    with open(snakemake.log[0], "w", buffering=1) as log:
        sys.stdout = sys.stderr = log
        try:
            outputs = [Path(path) for path in snakemake.output]
            for output in outputs:
                provenance.beside(output).unlink(missing_ok=True)
            inputs = provenance.checked(snakemake.input)
            with given_device(wants_gpu=snakemake.resources.get("gpu", 0) > 0) as device:
                facts = provenance.of_job(
                    snakemake,
                    inputs,
                    torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
                )
                this = Job(
                    device,
                    outputs[0].with_name(
                        f"{outputs[0].name}.{provenance.fingerprint(facts)}.checkpoint"
                    ),
                )
                outputs[0].parent.mkdir(parents=True, exist_ok=True)
                yield this
            for output in outputs:
                provenance.write(output, facts, time.perf_counter() - start, this.timing)
            for leftover in outputs[0].parent.glob(
                f"{outputs[0].name}.*.checkpoint*"
            ):  # those of earlier configs too
                leftover.unlink()
        except (ValueError, OSError) as error:
            print(f"{type(error).__name__}: {error}", file=log)
            sys.exit(1)
        finally:
            sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__


@contextmanager
def given_device(wants_gpu: bool) -> Iterator[torch.device]:
    """The GPU that a job was given, or the CPU: for a CPU rule, and where there is no GPU.

    SLURM shows a job only its own devices. On one machine all jobs see all of them, so each takes a
    lock on one and
    waits where all are taken: whatever number of jobs Snakemake starts, a GPU has one.
    """
    if not wants_gpu or not torch.cuda.is_available():
        yield torch.device("cpu")
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # deterministic matrix products
    if "SLURM_JOB_ID" in os.environ:
        yield torch.device("cuda", 0)
        return
    names = [
        str(torch.cuda.get_device_properties(i).uuid) for i in range(torch.cuda.device_count())
    ]
    locks = [
        open(Path(tempfile.gettempdir(), f"editable-deepsc-gpu-{name}.lock"), "w") for name in names
    ]
    try:
        index = _first_free(locks)
        torch.cuda.set_device(index)
        yield torch.device("cuda", index)
    finally:
        for lock in locks:
            lock.close()


def _first_free(locks: list) -> int:
    """Index of the first lock file that nobody holds, now held by this process; waits for one."""
    while True:
        for index, lock in enumerate(locks):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return index
            except BlockingIOError:
                continue
        time.sleep(1)


def _read_published(path: str, format: str, sizes: dict) -> torch.nn.Module:
    """A published file as its format says; the judges' networks are known to the evaluation, all
    others to the networks.
    """
    from editable_deepsc.networks import published

    if format in published.FORMATS or not format.startswith(("lpips-", "inception")):
        return published.read(path, format, **sizes)
    from editable_deepsc.evaluation.published import published_inception, published_lpips

    return (
        published_inception(path)
        if format == "inception"
        else published_lpips(path, format.removeprefix("lpips-"))
    )


def network(path: str, device: torch.device | str = "cpu", role: str | None = None):
    """A network from its file; a bundled one is checked against the manifest, a published one is
    read as its ``format`` in the config.

    ``role`` is needed where a job reads two networks from one published file.
    """
    entries = [
        entry for (r, p), entry in _published.items() if p == str(path) and role in (None, r)
    ]
    if entries:
        entry = entries[0]
        if entry["sha256"] and not sha256(path).startswith(entry["sha256"]):
            raise ValueError(
                (
                    f"weights: {path} does not have the SHA-256 under files in the config "
                    "(truncated or altered); fetch it again"
                )
            )
        return _read_published(path, entry["format"], entry.get("sizes", {})).to(device)
    path = Path(path)
    return (load_bundled(path.stem) if path.parent == BUNDLED else load_network(path)).to(device)
