"""What a process does with the memory of tensors that are gone."""

from __future__ import annotations

import ctypes
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
