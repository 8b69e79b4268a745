"""What every script does first: its messages go to the rule's log, its threads are the rule's threads, and an error is one sentence."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import torch

from editable_deepsc.networks.manifest import BUNDLED, sha256
from editable_deepsc.networks.weights import load_bundled, load_network

_published: dict[tuple[str, str], dict] = {}  # (role, path) -> format and sizes, of the published files among this job's inputs


@contextmanager
def job(snakemake):
    """Run a script's body; on bad input, one sentence in the log and a non-zero exit without a traceback."""
    torch.set_num_threads(snakemake.threads)
    config = snakemake.config
    entries = config["networks"] | config["datasets"].get(snakemake.wildcards.get("dataset"), {}).get("networks", {})
    for role, entry in entries.items():
        if isinstance(entry, dict) and role in snakemake.input.keys():
            _published[role, entry["path"]] = entry | {"sha256": config.get("files", {}).get(entry["path"], {}).get("sha256")}
    with open(snakemake.log[0], "w", buffering=1) as log:
        sys.stdout = sys.stderr = log
        try:
            yield
        except (ValueError, OSError) as error:
            print(f"{type(error).__name__}: {error}", file=log)
            sys.exit(1)
        finally:
            sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__


def network(path: str, role: str | None = None):
    """A network from its file; a bundled one is checked against the manifest, a published one is read as its ``format`` in the config.

    ``role`` is needed where a job reads two networks from one published file.
    """
    entries = [entry for (r, p), entry in _published.items() if p == str(path) and role in (None, r)]
    if entries:
        from editable_deepsc.networks import published

        entry = entries[0]
        if entry["sha256"] and sha256(path) != entry["sha256"]:
            raise ValueError(f"weights: {path} does not have the SHA-256 under files in the config (truncated or altered); fetch it again")
        return published.read(path, entry["format"], **entry.get("sizes", {}))
    path = Path(path)
    return load_bundled(path.stem) if path.parent == BUNDLED else load_network(path)
