"""What every script does first: its messages go to the rule's log, its threads are the rule's threads, and an error is one sentence."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import torch

from editable_deepsc.networks.manifest import BUNDLED
from editable_deepsc.networks.weights import load_bundled, load_network


@contextmanager
def job(snakemake):
    """Run a script's body; on bad input, one sentence in the log and a non-zero exit without a traceback."""
    torch.set_num_threads(snakemake.threads)
    with open(snakemake.log[0], "w", buffering=1) as log:
        sys.stdout = sys.stderr = log
        try:
            yield
        except (ValueError, OSError) as error:
            print(f"{type(error).__name__}: {error}", file=log)
            sys.exit(1)
        finally:
            sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__


def network(path: str):
    """A network from its file; a bundled one is checked against the manifest."""
    path = Path(path)
    return load_bundled(path.stem) if path.parent == BUNDLED else load_network(path)
