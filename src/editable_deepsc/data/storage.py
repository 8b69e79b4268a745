"""Arrays on disk: one safetensors file per stage, written whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor


def save_arrays(path: Path, arrays: dict[str, Tensor], **notes) -> None:
    """Write named tensors and JSON-able ``notes``; the file appears under its name only when it is complete."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    save_file({k: v.detach().cpu().contiguous() for k, v in arrays.items()}, temporary, {"notes": json.dumps(notes)})
    with open(temporary, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(temporary, path)


def load_arrays(path: Path) -> tuple[dict[str, Tensor], dict]:
    """Read what :func:`save_arrays` wrote: tensors and notes; ``ValueError`` names a file that is not whole."""
    try:
        with safe_open(path, "pt") as file:
            notes = json.loads((file.metadata() or {}).get("notes", "{}"))
            return {k: file.get_tensor(k) for k in file.keys()}, notes
    except SafetensorError as error:
        raise ValueError(f"data: {path} is not a whole safetensors file ({error}); delete it and run again") from None
