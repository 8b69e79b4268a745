"""Files that appear whole or not at all, and arrays on disk: one safetensors file per stage."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write to; when the block ends well, what was written is flushed to
    disk and takes the name ``path``.

    After an error, a kill or a power failure ``path`` is what it was before. The writers' errors of
    a full disk (a RuntimeError from torch, its own error from safetensors) become ``OSError``, in
    one sentence.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.touch()
        mode = temporary.stat().st_mode  # as the umask says; safetensors would make it 0600
        yield temporary
        os.chmod(temporary, mode)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, (SafetensorError, RuntimeError)):
            raise OSError(
                f"{path} could not be written ({str(error).splitlines()[0]}); is the disk full?"
            ) from None
        raise
    with suppress(OSError):  # some file systems cannot flush a folder; the file is in place
        folder = os.open(path.parent, os.O_RDONLY)
        try:  # the new name, too, outlives a power failure
            os.fsync(folder)
        finally:
            os.close(folder)


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """A safetensors file, whole or not at all; the same contents give the same bytes, which the
    package alone does not promise.
    """
    with whole(path) as temporary:
        save_file(
            {name: t.detach().cpu().contiguous() for name, t in tensors.items()},
            temporary,
            metadata,
        )
        with open(
            temporary, "rb+"
        ) as file:  # it writes metadata in an order that changes from call to call: sort it
            size = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(size))
            header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
            file.seek(8)
            file.write(
                json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode().ljust(size)
            )


def save_arrays(path: Path, arrays: dict[str, Tensor], **notes) -> None:
    """Write named tensors and JSON-able ``notes``; the file appears under its name only when it is
    complete.
    """
    write_tensors(path, arrays, {"notes": json.dumps(notes, sort_keys=True)})


def load_arrays(path: Path) -> tuple[dict[str, Tensor], dict]:
    """Read what :func:`save_arrays` wrote: tensors and notes; ``ValueError`` names a file that is
    not whole.
    """
    try:
        with safe_open(path, "pt") as file:
            notes = json.loads((file.metadata() or {}).get("notes", "{}"))
            return {k: file.get_tensor(k) for k in file.keys()}, notes
    except SafetensorError as error:
        raise ValueError(
            f"data: {path} is not a whole safetensors file ({error}); delete it and run again"
        ) from None
