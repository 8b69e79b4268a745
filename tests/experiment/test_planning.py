"""What the workflow changes in Snakemake's own scheduler."""

from __future__ import annotations

import inspect
import threading
import time
from types import SimpleNamespace

import pytest
import snakemake.api  # noqa: F401  (what it imports cannot be imported before it)
from snakemake.scheduling.job_scheduler import JobScheduler

from experiment.planning import look_once_a_second


class Looks:
    """Stands for the semaphore that the scheduler waits for: how often it was released."""

    def __init__(self) -> None:
        self.count, self.first = 0, threading.Event()

    def release(self) -> None:
        self.count += 1
        self.first.set()


@pytest.fixture
def scheduler(monkeypatch) -> SimpleNamespace:
    monkeypatch.setattr(
        JobScheduler, "_schedule_reevalutation", JobScheduler._schedule_reevalutation
    )
    look_once_a_second()
    return SimpleNamespace(_open_jobs=Looks())


def test_many_looks_at_once_leave_one_timer(scheduler):
    before = threading.active_count()
    for _ in range(50):
        JobScheduler._schedule_reevalutation(scheduler, 0.2)
    assert threading.active_count() == before + 1
    assert scheduler._open_jobs.first.wait(10)
    time.sleep(0.1)
    assert scheduler._open_jobs.count == 1


def test_the_look_that_a_timer_asks_for_may_start_the_next(scheduler):
    looks = scheduler._open_jobs
    for n in range(1, 4):
        looks.first.clear()
        JobScheduler._schedule_reevalutation(scheduler, 0.01)
        assert looks.first.wait(10) and looks.count == n


def test_two_schedulers_have_a_timer_each(scheduler):
    other = SimpleNamespace(_open_jobs=Looks())
    for one in (scheduler, other):  # the first still waits when the second asks
        JobScheduler._schedule_reevalutation(one, 0.2)
    assert all(one._open_jobs.first.wait(10) for one in (scheduler, other))


def test_snakemake_still_asks_this_function():
    assert "self._schedule_reevalutation(" in inspect.getsource(JobScheduler.schedule)
