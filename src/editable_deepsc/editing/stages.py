"""Seconds by stage: where a stage of a chain runs it says so, and a stopwatch, if one runs, adds
them up.

>>> with stopwatch() as seconds:
...     with stage("coding"):
...         pass
>>> list(seconds)
['coding']
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch

STAGES = ("inversion", "editing", "coding", "channel", "decoding", "generation")

_running: ContextVar[dict[str, float] | None] = ContextVar("stopwatch", default=None)
_inside: ContextVar[bool] = ContextVar("inside a stage", default=False)


@contextmanager
def stopwatch() -> Iterator[dict[str, float]]:
    """A dictionary that fills with seconds by stage until the block ends."""
    seconds: dict[str, float] = {}
    token = _running.set(seconds)
    try:
        yield seconds
    finally:
        _running.reset(token)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Count the block as ``name``, one of ``STAGES``; a stage inside another is part of that."""
    seconds = _running.get()
    if seconds is None or _inside.get():
        yield
        return
    token, start = _inside.set(True), _now()
    try:
        yield
    finally:
        _inside.reset(token)
        seconds[name] = seconds.get(name, 0.0) + _now() - start


def _now() -> float:
    """The clock, after a GPU has done what it was given."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()
