"""The precision that a device is good at: bfloat16 where it computes in it, float32 elsewhere.

A processor without bfloat16 emulates it, eleven times slower than float32.
"""

from __future__ import annotations

import os

import torch
from torch import Tensor

PRECISIONS = ("auto", "float32", "bfloat16")

# Values of oneDNN's own limit (or their beginnings) that leave it AMX, and AVX512-BF16.
_WITH_AMX = ("ALL", "DEFAULT", "AVX512_CORE_AMX", "AVX10_1_512_AMX", "AVX10_2_512_AMX")
_WITH_AVX512_BF16 = (*_WITH_AMX, "AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX10")

_chosen = "auto"


def choose_precision(name: str) -> None:
    """Fix the precision of this process: one of ``PRECISIONS``; ``ValueError`` otherwise."""
    global _chosen
    if name not in PRECISIONS:
        raise ValueError(f"precision {name!r} is unknown; choose one of: {', '.join(PRECISIONS)}")
    _chosen = name


def precision(device: torch.device | str) -> torch.dtype:
    """The type that networks compute in on ``device``: float32 or bfloat16."""
    if _chosen != "auto":
        return torch.float32 if _chosen == "float32" else torch.bfloat16
    device = torch.device(device)
    if device.type == "cuda":
        native = torch.cuda.get_device_capability(device) >= (8, 0)
    else:
        native = device.type == "cpu" and _processor_is_good_at_bfloat16()
    return torch.bfloat16 if native else torch.float32


def computing(device: torch.device | str) -> torch.autocast:
    """A context in which the networks compute in the device's :func:`precision`."""
    device = torch.device(device)
    return torch.autocast(device.type, torch.bfloat16, enabled=precision(device) == torch.bfloat16)


def lowered(x: Tensor) -> Tensor:
    """``x`` in the :func:`precision` of its device."""
    return x.to(precision(x.device))


def _processor_is_good_at_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 faster than float32, and oneDNN may let it.

    With AMX it does. Instructions for vectors alone (AVX512-BF16) do twice the work of float32's on
    AMD's processors, and as much on Intel's, which then lose by every conversion.
    """
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA", "ALL").upper()
    can = torch.cpu.get_capabilities()
    if can.get("amx_bf16") and limit.startswith(_WITH_AMX):
        return True
    of_amd = can.get("sse4a")  # Intel has never built it
    return bool(can.get("avx512_bf16") and of_amd) and limit.startswith(_WITH_AVX512_BF16)
