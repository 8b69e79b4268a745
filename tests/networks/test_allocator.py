"""Freed memory stays with the process, where malloc can be told so."""

from __future__ import annotations

import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
from editable_deepsc.networks.allocator import keep_freed_memory

if sys.argv[1] == "kept":
    keep_freed_memory()
for _ in range(2):  # the first block is new to both
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    block = bytearray(2**26)
    del block
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(faults)
"""


def page_faults(how: str) -> int:
    """Of a block of 64 MiB that a process allocates for the second time."""
    command = [sys.executable, "-c", FAULTS, how]
    return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc can be told")
def test_a_block_that_was_freed_is_not_faulted_in_again():
    assert page_faults("kept") <= 10 < page_faults("given back")
