"""The networks that ship with the package: where they are, what they should be. No torch needed to
ask.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

BUNDLED = Path(__file__).parents[1] / "weights"


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest(folder: Path = BUNDLED) -> dict[str, dict]:
    """The bundled networks: name -> file, sha256, bytes, recipe, seed, training images, held-out
    figures.
    """
    return json.loads((folder / "manifest.json").read_text())["networks"]
