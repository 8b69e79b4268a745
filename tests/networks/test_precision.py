"""The precision follows what the device can do, or what the config says."""

from __future__ import annotations

import pytest
import torch

from editable_deepsc.networks import precision as module
from editable_deepsc.networks.precision import choose_precision, computing, lowered, precision

INTEL = {"avx2": True, "avx512_bf16": True}  # at the speed of float32
AMD = INTEL | {"sse4a": True}  # at twice its speed
AMX = {"amx_bf16": True}


@pytest.fixture(autouse=True)
def _automatic():
    yield
    choose_precision("auto")


def processor(monkeypatch, limit: str | None, **flags: bool) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: flags)
    if limit is None:
        monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    else:
        monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", limit)


@pytest.mark.parametrize(
    ("flags", "limit", "expected"),
    [
        ({"avx2": True}, None, torch.float32),
        ({"avx2": True, "avx512_f": True}, None, torch.float32),
        (AMD, None, torch.bfloat16),
        (AMD, "AVX512_CORE_BF16", torch.bfloat16),
        (AMD, "AVX512_CORE", torch.float32),
        (INTEL, None, torch.float32),
        (INTEL | AMX, None, torch.bfloat16),
        (INTEL | AMX, "all", torch.bfloat16),
        (INTEL | AMX, "AVX512_CORE_FP16", torch.float32),
        (INTEL | AMX, "avx2", torch.float32),
    ],
)
def test_a_processor_computes_in_what_it_multiplies_fastest(monkeypatch, flags, limit, expected):
    processor(monkeypatch, limit, **flags)
    assert precision("cpu") == expected
    assert lowered(torch.ones(2)).dtype == expected
    a = torch.ones(2, 2)
    with computing("cpu"):
        assert (a @ a).dtype == expected
    assert (a @ a).dtype == torch.float32


@pytest.mark.parametrize(("capability", "expected"), [((7, 5), "float32"), ((8, 0), "bfloat16")])
def test_a_gpu_by_its_compute_capability(monkeypatch, capability, expected):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert precision(torch.device("cuda", 0)) == getattr(torch, expected)


def test_other_devices_compute_in_float32():
    assert precision("mps") == torch.float32


def test_the_config_has_the_last_word(monkeypatch):
    processor(monkeypatch, None, avx2=True)
    choose_precision("bfloat16")
    assert precision("cpu") == torch.bfloat16
    choose_precision("float32")
    assert precision("cpu") == precision("cuda") == torch.float32
    with pytest.raises(ValueError, match="'float16' is unknown; choose one of: auto, float32"):
        choose_precision("float16")
    assert module.PRECISIONS == ("auto", "float32", "bfloat16")
