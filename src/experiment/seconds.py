"""Measured times as declared outputs: small files that later jobs take as inputs.

A time differs from run to run, so it is in no other output, which must not.
"""

from __future__ import annotations

import json
from pathlib import Path

from editable_deepsc.data.storage import whole

CIRCUMSTANCES = ("threads", "device", "processor")  # of the facts of a job, see provenance


def write_seconds(path: str | Path, seconds_per_image: float, facts: dict) -> None:
    """Write what a job took, and what it ran on (``facts``, see ``experiment.job.Job``)."""
    told = {"seconds_per_image": seconds_per_image} | {key: facts[key] for key in CIRCUMSTANCES}
    with whole(Path(path)) as temporary:
        temporary.write_text(json.dumps(told) + "\n")


def read_seconds(path: str | Path) -> dict:
    """``seconds_per_image``, ``threads``, ``device`` and ``processor`` of a job."""
    return json.loads(Path(path).read_text())
