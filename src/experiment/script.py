"""What every script imports before anything else: :func:`job`.

A run has some 250 short jobs. What is saved here at their beginning and end was a third of the time
of one that judges a cell.
"""

from editable_deepsc.networks.allocator import collect_rarely

collect_rarely()  # before PyTorch is imported

import os  # noqa: E402
import sys  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from contextlib import contextmanager  # noqa: E402

from .job import Job  # noqa: E402
from .job import job as running  # noqa: E402


@contextmanager
def job(snakemake) -> Iterator[Job]:
    """:func:`experiment.job.job`; a script that Snakemake runs ends here, at once.

    All is written and closed then. Python would take up to a second to give back, one by one, what
    goes with the process anyhow.
    """
    with running(snakemake) as this:
        yield this
    if getattr(sys.modules["__main__"], "snakemake", None) is snakemake:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
