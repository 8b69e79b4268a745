"""Folders of anybody's pictures: what is skipped is said, what is linked is followed once, what is
wrong is refused before any job.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from editable_deepsc.data.albums import choose_images
from editable_deepsc.data.folders import list_images

from .bad_files import EPS, encoded, png, refusal, sparse


def put(path: Path, seed: int = 0, kind: str = "PNG") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (20, 20, 3), np.uint8)
    path.write_bytes(encoded(kind, Image.fromarray(noise)))


SYSTEM = [
    ".thumbnails", ".Trash-1000", ".git", "@eaDir", "$RECYCLE.BIN", "#recycle", "lost+found",
    "System Volume Information", "__MACOSX", "@Recycle", "#snapshot",
]  # fmt: skip


@pytest.mark.parametrize("name", SYSTEM)
def test_hidden_and_system_folders_are_skipped_and_said(tmp_path, caplog, name):
    put(tmp_path / "a.png")
    put(tmp_path / "sub" / name / "deep/b.png")
    put(tmp_path / "sub/._c.jpg")
    os.mkfifo(tmp_path / "d.png")
    (tmp_path / "e.jpg").symlink_to("e.jpg")
    assert list_images(tmp_path) == ["a.png"]
    (said,) = caplog.messages
    assert "skipped d.png, e.jpg, sub/" in said and "hidden or system folder" in said


def test_linked_folders_are_followed_once(tmp_path, caplog):
    put(tmp_path / "z/real/a.png")
    put(tmp_path / "elsewhere/b.png")
    (tmp_path / "z/a link").symlink_to("real")
    (tmp_path / "z/outside").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "z/real/up").symlink_to("..")
    (tmp_path / "z/self").symlink_to("self")
    (tmp_path / "z/gone").symlink_to("nowhere")
    assert list_images(tmp_path / "z") == ["outside/b.png", "real/a.png"]
    (said,) = caplog.messages
    assert "a link/, real/up/ (a link to a folder that is read already)" in said


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda d: None, "holds no images"),
        (lambda d: put(d / ".hidden.png"), "holds no images"),
        (lambda d: put(d / "@eaDir/a.png"), "holds no images"),
        (lambda d: put(d / "a.gif"), "holds no images"),
        (lambda d: os.mkfifo(d / "a.png"), "holds no images"),
        (lambda d: (d / "a.png").symlink_to("/nowhere"), "holds no images"),
        (lambda d: put(Path(os.fsdecode(os.fsencode(d) + b"/\xff\xfe.png"))), "udcff.*not UTF-8"),
        (lambda d: sparse(d / "a.png"), "1,099,511,627,776 bytes"),
        (lambda d: (d / "a.png").write_bytes(b""), "is empty"),
        (lambda d: (d / "a.png").write_bytes(EPS), "none of JPEG"),
        (lambda d: (d / "a.png").write_bytes(png(9000, 9000)), "81,000,000 pixels"),
        (lambda d: (d / "a.png").write_bytes(encoded("PNG", Image.new("L", (9, 9)))), "9 × 9"),
    ],
)
@pytest.mark.parametrize("source", ["folder", "celeba-hq"])
def test_a_bad_folder_is_refused_before_any_job(tmp_path, source, make, expected):
    make(tmp_path)
    entry = {"source": source, "path": str(tmp_path), "resolution": 16, "images": {"test": 1}}
    assert re.search(expected, refusal(choose_images, "mine", entry, 1))


@pytest.mark.parametrize("path", ["nowhere", "a.png", "a\0b", "x" * 300, "pipe", "loop"])
def test_what_is_no_folder_is_refused(tmp_path, path):
    put(tmp_path / "a.png")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    assert "is not a folder" in refusal(list_images, tmp_path / path)


@pytest.mark.parametrize("source", ["folder", "celeba-hq", "metfaces"])
def test_equal_files_are_never_in_two_splits(tmp_path, source):
    for i in range(4):
        put(tmp_path / f"{i}.png", i)
        shutil.copy(tmp_path / f"{i}.png", tmp_path / f"copy of {i}.png")
    os.link(tmp_path / "0.png", tmp_path / "linked.png")
    entry = {"source": source, "path": str(tmp_path), "resolution": 16}
    chosen = choose_images("mine", entry | {"images": {"test": 2, "train": 2}}, 1)
    contents = {(tmp_path / n).read_bytes() for names in chosen.values() for n in names}
    assert len(contents) == 4
    said = refusal(choose_images, "mine", entry | {"images": {"test": 2, "train": 3}}, 1)
    assert "train is 1 short" in said


def test_accents_are_the_same_however_they_are_composed(tmp_path):
    composed, decomposed = "Zo\u00eb.png", "Zoe\u0308.png"
    for name, listed in ((composed, decomposed), (decomposed, composed)):
        folder = tmp_path / name
        put(folder / name)
        (folder / "people.txt").write_text(f"{listed} 7\n")
        entry = {"source": "folder", "path": str(folder), "resolution": 16}
        entry |= {"images": {"test": 1}, "identities": str(folder / "people.txt")}
        assert choose_images("mine", entry, 1) == {"test": [name]}


def test_a_row_that_could_mean_two_images_is_refused(tmp_path):
    put(tmp_path / "a/0.png", 1)
    put(tmp_path / "b/0.png", 2)
    (tmp_path / "people.txt").write_text("0.png 7\n")
    entry = {"source": "folder", "path": str(tmp_path), "resolution": 16, "images": {"test": 1}}
    entry |= {"identities": str(tmp_path / "people.txt")}
    assert "could mean a/0.png or b/0.png" in refusal(choose_images, "mine", entry, 1)
    (tmp_path / "people.txt").write_text("a/0.png 7\nb/0.png 8\n")
    choose_images("mine", entry, 1)
