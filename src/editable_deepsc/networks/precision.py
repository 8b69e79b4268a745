"""The precision that a device is good at: bfloat16 where it computes in it, float32 elsewhere.

A processor without bfloat16 emulates it, eleven times slower than float32.
"""

from __future__ import annotations

import os

import torch
from torch import Tensor

PRECISIONS = ("auto", "float32", "bfloat16")

# Values of oneDNN's own limit that leave it the instructions for bfloat16.
_WITH_BFLOAT16 = (
    "ALL",
    "DEFAULT",
    "AVX512_CORE_BF16",
    "AVX512_CORE_FP16",
    "AVX512_CORE_AMX",
    "AVX10",
)

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
        native = device.type == "cpu" and _processor_has_bfloat16()
    return torch.bfloat16 if native else torch.float32


def computing(device: torch.device | str) -> torch.autocast:
    """A context in which the networks compute in the device's :func:`precision`."""
    device = torch.device(device)
    return torch.autocast(device.type, torch.bfloat16, enabled=precision(device) == torch.bfloat16)


def lowered(x: Tensor) -> Tensor:
    """``x`` in the :func:`precision` of its device."""
    return x.to(precision(x.device))


def _processor_has_bfloat16() -> bool:
    """Whether the processor has instructions for bfloat16 and oneDNN may use them."""
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA", "ALL").upper()
    allowed = any(limit.startswith(name) for name in _WITH_BFLOAT16)
    can = torch.cpu.get_capabilities()
    return allowed and bool(can.get("avx512_bf16") or can.get("amx_bf16"))
