"""What a process does with the memory of what is gone."""

from __future__ import annotations

import ctypes
import gc
import sys


def keep_freed_memory() -> None:
    """Let the memory of freed tensors stay with the process (glibc only).

    By default malloc gives large blocks back at once, and the next tensor faults its pages in
    again, one by one: a fifth of an inversion at 128 pixels, a tenth at 64.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(-4, 0)  # M_MMAP_MAX: no block of its own for a large tensor
        mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD


def collect_rarely() -> None:
    """Let Python look for garbage that holds itself seventy times less often than by default.

    PyTorch and the packages behind the judges import a million objects that all stay. To look at
    them again and again took a third of the time of their import. Networks and loops here leave no
    such garbage; that of others is still found.
    """
    gc.set_threshold(50_000, 20, 100)


def leave_at_once() -> None:
    """Spare the end of the process its last looks at all objects: a third of a second.

    Not where PyTorch's compiler was imported: Triton would report what was not looked at as a leak.
    """
    if "triton" not in sys.modules:
        gc.freeze()
