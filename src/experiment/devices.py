"""The device of a job: a GPU where one works, else the CPU, and why; one job at a time on each GPU.

``device`` in the config: ``auto`` takes a GPU where one works and says why where none does,
``cuda`` stops without one, ``cpu`` never looks.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from .no_gpu import auto_sentence, cuda_sentence, why_no_gpu

APPLE = "device: Apple's GPU (MPS), on which this project is untested; `device: cpu` avoids it"


@contextmanager
def given_device(wants_gpu: bool, wanted: str = "auto") -> Iterator[torch.device]:
    """The device of a job. ``wants_gpu``: the rule runs a network. ``wanted``: of the config.

    SLURM shows a job only its own devices. On one machine all jobs see all of them, so each takes a
    lock on one and waits where all are taken: a GPU never has two jobs of a user. ``ValueError``
    where ``cuda`` was asked for and does not work.
    """
    if not wants_gpu or wanted == "cpu":
        yield torch.device("cpu")
        return
    reason = why_not_here()
    if reason is not None and wanted == "cuda":
        raise ValueError(cuda_sentence(reason))
    if reason is not None:
        print(auto_sentence(reason))
        yield torch.device("cpu")
    elif not torch.cuda.is_available():
        print(APPLE)
        yield torch.device("mps")
    elif "SLURM_JOB_ID" in os.environ:
        yield torch.device("cuda", 0)
    else:
        with locked_gpu() as index:
            torch.cuda.set_device(index)
            yield torch.device("cuda", index)


def why_not_here() -> str | None:
    """Why no GPU works in this process, as the end of a sentence; None where one does."""
    if torch.backends.mps.is_available():
        return None
    reason = why_no_gpu()
    if reason is not None:
        return reason
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # deterministic matrix products
    try:
        torch.ones(1, device="cuda").add_(1).item()
    except (RuntimeError, AssertionError) as error:
        return f"PyTorch cannot compute on the GPU ({str(error).splitlines()[0]})"
    return None


@contextmanager
def locked_gpu() -> Iterator[int]:
    """Index of a GPU that no other job of this user has, waited for where all are taken."""
    names = [
        str(torch.cuda.get_device_properties(i).uuid) for i in range(torch.cuda.device_count())
    ]
    folder = lock_folder()
    locks = [open(folder / f"gpu-{name}.lock", "w") for name in names]
    try:
        yield first_free(locks)
    finally:
        for lock in locks:
            lock.close()


def lock_folder() -> Path:
    """A folder for this user's locks, the same for all of his jobs, that nobody else writes to.

    The temporary folder may be shared: what another user has put there under our name is left
    alone.
    """
    user = os.getuid()
    places = [Path(tempfile.gettempdir(), f"editable-deepsc-{user}")]
    if "XDG_RUNTIME_DIR" in os.environ:
        places.append(Path(os.environ["XDG_RUNTIME_DIR"], "editable-deepsc"))
    places.append(Path(".snakemake/gpus"))  # at least the jobs of this run do not meet
    for place in places:
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        found = place.lstat()
        if place.is_dir() and not place.is_symlink() and found.st_uid == user:
            return place
    raise ValueError(
        f"device: no folder for the locks of GPUs could be made ({', '.join(map(str, places))}); "
        "set TMPDIR to a folder that you can write to"
    )


def first_free(locks: list) -> int:
    """Index of the first lock file that nobody holds, now held by this process; waits for one."""
    while True:
        for index, lock in enumerate(locks):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return index
            except BlockingIOError:
                continue
        time.sleep(1)
