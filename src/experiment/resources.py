"""Which job goes first, and the memory and time that it asks of a cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .config import Experiment


def priority_of(experiment: Experiment, usual: int) -> Callable[[Any], int]:
    """Priority of a rule: ``usual``, and 100 more for what Table I and Figure 5 wait for.

    So the first table and the first pictures are there early in a long run.
    """

    def priority(wildcards) -> int:
        first = wildcards.get("dataset") == experiment.main
        return usual + 100 * (
            first and wildcards.get("snr", experiment.grid_snr) == experiment.grid_snr
        )

    return priority


def resources_of(
    experiment: Experiment,
    minutes: int,
    seconds_per_image: float = 0.0,
    split: str = "test",
    **more: Any,
) -> dict[str, Any]:
    """Memory in MB and run time in minutes of a job, by the size of its data set.

    Bounds, not estimates: a job that is stopped too early continues from its checkpoint, one that
    lacks memory starts again. Every attempt gets as much again. ``minutes``: whatever the data
    set; ``seconds_per_image``: at 64 pixels, and as the square of the side. ``split``: where the
    job has no wildcard ``split``. ``more``: other resources, as they are.
    """

    def size(wildcards) -> tuple[int, int]:
        name = wildcards.get("dataset")
        name = name if name in experiment.config["datasets"] else experiment.main
        entry = experiment.dataset(name)
        return entry["images"].get(wildcards.get("split", split), 0), entry["resolution"]

    def mem_mb(wildcards, attempt: int) -> int:
        images, resolution = size(wildcards)
        # arrays, and a batch of 32 in the generator
        return attempt * (3000 + resolution**2 * (40 * images + 32_000) // 10**6)

    def runtime(wildcards, attempt: int) -> int:
        images, resolution = size(wildcards)
        return attempt * (minutes + round(seconds_per_image * images * (resolution / 64) ** 2 / 60))

    return {"mem_mb": mem_mb, "runtime": runtime, **more}
