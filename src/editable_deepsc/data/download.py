"""Files from elsewhere: what must be on disk, and how a file with a public address gets there,
whole and verified.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from pathlib import Path

from tqdm import tqdm

BLOCK = 1 << 20  # bytes


def fetch(
    url: str,
    target: Path,
    size: int | None = None,
    sha256: str | None = None,
    attempts: int = 5,
    pause: float = 2.0,
    timeout: float = 60.0,
) -> None:
    """Download ``url`` to ``target``, which appears only when it is complete and has the right
    ``size`` (bytes) and ``sha256`` (hexadecimal; its first digits will do).

    What has arrived is kept in ``target``.part, so that a broken or killed download continues there
    (HTTP Range), from a server that cannot continue it starts again. Gives up after ``attempts``
    tries in a row that brought nothing, ``pause`` seconds apart.

    ``ValueError`` in one sentence when the address is not http(s), the server refuses, or size or
    SHA-256 differ; then the part is removed.
    """
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"download: {url} is not an http address; correct it in the config")
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    failures, complete, trouble = 0, False, ""
    while not complete:
        before = part.stat().st_size if part.exists() else 0
        try:
            complete = _continue(url, part, size, timeout)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise ValueError(
                    (
                        f"download: {url} answers {error.code} {error.reason}; check the "
                        f"address, or fetch {target} by hand"
                    )
                ) from None
            trouble = f"{error.code} {error.reason}"
        except (
            urllib.error.URLError,
            http.client.HTTPException,
            ConnectionError,
            TimeoutError,
        ) as error:
            trouble = str(error) or type(error).__name__
        if not complete:
            progress = part.exists() and part.stat().st_size > before
            failures = 0 if progress else failures + 1
            if failures >= attempts:
                raise ValueError(
                    (
                        f"download: {url} brought nothing in {attempts} tries "
                        f"({trouble or 'connection closed early'}); try again, what has arrived "
                        f"is kept in {part}"
                    )
                )
            if failures:
                time.sleep(pause)
    problem = _wrong(part, size, sha256)
    if problem:
        part.unlink()
        raise ValueError(
            (
                f"download: {url}: {problem}; the address may hold another version, fetch "
                f"{target} by hand"
            )
        )
    os.replace(part, target)


def _wrong(path: Path, size: int | None, sha256: str | None) -> str | None:
    """What distinguishes a file from what it should be."""
    if size is not None and path.stat().st_size != size:
        return f"{path.stat().st_size} bytes instead of {size}"
    if sha256 is not None:
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if not found.startswith(sha256):
            return f"SHA-256 {found} instead of {sha256}"
    return None


def _continue(url: str, part: Path, size: int | None, timeout: float) -> bool:
    """One connection: append to ``part`` what comes. True when it is complete, False when the
    connection ended early.
    """
    have = part.stat().st_size if part.exists() else 0
    if size is not None and have >= size:
        return True
    headers = {"User-Agent": "editable-deepsc"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        answer = urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=timeout
        )
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
        if answer.status != 206 or not (answer.headers.get("Content-Range") or "").startswith(
            f"bytes {have}-"
        ):
            have = 0  # the whole file is coming
        length = answer.headers.get("Content-Length")
        total = have + int(length) if length else None
        with (
            open(part, "ab" if have else "wb") as file,
            tqdm(
                desc=part.stem, initial=have, total=total, unit="B", unit_scale=True, mininterval=5
            ) as bar,
        ):
            # read1 hands over what has arrived; read would wait for a full block and lose it when
            # the connection breaks
            while block := answer.read1(BLOCK):
                file.write(block)
                file.flush()
                have += len(block)
                bar.update(len(block))
    return total is None or have >= total
