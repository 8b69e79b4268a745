"""What the workflow changes in Snakemake's own scheduler."""

from __future__ import annotations

import inspect
import os
import threading
import time
from types import SimpleNamespace

import psutil
import pytest
import snakemake.api  # noqa: F401  (what it imports cannot be imported before it)
from snakemake.benchmark import BenchmarkRecord, BenchmarkTimer
from snakemake.scheduling.job_scheduler import JobRateLimiter, JobScheduler
from snakemake.settings.types import MaxJobsPerTimespan

from experiment.planning import look_where_the_rate_was_reached, measure_resident_memory_only


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
    look_where_the_rate_was_reached()
    return SimpleNamespace(_open_jobs=Looks(), job_rate_limiter=None)


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
    other = SimpleNamespace(_open_jobs=Looks(), job_rate_limiter=None)
    for one in (scheduler, other):  # the first still waits when the second asks
        JobScheduler._schedule_reevalutation(one, 0.2)
    assert all(one._open_jobs.first.wait(10) for one in (scheduler, other))


@pytest.mark.parametrize("free, looks", [(0, 1), (3, 0)])
def test_a_timer_is_for_jobs_that_the_rate_keeps_back(scheduler, free, looks):
    scheduler.job_rate_limiter = SimpleNamespace(timespan=0.05, get_free_jobs=lambda: free)
    JobScheduler._schedule_reevalutation(scheduler, 0.05)
    scheduler._open_jobs.first.wait(0.3)
    assert scheduler._open_jobs.count == looks


def test_a_timer_of_another_reason_is_started_at_any_rate(scheduler):
    scheduler.job_rate_limiter = SimpleNamespace(timespan=1, get_free_jobs=lambda: 3)
    JobScheduler._schedule_reevalutation(scheduler, 0.01)
    assert scheduler._open_jobs.first.wait(10)


def test_snakemakes_limit_has_what_is_asked_of_it():
    limit = JobRateLimiter(MaxJobsPerTimespan(max_jobs=2, timespan="60s"))
    assert limit.timespan == 60 and limit.get_free_jobs() == 2
    limit.register_jobs(2)
    assert limit.get_free_jobs() == 0


def test_snakemake_still_asks_this_function():
    assert "self._schedule_reevalutation(" in inspect.getsource(JobScheduler.schedule)


def test_a_benchmark_has_the_memory_of_a_process_and_walks_through_no_pages(monkeypatch):
    usual = psutil.Process.memory_full_info
    monkeypatch.setattr(psutil.Process, "memory_full_info", usual)  # restored afterwards
    monkeypatch.setattr(psutil._pslinux.Process, "_parse_smaps_rollup", None, raising=False)
    monkeypatch.setattr(psutil._pslinux.Process, "_parse_smaps", None, raising=False)
    measure_resident_memory_only()
    seen = BenchmarkRecord()
    BenchmarkTimer(os.getpid(), seen).work()
    assert seen.max_rss > 50 and seen.cpu_time > 0 and not seen.errors
