"""What the workflow asks Snakemake to do beside its rules, when all jobs are known and none ran.

Snakemake has one moment at which all jobs are known and it is not yet decided which of them run:
when it looks for outputs that a killed job left half-written. There :func:`watch_plans` adds the
results that no longer fit (:mod:`experiment.finished`), and says which device the jobs get.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterable, Set
from pathlib import Path
from types import SimpleNamespace

import psutil
from snakemake.dag import DAG
from snakemake.exceptions import WorkflowError
from snakemake.io import flag, is_flagged
from snakemake.jobs import Job
from snakemake.logging import logger
from snakemake.rules import Rule
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake.settings.types import RerunTrigger
from snakemake.sourcecache import LocalSourceFile, SourceFile, infer_source_file
from snakemake.workflow import Workflow

from .finished import ALL, Digests, Plan, known_digests, misfit, summary
from .no_gpu import auto_sentence, cuda_sentence, why_no_gpu
from .parts import has_parts, params_of_part, parts_of
from .provenance import provenance_path
from .source import code_digest, reads_published


def watch_plans(workflow: Workflow) -> None:
    """Let every plan of this process look at what is finished.

    Call it from a file in the folder of the rules: rules of other folders belong to a workflow that
    uses this one as a module, and are left alone.
    """
    rules = workflow.current_basedir
    looks_for_half_written = getattr(DAG.check_incomplete, "__wrapped__", DAG.check_incomplete)

    @functools.wraps(looks_for_half_written)
    async def check_incomplete(dag: DAG) -> None:
        asked = frozenset(dag.forcefiles)  # by the user
        await looks_for_half_written(dag)
        if dag.workflow.is_main_process:
            try:
                say_device(dag, rules)
                force_misfits(dag, rules)
                forget_parts(dag, rules, asked)
            except ValueError as error:
                raise WorkflowError(str(error)) from None

    DAG.check_incomplete = check_incomplete


def keep_outputs_of_failures(workflow: Workflow) -> None:
    """Let a job that fails leave the outputs that it was about to replace.

    Of the rules of the folder from which this is called.

    Scripts write whole files or none, so an old output may lie where the new one will be: with the
    flag ``update`` Snakemake does not delete it before the job, and restores it after a failure.
    """
    for rule in workflow.rules:
        for path in rule.output if rule.basedir == workflow.current_basedir else []:
            if not is_flagged(path, "temp"):
                path._file = flag(path._file, "update")


def look_where_the_rate_was_reached() -> None:
    """Let Snakemake's scheduler have one timer at a time that makes it look for jobs again, and
    none where it may start a job at once: a job that ends makes it look anyhow.

    It starts one after every look (for ``--max-jobs-per-timespan``, 100 a second by default): after
    100 jobs it looks at all ready jobs 100 times a second, if it can. After 120 jobs that took 40 %
    of a core, and grew; one timer at a time took 3.5 %.
    """
    waiting: set[int] = set()  # schedulers that have a timer

    def schedule(scheduler: JobScheduler, delay: float) -> None:
        limit = scheduler.job_rate_limiter
        may_start = limit is not None and delay == limit.timespan and limit.get_free_jobs() > 0
        if may_start or id(scheduler) in waiting:
            return

        def look() -> None:
            waiting.remove(id(scheduler))
            scheduler._open_jobs.release()

        waiting.add(id(scheduler))
        threading.Timer(delay, look).start()

    JobScheduler._schedule_reevalutation = schedule


def measure_resident_memory_only() -> None:
    """Let the benchmarks of Snakemake's jobs ask for the resident memory of a process alone.

    Twice a second they ask for ``uss`` and ``pss`` as well, for which Linux walks through all pages
    of the process: 20 ms for one with PyTorch, which was a fortieth of all CPU seconds of a run.
    The columns ``max_uss`` and ``max_pss`` are 0 then.
    """

    def memory_full_info(process: psutil.Process) -> SimpleNamespace:
        seen = process.memory_info()
        return SimpleNamespace(rss=seen.rss, vms=seen.vms, uss=0, pss=0)

    psutil.Process.memory_full_info = memory_full_info  # type: ignore[method-assign]


def say_device(dag: DAG, rules: SourceFile) -> None:
    """Say once, before the first job, that there is no GPU; with ``device: cuda`` stop there.

    Where jobs run elsewhere, on a cluster, only they can look.
    """
    workflow = dag.workflow
    wanted = workflow.config.get("device", "auto")
    if wanted == "cpu" or not workflow.local_exec:
        return
    ours = (job.rule for job in dag.jobs if job.rule.basedir == rules)
    if not any("gpu" in rule.resources for rule in ours):
        return
    reason = why_no_gpu()
    if reason is not None and wanted == "cuda":
        raise ValueError(cuda_sentence(reason))
    if reason is not None:
        logger.info(auto_sentence(reason))


def force_misfits(dag: DAG, rules: SourceFile) -> None:
    """Mark the jobs whose outputs no longer fit; give those that fit a time that says so.

    Snakemake's ``--rerun-triggers`` still says what may make a result again: without `code` in it,
    changed code does not. Its record of environments is asked, which says nothing without `--sdm`.
    Of outputs in a storage there is no provenance: there its record of everything is asked.
    """
    settings = dag.workflow.dag_settings
    triggers = {str(trigger).rpartition(".")[2].lower() for trigger in settings.rerun_triggers}
    digests, misfits, stored = known_digests(), {}, False
    for level in dag.toposorted():
        for job in level:
            if not job.rule.script or job.rule.basedir != rules:
                continue
            if any(f.is_storage for f in [*job.input, *job.output]):
                stored = True
                continue
            outputs = [str(path) for path in job.output]
            if not any(map(os.path.exists, outputs)) or not dag.forcefiles.isdisjoint(job.output):
                continue  # nothing there, or half-written: it runs anyhow
            reasons = misfits_of(job, digests, triggers & ALL)
            if reasons:
                misfits |= reasons
                dag.forcefiles.update(job.output)
            else:
                inputs = counting(job.input)
                freshen(inputs, [*outputs, *filter(None, [job.benchmark])], digests)
    digests.save()
    if not stored:
        settings.rerun_triggers = {RerunTrigger.MTIME} | (
            {RerunTrigger.SOFTWARE_ENV} & set(settings.rerun_triggers)
        )
    for line in summary(misfits):
        logger.info(line)


def misfits_of(job: Job, digests: Digests, triggers: Iterable[str]) -> dict[str, str]:
    """First output -> why it does not fit, of every part of a job of which that is so."""
    reasons = {}
    for part in parts_of(job.params, job.wildcards_dict, job.input, job.output):
        inputs, outputs = counting(part.inputs), [str(path) for path in part.outputs]
        code = code_digest(script_of(job.rule), reads_published(inputs))
        params = params_of_part(job.params)
        plan = Plan(job.rule.name, part.wildcards, params, inputs, outputs, code)
        if why := misfit(plan, digests.of, triggers):
            reasons[outputs[0]] = why
    return reasons


def counting(inputs: Iterable[str]) -> list[str]:
    """The inputs that a result must be made of: not those that are ``ancient``."""
    return [str(path) for path in inputs if not is_flagged(path, "ancient")]


def forget_parts(dag: DAG, rules: SourceFile, asked: Set[str]) -> None:
    """Let what the user forces be made again in jobs of several parts, which keep those that fit.

    ``asked``: the outputs that are forced; all of a job where its rule is.
    """
    if dag.workflow.dryrun or dag.workflow.touch:
        return
    for job in dag.jobs:
        if job.rule.basedir == rules and has_parts(job.params):
            forced = job.output if job.rule in dag.forcerules else asked.intersection(job.output)
            for path in forced:
                provenance_path(path).unlink(missing_ok=True)


@functools.cache
def script_of(rule: Rule) -> Path:
    """The file of a rule's script; of a workflow on a git host, the copy that Snakemake fetched."""
    source = infer_source_file(rule.script, rule.basedir)
    if isinstance(source, LocalSourceFile):
        return Path(source.get_path_or_uri(secret_free=True))
    return Path(rule.workflow.sourcecache.get_path(source))


def freshen(inputs: list[str], outputs: list[str], digests: Digests) -> None:
    """Let no output be older than its inputs: Snakemake would take it for outdated."""
    times = [os.stat(path).st_mtime_ns for path in inputs if os.path.exists(path)]
    newest = max(times, default=0)
    for path in filter(os.path.exists, outputs):
        if os.stat(path).st_mtime_ns < newest:
            digests.touch(path, newest)
