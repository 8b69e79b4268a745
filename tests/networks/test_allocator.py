"""What a process does with the memory of what is gone."""

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


LOOKS = """
import gc, sys
from editable_deepsc.networks.allocator import collect_rarely, leave_at_once

if sys.argv[1] == "rarely":
    collect_rarely()
looks = []
gc.callbacks.append(lambda phase, _: looks.append(phase))
kept = [[] for _ in range(200_000)]
print(len(looks))
"""


def looks_for_garbage(how: str) -> int:
    """While 200,000 objects are made that all stay."""
    command = [sys.executable, "-c", LOOKS, how]
    return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def test_garbage_is_looked_for_rarely_but_still_is():
    assert 0 < looks_for_garbage("rarely") < looks_for_garbage("as ever") / 50


def test_a_process_leaves_at_once_and_says_nothing_of_what_it_leaves():
    """Triton would tell of leaks."""
    script = (
        "import gc, sys; from editable_deepsc.networks.allocator import leave_at_once; "
        "leave_at_once(); assert gc.get_freeze_count() > 1000; gc.unfreeze(); "
        "sys.modules['triton'] = sys; leave_at_once(); assert gc.get_freeze_count() == 0"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
