"""Files of arrays: written whole or not at all, and refused when they are not whole."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
import torch

from editable_deepsc.data.storage import load_arrays, save_arrays, whole


def test_arrays_and_notes_come_back(tmp_path):
    arrays = {
        "images": torch.randint(256, (2, 3, 4, 4), dtype=torch.uint8),
        "latents": torch.randn(2, 5),
        "none": torch.zeros(0, 3),
    }
    save_arrays(
        tmp_path / "deep" / "file.safetensors", arrays, sentences=["smile", "größer"], snr_db=-6.5
    )
    found, notes = load_arrays(tmp_path / "deep" / "file.safetensors")
    assert found.keys() == arrays.keys() and all(
        torch.equal(found[k], arrays[k]) and found[k].dtype == arrays[k].dtype for k in arrays
    )
    assert notes == {"sentences": ["smile", "größer"], "snr_db": -6.5}


def test_slices_and_gradients_are_no_obstacle(tmp_path):
    whole = torch.randn(4, 6, requires_grad=True)
    save_arrays(tmp_path / "f", {"part": whole[:, ::2]})
    assert torch.equal(load_arrays(tmp_path / "f")[0]["part"], whole.detach()[:, ::2])


def test_nothing_else_is_left_in_the_folder(tmp_path):
    save_arrays(tmp_path / "f", {"x": torch.zeros(1)})
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_failing_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "f"
    save_arrays(path, {"x": torch.zeros(1)}, version=1)
    with pytest.raises(TypeError):
        save_arrays(path, {"x": torch.ones(1)}, version=object())  # not JSON
    (tmp_path / "f.tmp").mkdir()  # stands in the way of the temporary file
    with pytest.raises(Exception):
        save_arrays(path, {"x": torch.ones(1)}, version=2)
    arrays, notes = load_arrays(path)
    assert arrays["x"].item() == 0 and notes == {"version": 1}


@pytest.mark.parametrize("keep", [0, 5, 60, -3])
def test_a_truncated_file_is_refused_in_one_sentence_that_names_it(tmp_path, keep):
    path = tmp_path / "f.safetensors"
    save_arrays(path, {"x": torch.randn(100)})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError) as error:
        load_arrays(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_the_mode_of_a_file_is_what_the_umask_says(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        save_arrays(tmp_path / "f.safetensors", {"x": torch.zeros(1)})
        with whole(tmp_path / "f.csv") as path:
            path.write_text("a,b")
    finally:
        os.umask(before)
    for name in ("f.safetensors", "f.csv"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode


def test_a_folder_that_cannot_be_flushed_is_no_obstacle(tmp_path, monkeypatch):
    flush = os.fsync

    def of_files_only(number: int) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        flush(number)

    monkeypatch.setattr(os, "fsync", of_files_only)
    with whole(Path(tmp_path, "f")) as path:
        path.write_text("whole")
    assert (tmp_path / "f").read_text() == "whole"
