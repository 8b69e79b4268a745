"""Which pictures a folder of anybody's holds."""

from __future__ import annotations

import hashlib
import logging
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from .decoding import MAX_BYTES
from .text_files import cause, shown

LOG = logging.getLogger(__name__)

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}

# Folders in which systems keep thumbnails, deleted files and copies, beside those that begin with
# a dot: of Synology and QNAP stations, Windows, macOS' archives and Linux' file systems.
_SYSTEM_FOLDERS = {
    "@eadir",
    "@recycle",
    "@recently-snapshot",
    "@tmp",
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "recycler",
    "system volume information",
    "__macosx",
    "lost+found",
    "network trash folder",
    "temporary items",
}


def list_images(folder: Path) -> list[str]:
    """Paths of all images below ``folder``, relative to it, sorted.

    Linked sub-folders are followed, each folder once. Hidden and system folders and files, and
    what only looks like a file, are skipped; a warning of the log names them. ``ValueError`` if
    there is no folder, no image in it, or a name that no text file can hold.
    """
    folder = Path(folder)
    try:
        is_folder = folder.is_dir()
    except (OSError, ValueError):  # too long a name, a zero byte
        is_folder = False
    if not is_folder:
        raise ValueError(f"data: {shown(folder)} is not a folder; give the folder of the images")
    names, skipped = _walk(folder)
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise ValueError(
                f"data: {shown(folder)}: the name {shown(name)} is not UTF-8; rename the file"
            ) from None
    if skipped:
        LOG.warning(
            "data: %s: skipped %s (%s)",
            shown(folder),
            some(sorted(skipped)),
            "; ".join(sorted(set(skipped.values()))),
        )
    if not names:
        raise ValueError(
            f"data: {shown(folder)} holds no images ({', '.join(sorted(SUFFIXES))}); give the "
            "folder of the images"
        )
    return sorted(names)


def _walk(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Names of the images below ``folder``, and what was skipped: name -> why."""
    names: list[str] = []
    skipped: dict[str, str] = {}
    seen: set[tuple[int, int]] = set()
    # Links wait until all real folders have been seen, so that a picture keeps its real name.
    folders, links = [""], list[str]()
    while folders or links:
        below = folders.pop() if folders else links.pop(0)
        try:
            about = os.stat(folder / below)
            entries = sorted(os.scandir(folder / below), key=lambda entry: entry.name)
        except OSError as error:
            raise ValueError(
                f"data: {shown(folder / below)} cannot be read ({cause(error)}); change its "
                "permissions, or take it out of the folder of the images"
            ) from None
        if (about.st_dev, about.st_ino) in seen:
            skipped[shown(below) + "/"] = "a link to a folder that is read already"
            continue
        seen.add((about.st_dev, about.st_ino))
        for entry in entries:
            name = f"{below}/{entry.name}" if below else entry.name
            if (kind := _kind(entry)) in ("folder", "link"):
                (folders if kind == "folder" else links).append(name)
            elif kind == "image":
                names.append(name)
            elif kind:
                is_folder = kind.endswith("folder")
                skipped[shown(name) + "/" * is_folder] = kind
    return names, skipped


def _kind(entry: os.DirEntry[str]) -> str:
    """What an entry is: a folder, a link to one, an image, "" if of no interest, or why not."""
    hidden = entry.name.startswith(".")
    try:
        is_dir, is_file = entry.is_dir(), entry.is_file()
    except OSError:  # a circle of links
        is_dir = is_file = False
    if is_dir:
        if hidden or entry.name.lower() in _SYSTEM_FOLDERS:
            return "hidden or system folder"
        return "link" if entry.is_symlink() else "folder"
    if os.path.splitext(entry.name)[1].lower() not in SUFFIXES:
        return ""
    if hidden:
        return "hidden file"
    return "image" if is_file else "no file, or a link that leads to none"


def some(names: Iterable[str]) -> str:
    """``a, b, c and 4 more``."""
    names = list(names)
    shown_names = ", ".join(names[:3])
    return shown_names if len(names) <= 3 else f"{shown_names} and {len(names) - 3} more"


def distinct(folder: Path, names: list[str]) -> list[str]:
    """``names`` without files that are byte for byte another one's copy: a copy could stand in two
    splits.
    """
    by_size = defaultdict(list)
    for name in names:
        by_size[_size(Path(folder) / name)].append(name)
    kept = []
    for same in by_size.values():
        if len(same) > 1:
            first = {_digest(Path(folder) / name): name for name in reversed(same)}
            same = list(first.values())
        kept += same
    return sorted(kept)


def _size(path: Path) -> int:
    """Size of a picture's file in bytes; ``ValueError`` if no picture is as large as that."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ValueError(f"image: {shown(path)} cannot be read ({cause(error)})") from None
    if size > MAX_BYTES:
        raise ValueError(
            f"image: {shown(path)} has {size:,} bytes, more than {MAX_BYTES:,}; leave it out"
        )
    return size


def _digest(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise ValueError(f"image: {shown(path)} cannot be read ({cause(error)})") from None
