"""Why PyTorch has no GPU here, without importing it: Snakemake asks before the first job."""

from __future__ import annotations

import ctypes
import importlib.util
import re
import sys
from pathlib import Path

NO_DEVICE = 100  # CUDA_ERROR_NO_DEVICE


def cuda_sentence(reason: str) -> str:
    """What is said where ``device: cuda`` cannot be had."""
    return f"device: cuda was asked for, but {reason}; set device: cpu, or auto to take what works"


def auto_sentence(reason: str) -> str:
    """What is said where ``device: auto`` takes the CPU."""
    return f"device: the CPU, since {reason}"


def why_no_gpu() -> str | None:
    """The reason, as the end of a sentence; None where the driver and PyTorch fit together.

    Whether PyTorch then computes on the GPU is known only when it has tried
    (:func:`experiment.devices.given_device`).
    """
    built_for = _cuda_of_pytorch()
    if sys.platform == "darwin":
        return None  # Apple's GPU: PyTorch knows
    if built_for is None:
        return "this PyTorch is built for the CPU only (install a wheel for CUDA)"
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return "no GPU was found (there is no NVIDIA driver, libcuda.so.1)"
    status = driver.cuInit(0)
    if status:
        found = "sees none" if status == NO_DEVICE else f"answers with error {status}"
        return f"no GPU was found (the NVIDIA driver {found})"
    version, count = ctypes.c_int(), ctypes.c_int()
    driver.cuDriverGetVersion(ctypes.byref(version))
    known = (version.value // 1000, version.value % 1000 // 10)
    if known[0] < built_for[0]:  # within a major version an older driver is enough
        return (
            f"the NVIDIA driver is too old (it knows CUDA {known[0]}.{known[1]}, this PyTorch "
            f"needs {built_for[0]}.{built_for[1]})"
        )
    driver.cuDeviceGetCount(ctypes.byref(count))
    return None if count.value else "no GPU was found (the NVIDIA driver shows none)"


def _cuda_of_pytorch() -> tuple[int, int] | None:
    """Version of CUDA that the installed PyTorch was built for; None for the CPU only."""
    found = importlib.util.find_spec("torch")
    assert found is not None and found.origin is not None
    text = Path(found.origin).with_name("version.py").read_text()
    version = re.search(r"^cuda\b.*=\s*'(\d+)\.(\d+)'", text, re.MULTILINE)
    return version and (int(version[1]), int(version[2]))
