"""What a file of weights must be before anything in it is believed, and what else it may be."""

from __future__ import annotations

from pathlib import Path

from ..data.text_files import cause, not_a_file, shown

MOST_BYTES = 4_000_000_000  # three times a StyleGAN2 of 1024 pixels with both its optimisers

# First bytes -> what begins so and is often found under the name of a file of weights
_SIGNS = (
    (b"version https://git-lfs", "a pointer of Git LFS: run `git lfs pull`"),
    (b"<?xml", "an XML message, as a server sends instead of a file"),
    (b"\x1f\x8b", "packed by gzip: unpack it"),
    (b"BZh", "packed by bzip2: unpack it"),
    (b"\xfd7zXZ", "packed by xz: unpack it"),
    (b"7z\xbc\xaf", "packed by 7-Zip: unpack it"),
    (b"Rar!", "packed by RAR: unpack it"),
    (b"\x89HDF", "HDF5, of Keras or TensorFlow"),
    (b"\x93NUMPY", "an array of numpy"),
    (b"GGUF", "a language model in GGUF"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x7fELF", "a program"),
    (b"{", "text in JSON"),
)


class WeightsError(ValueError):
    """A weight file is missing, altered, truncated, or does not hold what was asked for."""


def check_file(path: Path, where_from: str, what: str, again: str) -> bytes:
    """The first 16 bytes of a file of weights.

    :class:`WeightsError` if it is missing (``where_from`` says where to get it), no file, empty,
    larger than :data:`MOST_BYTES`, or something well known that is not ``what`` (``again`` says
    what to do).
    """
    if reason := not_a_file(path):
        raise WeightsError(f"weights: {shown(path)} {reason}; {where_from}")
    if (size := path.stat().st_size) > MOST_BYTES:
        raise WeightsError(
            f"weights: {shown(path)} has {size:,} bytes, more than {MOST_BYTES:,}; {again}"
        )
    try:
        with open(path, "rb") as file:
            head = file.read(1024)
    except OSError as error:
        raise WeightsError(f"weights: {shown(path)} cannot be read ({cause(error)})") from None
    if kind := _other_kind(head):
        raise WeightsError(f"weights: {shown(path)} is not {what}: it is {kind}; {again}")
    return head[:16]


def _other_kind(head: bytes) -> str | None:
    """What a file is that begins with ``head`` and holds no weights; None if it may."""
    if not head.strip(b"\0"):
        return "filled with zeros" if head else "empty"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<!doctype html") or b"<html" in text or text.startswith(b"<head"):
        return "a web page (HTML), as a server sends instead of a file"
    start = head.lstrip()
    return next((kind for sign, kind in _SIGNS if start.startswith(sign)), None)
