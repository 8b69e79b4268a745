"""Data sets as people have them, packed: a zip archive of pictures, or Parquet files with pictures
in a column, as the Hugging Face hub stores them. Both become a folder of files.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from tqdm import tqdm

from .decoding import MAX_BYTES
from .folders import SUFFIXES
from .text_files import cause, shown

_ENDINGS = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"RIFF": ".webp"}


def unpack(packed: Path, folder: Path) -> int:
    """Write the pictures in ``packed`` to ``folder``, under their own names; returns their number.

    ``packed``: a .zip file, a .parquet file, or a folder of the latter. Pictures in Parquet files
    that have no names get CelebA's: 000001.jpg and so on, in the order of the files. The folder
    appears when it is whole; what an earlier try has written beside it is kept.

    ``ValueError`` in one sentence: nothing that can be read, no pictures, two of one name.
    """
    packed, folder = Path(packed), Path(folder)
    part = folder.with_name(folder.name + ".part")
    count = 0
    for name, size, read in tqdm(_pictures(packed), desc=f"unpack {packed.name}", mininterval=5):
        target = part / name
        if not (target.is_file() and target.stat().st_size == size):
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_name(target.name + ".new")
            beside.write_bytes(read())
            os.replace(beside, target)
        count += 1
    if not count:
        raise ValueError(f"data: {shown(packed)} holds no pictures; give another file")
    os.replace(part, folder)
    return count


def _pictures(packed: Path) -> Iterator[tuple[str, int, Any]]:
    """Name, size in bytes, and a function that reads it, of every picture."""
    if packed.is_dir():
        return _of_parquet(sorted(packed.rglob("*.parquet")), packed)
    if packed.suffix.lower() == ".parquet":
        return _of_parquet([packed], packed)
    return _of_zip(packed)


def _checked(name: str, size: int, packed: Path, seen: set[str]) -> str:
    """A name that stays below the folder and is new; ``ValueError`` otherwise."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise ValueError(
            f"data: {shown(packed)} names a picture {shown(name)}, outside of its folder; do not "
            "use this file"
        )
    if size > MAX_BYTES:
        raise ValueError(
            f"data: {shown(packed)}: {shown(name)} has {size:,} bytes, more than {MAX_BYTES:,}; do "
            "not use this file"
        )
    if name.lower() in seen:
        raise ValueError(
            f"data: {shown(packed)} has two pictures of the name {shown(name)}; unpack it by hand"
        )
    seen.add(name.lower())
    return name


def _of_zip(packed: Path) -> Iterator[tuple[str, int, Any]]:
    seen: set[str] = set()
    try:
        with zipfile.ZipFile(packed) as archive:
            for info in archive.infolist():
                parts = PurePosixPath(info.filename).parts
                hidden = any(part.startswith((".", "__")) and part != ".." for part in parts)
                if hidden or Path(info.filename).suffix.lower() not in SUFFIXES:
                    continue
                name = _checked(info.filename, info.file_size, packed, seen)
                yield name, info.file_size, lambda info=info: archive.read(info)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise ValueError(
            f"data: {shown(packed)} is no whole zip archive ({cause(error)}); download it again"
        ) from None


def _of_parquet(files: Iterable[Path], packed: Path) -> Iterator[tuple[str, int, Any]]:
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError:
        raise ValueError(
            f"data: {shown(packed)} is read with pyarrow; install editable-deepsc[parquet]"
        ) from None
    seen: set[str] = set()
    number = 0
    for file in files:
        try:
            table = parquet.ParquetFile(file)
            column = _column(table.schema_arrow, file)
            for batch in table.iter_batches(batch_size=64, columns=[column]):
                for cell in batch.column(0).to_pylist():
                    number += 1
                    data, said = _picture(cell)
                    if data is None:
                        continue
                    name = _checked(said or _numbered(number, data), len(data), packed, seen)
                    yield name, len(data), lambda data=data: data
        except (pyarrow.ArrowException, OSError) as error:
            raise ValueError(
                f"data: {shown(file)} is no whole Parquet file ({cause(error)}); download it again"
            ) from None


def _column(schema: Any, file: Path) -> str:
    """The column of a Parquet file that holds pictures: bytes, or records with bytes."""
    import pyarrow.types as types

    def holds_bytes(kind: Any) -> bool:
        if types.is_struct(kind):
            return any(field.name == "bytes" and holds_bytes(field.type) for field in kind)
        return types.is_binary(kind) or types.is_large_binary(kind)

    found = [field.name for field in schema if holds_bytes(field.type)]
    if len(found) > 1 and "image" in found:
        found = ["image"]
    if len(found) != 1:
        raise ValueError(
            f"data: {shown(file)} has {len(found)} columns of pictures ({shown(schema.names)}); "
            "one is needed"
        )
    return found[0]


def _picture(cell: Any) -> tuple[bytes | None, str | None]:
    """Bytes and name of a cell, None where it has none."""
    if not isinstance(cell, dict):
        return cell, None
    path = Path(cell.get("path") or "")
    return cell.get("bytes"), path.name if path.suffix.lower() in SUFFIXES else None


def _numbered(number: int, data: bytes) -> str:
    """CelebA's name of its n-th picture, counted from 1."""
    ending = next((e for magic, e in _ENDINGS.items() if data.startswith(magic)), ".jpg")
    return f"{number:06}{ending}"
