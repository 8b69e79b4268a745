"""Files from elsewhere: what must be on disk, and how a file with a public address gets there,
whole and verified.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tqdm import tqdm

from .connection import Limits, Overdue, Watch, opener
from .text_files import cause, not_a_file, shown

BLOCK = 1 << 20  # bytes
MOST_BYTES = 16_000_000_000  # of a file whose size is not known before

_TROUBLE = (urllib.error.URLError, http.client.HTTPException, OSError)


class _Wanted(NamedTuple):
    """A file to download: where from, where it grows, its size in bytes and its digest if known."""

    url: str
    part: Path
    size: int | None
    sha256: str | None


class _Refused(ValueError):
    """The server gives something else, however often it is asked."""


def fetch(
    url: str,
    target: Path,
    size: int | None = None,
    sha256: str | None = None,
    attempts: int = 5,
    pause: float = 2.0,
    limits: Limits = Limits(),
) -> None:
    """Download ``url`` to ``target``, which appears only when it is complete and has the right
    ``size`` (bytes) and ``sha256`` (hexadecimal; its first digits will do).

    What has arrived is kept in ``target``.part, so that a broken or killed download continues there
    (HTTP Range), from a server that cannot continue it starts again. Gives up after ``attempts``
    tries in a row that brought nothing, ``pause`` seconds apart, and when ``limits`` are reached.
    Never takes more bytes than ``size``, or than the server states, or :data:`MOST_BYTES`.

    ``ValueError`` in one sentence when the address is not http(s), the server refuses, or size or
    SHA-256 differ (then the part is removed), or the target cannot be written.
    """
    target = Path(target)
    wanted = _Wanted(url, target.with_name(target.name + ".part"), size, sha256)
    _check_request(wanted)
    _check_place(target, wanted.part)
    watch = Watch(limits)
    failures, complete, trouble = 0, False, ""
    while not complete:
        before = _length(wanted.part)
        try:
            complete = _continue(wanted, watch)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise ValueError(
                    f"download: {url} answers {error.code} {shown(error.reason)[:100]}; check the "
                    f"address, or fetch {shown(target)} by hand"
                ) from None
            trouble = f"{error.code} {shown(error.reason)[:100]}"
        except _Refused as error:
            wanted.part.unlink(missing_ok=True)
            raise ValueError(
                f"download: {url}: {error}; the address may hold another version, fetch "
                f"{shown(target)} by hand"
            ) from None
        except Overdue as error:
            trouble = str(error)
        except _TROUBLE as error:
            if isinstance(error, OSError) and error.filename == str(wanted.part):
                raise ValueError(
                    f"download: {shown(wanted.part)} cannot be written ({cause(error)}); make room "
                    "or change its folder, what has arrived is kept"
                ) from None
            trouble = cause(error)
        if watch.overdue:
            raise ValueError(
                f"download: {url} took more than {limits.whole:g} seconds; try again, what has "
                f"arrived is kept in {shown(wanted.part)}"
            )
        if not complete:
            failures = 0 if _length(wanted.part) > before else failures + 1
            if failures >= attempts:
                raise ValueError(
                    f"download: {url} brought nothing in {attempts} tries "
                    f"({trouble or 'connection closed early'}); try again, what has arrived is "
                    f"kept in {shown(wanted.part)}"
                )
            if failures:
                time.sleep(pause)
    if problem := _wrong(wanted):
        wanted.part.unlink()
        raise ValueError(
            f"download: {url}: {problem}; the address may hold another version, fetch "
            f"{shown(target)} by hand"
        )
    os.replace(wanted.part, target)


def _check_request(wanted: _Wanted) -> None:
    """``ValueError`` unless address, size and digest are such; before anything is asked for."""
    url, size, sha256 = wanted.url, wanted.size, wanted.sha256
    if not isinstance(url, str) or not url.lower().startswith(("http://", "https://")):
        raise ValueError(
            f"download: {shown(url)[:200]} is not an http address; correct it in the config"
        )
    try:
        address = urlsplit(url)
        known = bool(address.hostname) and address.port != 0 and address.username is None
    except ValueError:  # brackets or a port that are none
        known = False
    if not known or re.search(r"[^!-~]", url):
        raise ValueError(
            f"download: {shown(url)[:200]} is no address of a public file; write host and path in "
            "ASCII, blanks as %20, without a user's name"
        )
    if size is not None and (type(size) is not int or not 0 < size <= MOST_BYTES):
        raise ValueError(
            f"download: {url}: the size is {shown(size)[:50]}, not 1 to {MOST_BYTES:,} bytes; "
            "correct it in the config"
        )
    digits = isinstance(sha256, str) and re.fullmatch(r"[0-9a-fA-F]{8,64}", sha256)
    if sha256 is not None and not digits:
        raise ValueError(
            f"download: {url}: the SHA-256 is {shown(sha256)[:80]}, not 8 to 64 hexadecimal "
            "digits; correct it in the config"
        )


def _check_place(target: Path, part: Path) -> None:
    """The folder of ``target`` is made; ``ValueError`` if a file cannot come to lie there."""
    if target.is_dir():
        raise ValueError(f"download: {shown(target)} is a folder; give the path of a file")
    reason = not_a_file(part)
    if part.is_symlink() or reason not in (None, "does not exist"):
        raise ValueError(
            f"download: {shown(part)} {reason or 'is a link'}; remove it, the download grows there"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"download: the folder {shown(target.parent)} cannot be made ({cause(error)})"
        ) from None


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _wrong(wanted: _Wanted) -> str | None:
    """What distinguishes the file that has arrived from what it should be."""
    length = _length(wanted.part)
    if wanted.size is not None and length != wanted.size:
        return f"{length} bytes instead of {wanted.size}"
    if not length:
        return "it is empty"
    if wanted.sha256 is not None:
        with open(wanted.part, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if not found.startswith(wanted.sha256.lower()):
            return f"SHA-256 {found} instead of {wanted.sha256}"
    return None


def _continue(wanted: _Wanted, watch: Watch) -> bool:
    """One connection: append to the part what comes. True when it is complete, False when the
    connection ended early.
    """
    part, size = wanted.part, wanted.size
    have = _length(part)
    if size is not None and have > size:  # of an earlier version
        part.unlink()
        have = 0
    if size is not None and have == size:
        return True
    headers = {"User-Agent": "editable-deepsc"} | ({"Range": f"bytes={have}-"} if have else {})
    request = urllib.request.Request(wanted.url, headers=headers)
    with watch.connection() as connections:
        try:
            answer = opener(connections).open(request, timeout=watch.limits.stall)
        except urllib.error.HTTPError as error:
            if (
                error.code == 416 and have
            ):  # nothing lies beyond what has arrived: it is complete, or of another file
                whole_size = (error.headers.get("Content-Range") or "").rpartition("/")[2]
                if whole_size == str(have):
                    return True
                part.unlink()
                return False
            raise
        with answer:
            have = _start(wanted, answer, have)
            stated = None if answer.length is None else have + answer.length
            _check_size(stated, size)
            _append(wanted, answer, have, stated, watch)
    expected = size or stated
    return expected is None or _length(part) >= expected


def _start(wanted: _Wanted, answer: http.client.HTTPResponse, have: int) -> int:
    """How many of the bytes that have arrived the answer continues: all, or none."""
    headers = answer.headers
    if answer.status not in (200, 206):
        raise _Refused(f"it answers {answer.status}, without a file")
    if wanted.sha256 is None and headers.get_content_type() == "text/html":
        if wanted.part.name.removesuffix(".part").rsplit(".")[-1] not in ("html", "htm"):
            raise _Refused("it answers with a web page (HTML)")
    if (packed := headers.get("Content-Encoding", "identity").lower()) != "identity":
        raise _Refused(f"it answers packed by {shown(packed)[:40]}")
    if answer.status == 200:
        return 0  # the whole file is coming
    if not have or not (headers.get("Content-Range") or "").startswith(f"bytes {have}-"):
        raise _Refused("it answers with another part than was asked for")
    return have


def _check_size(stated: int | None, size: int | None) -> None:
    """Refuse a file of which the server states another size, or too many bytes."""
    if stated is not None and size is not None and stated != size:
        raise _Refused(f"{stated} bytes instead of {size}")
    if stated is not None and stated > MOST_BYTES:
        raise _Refused(f"{stated:,} bytes, more than {MOST_BYTES:,}")


def _append(
    wanted: _Wanted,
    answer: http.client.HTTPResponse,
    have: int,
    stated: int | None,
    watch: Watch,
) -> None:
    """Write what comes behind the ``have`` bytes of the part, up to the size of the file."""
    most = wanted.size or stated or MOST_BYTES
    name = wanted.part.stem
    with tqdm(
        desc=name, initial=have, total=stated, unit="B", unit_scale=True, mininterval=5
    ) as bar:
        try:
            file = open(wanted.part, "ab" if have else "wb")
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(wanted.part)) from None
        with file:
            # read1 hands over what has arrived; read would wait for a full block and lose it when
            # the connection breaks
            while block := answer.read1(BLOCK):
                have += len(block)
                if have > most:
                    raise _Refused(f"more than {most:,} bytes")
                try:
                    file.write(block)
                    file.flush()
                except OSError as error:  # a full disk
                    raise OSError(error.errno, error.strerror, str(wanted.part)) from None
                watch.arrived(len(block))
                bar.update(len(block))
