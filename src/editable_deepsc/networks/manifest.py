"""What ships with the package: which files, and what they should be. No torch needed to ask."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ..data.text_files import not_a_file, shown

BUNDLED = Path(__file__).parents[1] / "weights"


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file; ``ValueError`` for what is none and would never end."""
    reason = not_a_file(Path(path))
    if reason and reason != "does not exist":
        raise ValueError(f"weights: {shown(path)} {reason}; give the path of a file")
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(folder: Path = BUNDLED) -> dict[str, Any]:
    """The whole of ``manifest.json``."""
    return json.loads((folder / "manifest.json").read_text())


def manifest(folder: Path = BUNDLED) -> dict[str, dict]:
    """The bundled networks: name -> file, sha256, bytes, recipe, seed, training images, held-out
    figures.
    """
    return read_manifest(folder)["networks"]


def systems(folder: Path = BUNDLED) -> dict[str, dict]:
    """The bundled, trained systems: data set -> resolution, style, snr_db (of the adapters),
    networks (role -> name among :func:`manifest`), settings (inversion, matching), codecs (name ->
    options), files (name -> file, sha256, bytes, recipe, seed).
    """
    return read_manifest(folder).get("systems", {})


def codes(folder: Path = BUNDLED) -> dict[str, dict]:
    """The bundled parity checks: name of a Gallager code -> file, sha256, bytes."""
    return read_manifest(folder).get("codes", {})


def known(folder: Path = BUNDLED) -> dict[str, dict[str, dict]]:
    """What inversions of rendered faces are like: generator -> recipe -> range (arguments of
    :class:`~editable_deepsc.editing.known.KnownRange`), inversion (the recipe's arguments),
    networks (name -> sha256 of those that took part).
    """
    return read_manifest(folder).get("known", {})
