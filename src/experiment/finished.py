"""Which finished results no longer fit, by what is in them and not by their times.

Before the first job, every output that exists is compared with its provenance
(:mod:`experiment.provenance`): it must lie where it was made, be what its job wrote, and its job
must still have the same parameters, the same inputs, byte for byte, and the same code, as far as
its script uses it (:mod:`experiment.source`). What does not fit is made again; a file that was
moved in from another place is refused. What fits stays, wherever the folder was copied to and
whatever the times of its files are.

Snakemake's own record of parameters, inputs and code is not asked: it is lost with the folder
.snakemake, and also says of a job that failed that its old outputs are up to date.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from editable_deepsc.networks.manifest import sha256

from .provenance import provenance_path

ALL = frozenset({"params", "input", "code"})  # what may make a result again
KNOWN = Path(".snakemake/digests.json")
DigestOf = Callable[[str], str]
SHOWN = 6  # kinds of misfits that are told


class Digests:
    """SHA-256 of files, remembered in ``store`` as long as size and time of a file stay."""

    def __init__(self, store: Path = KNOWN):
        self.store, self.changed = store, False
        try:
            self.known: dict[str, list] = json.loads(store.read_text())
        except (OSError, ValueError):
            self.known = {}

    def of(self, path: str | Path) -> str:
        at = os.stat(path)
        size, time, digest = self.known.get(str(path), (None, None, ""))
        if (size, time) != (at.st_size, at.st_mtime_ns):
            digest = sha256(Path(path))
            self.known[str(path)] = [at.st_size, at.st_mtime_ns, digest]
            self.changed = True
        return digest

    def touch(self, path: str | Path, time_ns: int) -> None:
        """Give a file another time, if it may be had; its digest stays known."""
        digest = self.of(path)
        with suppress(OSError):
            os.utime(path, ns=(time_ns, time_ns))
            self.known[str(path)] = [os.stat(path).st_size, os.stat(path).st_mtime_ns, digest]
            self.changed = True

    def save(self) -> None:
        if self.changed:
            with suppress(OSError):
                self.store.parent.mkdir(parents=True, exist_ok=True)
                temporary = self.store.with_suffix(f".{os.getpid()}")
                temporary.write_text(json.dumps(self.known))
                os.replace(temporary, self.store)


@cache
def known_digests() -> Digests:
    """Those of this process."""
    return Digests()


@dataclass(frozen=True)
class Plan:
    """A job as it would run now. ``inputs``: those that count, so none that are ``ancient``;
    ``code``: :func:`experiment.source.code_digest` of its script.
    """

    rule: str
    wildcards: Mapping[str, str]
    params: Mapping[str, Any]
    inputs: Iterable[str]
    outputs: Iterable[str]
    code: str | None


def misfit(plan: Plan, digest: DigestOf, triggers: Iterable[str] = ALL) -> str | None:
    """Why the outputs of a job that exist must be made again; None where they fit.

    ``digest``: SHA-256 of a file, such as :meth:`Digests.of`. ``triggers``: of what it may be, some
    of ``ALL``. ``ValueError`` where one was made elsewhere.
    """
    told: dict = {}
    for path in filter(os.path.exists, plan.outputs):
        try:
            told = json.loads(provenance_path(path).read_text())
            made_as, wrote = told["output"], told["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            return "without provenance"
        if made_as != path or told["wildcards"] != dict(plan.wildcards):
            raise ValueError(
                f"data: {path} was made as {made_as} and moved or copied here; move it back, or "
                f"delete it and {provenance_path(path).name} to have it made"
            )
        if digest(path) != wrote:
            return "altered since they were made"
    if not told:
        return None
    if told["rule"] != plan.rule:
        return f"made by another rule, {told['rule']}"
    if "params" in triggers:
        now, before = as_json(plan.params), told["params"]
        other = [name for name in sorted({*now, *before}) if now.get(name) != before.get(name)]
        if other:
            return f"made with other parameters ({', '.join(other)})"
    if "input" in triggers:
        other = other_inputs(told["inputs"], plan.inputs, digest)
        if other:
            return f"made of other inputs ({', '.join(other)})"
    # of results of earlier versions it is not known
    if "code" in triggers and told.get("code", plan.code) != plan.code:
        return "made by other code"
    return None


def as_json(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as a provenance has them: 1 is 1.0 there, and the order of keys is none."""
    return json.loads(json.dumps(dict(params), default=str))


def other_inputs(before: Mapping[str, str], now: Iterable[str], digest: DigestOf) -> list[str]:
    """Names of the inputs that are not what they were, at most three; missing ones say nothing.

    Absolute paths, such as those of the bundled networks, count by their last part: they are others
    on another machine.
    """
    paths = set(now)  # a job may take one file under several names
    missing = {_place(path) for path in paths if not os.path.exists(path)}
    current = Counter((_place(p), digest(p)) for p in paths if os.path.exists(p))
    recorded = Counter(
        (_place(path), was) for path, was in before.items() if _place(path) not in missing
    )
    changed = (current - recorded) + (recorded - current)
    return sorted({Path(place).name for place, _ in changed})[:3]


def _place(path: str) -> str:
    return os.path.basename(path) if os.path.isabs(path) else os.path.normpath(path)


def summary(misfits: Mapping[str, str]) -> list[str]:
    """Lines for the user: what does not fit any more. ``misfits``: an output of a job -> why."""
    kinds = Counter(misfits.values())
    first = {why: path for path, why in reversed(misfits.items())}
    lines = [
        f"stale: {count} result{'s' * (count > 1)} {why}, made again: {first[why]}"
        + " and others" * (count > 1)
        for why, count in kinds.most_common(SHOWN)
    ]
    rest = len(kinds) - SHOWN
    return lines + [f"stale: and {rest} other reasons"] * (rest > 0)
