"""Which device a job gets, what it says where that is the CPU, and whose locks it takes."""

from __future__ import annotations

import ctypes
import fcntl
import os
from types import SimpleNamespace

import pytest
import torch

from experiment import devices, no_gpu

REASON = "no GPU was found (there is no NVIDIA driver, libcuda.so.1)"


@pytest.fixture
def without_gpu(monkeypatch):
    monkeypatch.setattr(devices, "why_no_gpu", lambda: REASON)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def test_auto_takes_the_cpu_and_says_why(without_gpu, capsys):
    with devices.given_device(True, "auto") as device:
        assert device.type == "cpu"
    assert capsys.readouterr().out == f"device: the CPU, since {REASON}\n"


@pytest.mark.parametrize(("wants_gpu", "wanted"), [(False, "auto"), (False, "cuda"), (True, "cpu")])
def test_a_rule_without_a_network_and_a_config_without_a_gpu_ask_for_none(
    without_gpu, capsys, wants_gpu, wanted
):
    with devices.given_device(wants_gpu, wanted) as device:
        assert device.type == "cpu"
    assert capsys.readouterr().out == ""


def test_cuda_stops_in_one_sentence_where_it_does_not_work(without_gpu):
    with (
        pytest.raises(ValueError, match="no GPU was found") as stop,
        devices.given_device(True, "cuda"),
    ):
        pass
    assert "\n" not in str(stop.value) and "set device: cpu" in str(stop.value)


class Driver:
    """What the NVIDIA driver answers."""

    def __init__(self, status: int = 0, version: int = 13020, count: int = 1):
        self.status, self.version, self.count = status, version, count

    def cuInit(self, flags: int) -> int:
        return self.status

    def cuDriverGetVersion(self, value) -> None:
        ctypes.cast(value, ctypes.POINTER(ctypes.c_int))[0] = self.version

    def cuDeviceGetCount(self, value) -> None:
        ctypes.cast(value, ctypes.POINTER(ctypes.c_int))[0] = self.count


@pytest.mark.parametrize(
    ("built_for", "driver", "said"),
    [
        (None, Driver(), "built for the CPU only"),
        ((13, 2), None, "no NVIDIA driver"),
        ((13, 2), Driver(status=100), "the NVIDIA driver sees none"),
        ((13, 2), Driver(status=999), "answers with error 999"),
        ((13, 2), Driver(version=12040), "too old (it knows CUDA 12.4, this PyTorch needs 13.2)"),
        ((13, 2), Driver(version=13000), None),  # an older minor version is enough
        ((13, 2), Driver(count=0), "the NVIDIA driver shows none"),
    ],
)
def test_the_reason_is_the_machines_own(monkeypatch, built_for, driver, said):
    def library(name: str) -> Driver:
        if driver is None:
            raise OSError(name)
        return driver

    monkeypatch.setattr(no_gpu, "_cuda_of_pytorch", lambda: built_for)
    monkeypatch.setattr(no_gpu.ctypes, "CDLL", library)
    monkeypatch.setattr(no_gpu, "sys", SimpleNamespace(platform="linux"))
    reason = no_gpu.why_no_gpu()
    assert reason is None if said is None else said in reason


def test_the_version_of_cuda_is_read_without_importing_pytorch():
    built_for = torch.version.cuda and tuple(int(n) for n in torch.version.cuda.split(".")[:2])
    assert no_gpu._cuda_of_pytorch() == built_for


def test_a_gpu_that_is_taken_is_left_alone(tmp_path):
    names = [tmp_path / "gpu-0", tmp_path / "gpu-1"]
    others, mine = [open(p, "w") for p in names], [open(p, "w") for p in names]
    fcntl.flock(others[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert devices.first_free(mine) == 1
    for file in [*others, *mine]:
        file.close()


def test_what_another_user_left_in_the_temporary_folder_is_left_alone(tmp_path, monkeypatch):
    shared, own = tmp_path / "tmp", tmp_path / "own"
    shared.mkdir()
    own.mkdir()
    monkeypatch.setattr(devices.tempfile, "gettempdir", lambda: str(shared))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(own))
    folder = devices.lock_folder()
    assert folder == shared / f"editable-deepsc-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()
    (own / "theirs").mkdir()
    folder.symlink_to(own / "theirs")  # a trap
    assert devices.lock_folder() == own / "editable-deepsc"
    folder.unlink()
    folder.touch()  # no folder at all
    assert devices.lock_folder() == own / "editable-deepsc"
