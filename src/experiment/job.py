"""What every script does first and last.

Messages go to the log of the rule, threads and device are those that the job was given, inputs are
checked, an error is one sentence, and every output gets its provenance.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from editable_deepsc.editing.compiled import choose_compiled, compiled_ran
from editable_deepsc.networks.allocator import keep_freed_memory
from editable_deepsc.networks.manifest import sha256
from editable_deepsc.networks.precision import choose_precision, precision

from .config import Experiment, published_files
from .devices import given_device
from .finished import Plan, misfit
from .inputs import read_network
from .parts import Part, has_parts, parts_of
from .provenance import (
    checked_digests,
    facts_of_job,
    fingerprint,
    read_provenance,
    write_provenance,
)


@dataclass(frozen=True)
class Job:
    """A job that runs.

    ``device``: for every network and tensor. ``checkpoint``: stem of the files that a killed job
    continues from; they lie next to the first output, belong to exactly this job and are removed
    when the outputs are whole. ``facts``: see :func:`experiment.provenance.facts_of_job`.
    ``inputs``: the input files, by name. ``published``: role -> path, format, sizes and, where
    known, ``sha256`` of those of the networks that are published files (``digits``: of each).
    ``parts``: those of its parts (:mod:`experiment.parts`) that are to be made. What was written
    for one has its provenance before the next one comes.
    """

    device: torch.device
    checkpoint: Path
    facts: dict
    inputs: Any
    published: dict[str, dict]
    parts: Iterable[Part] = ()

    def network(self, name: str) -> nn.Module:
        """The network in the input of this name, frozen, on the device of the job."""
        path = self.inputs[name]
        entry = self.published.get(name)
        is_published = entry is not None and entry["path"] == path
        return read_network(path, entry if is_published else None).to(self.device)


@contextmanager
def job(snakemake) -> Iterator[Job]:
    """Run the body of a script with what Snakemake gives it.

    Bad input (``ValueError``, ``OSError``) becomes one sentence in the log and exit status 1,
    without a traceback.
    """
    start = time.perf_counter()
    keep_freed_memory()
    compute_the_same_everywhere(snakemake.threads)
    choose_precision(snakemake.config["precision"])
    choose_compiled(snakemake.config.get("compiled", False))
    with open(snakemake.log[0], "w", buffering=1) as log:
        sys.stdout = sys.stderr = log
        try:
            outputs = [Path(path) for path in snakemake.output]
            outputs[0].parent.mkdir(parents=True, exist_ok=True)
            before = {str(output): when_written(output) for output in outputs}
            digests = checked_digests(snakemake.input)
            wants_gpu = snakemake.resources.get("gpu", 0) > 0
            with given_device(wants_gpu, snakemake.config.get("device", "auto")) as device:
                gpu = device.type == "cuda"
                name = torch.cuda.get_device_name(device) if gpu else "cpu"
                facts = facts_of_job(snakemake, digests, name, str(precision(device)))
                stem = f"{outputs[0].name}.{fingerprint(facts)}.checkpoint"
                done: set[str] = set()
                yield Job(
                    device,
                    outputs[0].with_name(stem),
                    facts,
                    snakemake.input,
                    published_networks(snakemake),
                    parts_to_make(snakemake, facts, before, done),
                )
            rest = [path for path in before if path not in done]
            if rest and has_parts(snakemake.params):
                raise ValueError(f"{snakemake.rule}: a part was left out, {rest[0]}; report this")
            finish(rest, before, facts, time.perf_counter() - start)
            # those of earlier configs too
            for leftover in outputs[0].parent.glob(f"{outputs[0].name}.*.checkpoint*"):
                leftover.unlink()
        except (ValueError, OSError) as error:
            print(f"{type(error).__name__}: {error}", file=log)
            sys.exit(1)
        except torch.OutOfMemoryError as error:
            line = str(error).splitlines()[0]
            print(f"OutOfMemoryError: {line}; set device: cpu, or lower the batch", file=log)
            sys.exit(1)
        finally:
            sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__


def parts_to_make(
    snakemake, facts: dict, before: Mapping[str, object], done: set[str]
) -> Iterator[Part]:
    """The parts of a job whose outputs are missing or do not fit; ``done`` gets all outputs."""
    inputs = facts["inputs"]
    for part in parts_of(
        snakemake.params, dict(snakemake.wildcards.items()), snakemake.input, snakemake.output
    ):
        own = facts | {
            "wildcards": part.wildcards,
            "inputs": {path: inputs[path] for path in map(str, part.inputs)},
        }
        if has_parts(snakemake.params) and fits(part, own):
            print(f"{part.outputs[0]}: made before")
        else:
            start = time.perf_counter()
            yield part
            finish(part.outputs, before, own, time.perf_counter() - start)
        done.update(part.outputs)


def fits(part: Part, facts: dict) -> bool:
    """Whether a part was made, of what it would be made of now, and with the same packages: they
    may be why Snakemake runs the job.
    """
    plan = Plan(
        facts["rule"],
        part.wildcards,
        facts["params"],
        part.inputs,
        part.outputs,
        facts["code"],
    )

    def digest(path: str) -> str:
        return facts["inputs"].get(path) or sha256(Path(path))

    made = all(map(os.path.exists, part.outputs)) and misfit(plan, digest) is None
    return made and all(
        read_provenance(path)["versions"] == facts["versions"] for path in part.outputs
    )


def finish(
    outputs: Iterable[str], before: Mapping[str, object], facts: dict, seconds: float
) -> None:
    """Give outputs their provenance; ``ValueError`` where one was not written."""
    for output in outputs:
        if when_written(Path(output)) == before[output]:
            raise ValueError(f"{facts['rule']}: {output} was not written; report this")
        write_provenance(output, facts | {"compiled": compiled_ran()}, seconds)


def when_written(path: Path) -> tuple[int, int] | None:
    """What changes when a file is written; an old output lies there until the new one does."""
    return (path.stat().st_ino, path.stat().st_mtime_ns) if path.exists() else None


def compute_the_same_everywhere(threads: int) -> None:
    """Deterministic algorithms, and as many threads as the rule says.

    Sums of floats depend on how they are split, so the machine must not choose the threads. On a
    GPU some operations have no deterministic form: the log names them.
    """
    torch.set_num_threads(threads)
    # what torch.use_deterministic_algorithms does, without its import of the compiler: a second
    torch.set_deterministic_debug_mode("warn" if torch.cuda.is_available() else "error")
    # expensive, and nothing here reads what it has not written
    torch.utils.deterministic.fill_uninitialized_memory = False


def published_networks(snakemake) -> dict[str, dict]:
    """Role -> entry of those of the networks of a job that are published files."""
    experiment, name = Experiment(snakemake.config), snakemake.wildcards.get("dataset")
    known = name in experiment.config["datasets"]
    entries = experiment.network_entries(name) if known else experiment.config["networks"]
    files = experiment.config.get("files", {})

    def digits(path: str) -> str | None:
        return files.get(path, {}).get("sha256")

    return {
        role: entry
        | {
            "sha256": digits(entry["path"]),
            "digits": {path: digits(path) for path in published_files(entry)},
        }
        for role, entry in entries.items()
        if isinstance(entry, dict)
    }
