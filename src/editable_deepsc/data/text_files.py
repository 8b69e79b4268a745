"""Text that people hand over: read whole, bounded, as UTF-8, and JSON without surprises; and names
of files as sentences show them.
"""

from __future__ import annotations

import json
import math
import stat
from pathlib import Path
from typing import Any

MAX_BYTES = 256_000_000  # ten times the largest text file that is published about faces


def shown(name: object) -> str:
    """A name for a sentence: as it is if it can be printed on one line, otherwise with escapes."""
    text = str(name)
    return text if text.isprintable() else ascii(text)[1:-1]


def not_a_file(path: Path) -> str | None:
    """Why ``path`` cannot be read as a file ("does not exist", "is a folder", ...), or None.

    Nothing is opened: opening a pipe would wait for a writer.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError | NotADirectoryError)
        return "does not exist" if missing else f"cannot be read ({cause(error)})"
    if stat.S_ISDIR(mode):
        return "is a folder"
    return None if stat.S_ISREG(mode) else "is a pipe, a socket or a device, and no file"


def cause(error: BaseException) -> str:
    """What an exception says, in one line without the path, which the sentence has already."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = str(error).splitlines()
    return shown(lines[0])[:300] if lines else type(error).__name__


def read_text(path: Path) -> str:
    """A text file in UTF-8, with or without BOM; line ends become ``\\n``.

    ``ValueError``, the rest of a sentence that begins with the path, unless it is that and not
    larger than :data:`MAX_BYTES`.
    """
    path = Path(path)
    if reason := not_a_file(path):
        raise ValueError(reason)
    if (size := path.stat().st_size) > MAX_BYTES:
        raise ValueError(f"has {size:,} bytes, more than {MAX_BYTES:,}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read ({cause(error)})") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"cannot be read (line {line} is not UTF-8 text)") from None
    if "\0" in text:
        raise ValueError("cannot be read (it holds zero bytes, so it is no text)")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_json(text: str) -> Any:
    """JSON in which no key stands twice in an object and every number is finite.

    ``ValueError`` in one line for anything else, deep nesting included.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_distinct_keys,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {shown(twice)!r} stands there twice")
    return table


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def _finite(digits: str) -> float:
    if not math.isfinite(value := float(digits)):
        raise ValueError(f"{digits[:20]} is too large")
    return value
