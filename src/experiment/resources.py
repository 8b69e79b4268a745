"""Which job goes first, and the memory and time that it asks of a cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .config import Experiment

MIB = 2**20
BASE_MB = 3000  # Python, PyTorch with CUDA, and the packages of the judges
ARRAY_BYTES = 40  # of every pixel of every image, see resources_of
EMBEDDED_BYTES = 32 * 1000  # of every pixel: a batch of 32 in an embedded generator
PUBLISHED_BYTES = 2 * 2506  # of every pixel: one image in a published generator, in float32
PUBLISHED_MB = 220  # its weights, and a step's copies of them

CPU_SECONDS = 4.0  # an inversion at 64 pixels, on one thread: 1.8 measured
GPU_SECONDS = {128: 2 * 8.2, 1024: 2 * 12.3}  # an inversion and the edit: the paper's, twice


def released_inversions(experiment: Experiment) -> int:
    """An inversion of Talk-to-Edit as released, in those of :func:`inversion_seconds`.

    On the paper's GPU a whole edit took 29 s instead of 8.2; on one thread of a processor an
    inversion took 25 to 50 s at 64 pixels instead of 0.9 to 1.8.
    """
    return 4 if experiment.config.get("device") == "cuda" else 30


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
    *,
    inversions: float | Callable[[Any], float] = 0,
    split: str = "test",
    images: int | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Memory in MB and run time in minutes of a job, by the size of its data set.

    ``minutes``: whatever the data set; ``seconds_per_image``: at 64 pixels, and as the square of
    the side; ``inversions``: of every image. ``split``: where the job has no wildcard ``split``;
    ``images``: their number, where they are of no split. ``more``: other resources, as they are.

    Bounds, not estimates: a job that is stopped too early continues from its checkpoint, one that
    lacks memory starts again. Every attempt gets as much again. What they count:

    Memory. A pixel of an image is three colours, each of which a job holds as a byte (original,
    true edit, three draws of what was received) and as a float (original, received): 3 · (5 + 8)
    = 39 bytes. A batch of 32 in an embedded generator takes 32 kB a pixel. A published one takes
    220 MiB, and for one image ten values for each of its activations, 2,506 MiB at 1024 pixels in
    bfloat16 (:mod:`editable_deepsc.editing.memory`) and twice that in float32; on a processor with
    more memory, or on a GPU, more images go at once. A cell of 500 images of 1024 pixels: 29 GB.

    Time. An inversion took 1.8 s an image at 64 pixels on one thread, and takes as much for every
    pixel of a larger one; twice that is asked for. With ``device: cuda``, twice what the paper
    measured for a whole edit on its GPU, 8.2 s at 128 and 12.3 s at 1024 pixels, in between by the
    side: 500 images of 1024 pixels are 3.4 hours, and three draws of them 10.
    """

    def size(wildcards) -> tuple[int, int]:
        name = dataset_of(wildcards)
        entry = experiment.dataset(name)
        count = entry["images"].get(wildcards.get("split", split), 0) if images is None else images
        return count, entry["resolution"]

    def dataset_of(wildcards) -> str:
        name = wildcards.get("dataset")
        return name if name in experiment.config["datasets"] else experiment.main

    def mem_mb(wildcards, attempt: int) -> int:
        count, resolution = size(wildcards)
        published = experiment.published(dataset_of(wildcards), "generator")
        network = (
            (PUBLISHED_MB * MIB + PUBLISHED_BYTES * resolution**2)
            if published
            else EMBEDDED_BYTES * resolution**2
        )
        return attempt * (BASE_MB + (ARRAY_BYTES * count * resolution**2 + network) // 10**6)

    def runtime(wildcards, attempt: int) -> int:
        count, resolution = size(wildcards)
        on_gpu = experiment.config.get("device") == "cuda" and "gpu" in more
        times = inversions(wildcards) if callable(inversions) else inversions
        seconds = times * inversion_seconds(resolution, on_gpu)
        # the rest is passes over pixels; that a GPU makes a hundred times as many is assumed
        seconds += seconds_per_image * (resolution / 64) ** 2 / (100 if on_gpu else 1)
        return attempt * (minutes + round(seconds * count / 60))

    return {"mem_mb": mem_mb, "runtime": runtime, **more}


def inversion_seconds(resolution: int, on_gpu: bool) -> float:
    """Seconds that the inversion of an image may take; see :func:`resources_of` for the count."""
    if not on_gpu:
        return CPU_SECONDS * (resolution / 64) ** 2
    (small, low), (large, high) = GPU_SECONDS.items()
    return max(low, low + (high - low) * (resolution - small) / (large - small))
