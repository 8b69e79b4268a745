"""The smoke experiment through SLURM: `make test-slurm`, or `python workflow/trials/slurm.py`.

Real jobs, GPUs for the rules that want one and for no other, the same bytes as in a local run.
Where a SLURM answers (`sinfo`), that one is used, as the slurm profile describes it. Where its
programs are installed but nothing runs, and we are root, a cluster of one node is configured on the
loopback interface, with a pretended GPU (/dev/null), four CPUs even where there are two (a group of
cells asks for four) and without accounting, and stopped at the end. Which resources a job got is
read from SLURM's own records, not from what was asked.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml
from workflow_copy import ROOT, Workflow

ETC = Path("/etc/slurm")
PREFIX = "editable-deepsc-slurm-"  # of the temporary folder of a cluster that this test starts
PROGRAMS = ("sbatch", "squeue", "scontrol", "slurmctld", "slurmd", "munged")
PROFILE = yaml.safe_load((ROOT / "workflow/profiles/slurm/config.yaml").read_text())
# and all cells but those that only decode a digital codec
GPU_RULES = set(PROFILE["set-resources"]) - {"transmit"}
DIGITAL = ("_ldpc", "_earlier", "_5g")  # endings of such codecs
LOCAL_RULES = {"metrics", "bandwidth", "curves", "grid"}

CONF = """
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmctldPort={port}
SlurmdPort={port1}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/completed
MinJobAge=86400
ReturnToService=2
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
GresTypes=gpu
SlurmdParameters=config_overrides
MailProg=/bin/true
MpiDefault=none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:1 State=UNKNOWN
PartitionName=cpu Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
PartitionName=gpu Nodes={host} MaxTime=INFINITE State=UP OverSubscribe=NO
PartitionName=gpu-long Nodes={host} MaxTime=INFINITE State=UP OverSubscribe=NO
"""


def answers() -> bool:
    """Whether a SLURM controller can be reached."""
    return (
        shutil.which("sinfo") is not None
        and subprocess.run(["sinfo", "-h"], capture_output=True, timeout=30).returncode == 0
    )


def remove_leftovers(links: list[Path]) -> None:
    """Links into the folder of an earlier test that was killed. Called where no SLURM answers."""
    for link in links:
        if link.is_symlink() and link.readlink().parent.name.startswith(PREFIX):
            shutil.rmtree(link.readlink().parent, ignore_errors=True)
            link.unlink()


def free_ports() -> tuple[int, int]:
    with socket.socket() as a, socket.socket() as b:
        a.bind(("127.0.0.1", 0))
        b.bind(("127.0.0.1", 0))
        return a.getsockname()[1], b.getsockname()[1]


def configured_folder() -> tuple[Path, str]:
    """A new temporary folder with all that a SLURM of one node reads, and the name of the node."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o755)
    (folder / "state").mkdir()
    (folder / "spool").mkdir()
    (folder / "completed").touch()
    host, (port, port1) = socket.gethostname().split(".")[0], free_ports()
    memory = (
        int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1)) // 1024
        - 500
    )
    (folder / "slurm.conf").write_text(
        CONF.format(
            folder=folder,
            host=host,
            port=port,
            port1=port1,
            cpus=max(4, len(os.sched_getaffinity(0))),
            memory=memory,
        )
    )
    (folder / "gres.conf").write_text("Name=gpu File=/dev/null\n")
    (folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
    (folder / "munge.key").write_bytes(os.urandom(1024))
    (folder / "munge.key").chmod(0o400)
    return folder, host


@contextmanager
def one_node() -> Iterator[None]:
    """A SLURM of one node under a temporary folder, stopped and removed at the end."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        sys.exit(
            f"test-slurm: {', '.join(missing)} not found; install SLURM first, on Debian "
            "with `apt-get install slurm-wlm munge`"
        )
    if os.geteuid() != 0:
        sys.exit(
            "test-slurm: no SLURM answers and only root can start one here; run it as "
            "root, or where `sinfo` works"
        )
    links = [ETC / name for name in ("slurm.conf", "gres.conf", "cgroup.conf")]
    remove_leftovers(links)
    if links[0].exists():
        sys.exit(
            f"test-slurm: {ETC}/slurm.conf describes a SLURM that does not answer; start "
            "it, or move the file away to let the test start its own"
        )
    folder, host = configured_folder()
    ETC.mkdir(exist_ok=True)
    daemons = []
    try:
        # in the place where every program looks: Snakemake's plugin takes SLURM_CONF away from the
        # steps of a job
        for link in links:
            link.symlink_to(folder / link.name)
        for command in (
            [
                "munged",
                "-F",
                "--force",
                f"--socket={folder}/munge.socket",
                f"--key-file={folder}/munge.key",
                f"--pid-file={folder}/munged.pid",
                f"--seed-file={folder}/munged.seed",
                f"--log-file={folder}/munged.log",
            ],
            ["slurmctld", "-D", "-c"],
            ["slurmd", "-D", "-c", "-N", host],
        ):
            with open(folder / f"{command[0]}.out", "w") as log:
                daemons.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT))
            time.sleep(2)
        for _ in range(60):
            state = subprocess.run(
                ["sinfo", "-h", "-o", "%T"], capture_output=True, text=True
            ).stdout
            if "idle" in state:
                break
            time.sleep(1)
        else:
            logs = "\n".join(path.read_text()[-1500:] for path in folder.glob("slurm*.log"))
            sys.exit(f"test-slurm: the node did not come up (sinfo says {state!r}):\n{logs}")
        yield
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
        for daemon in daemons:
            daemon.wait(30)
        for link in links:
            link.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


class Records(threading.Thread):
    """SLURM's record of every job, collected while they run.

    ``jobs``: job id -> the last line of `scontrol -d show job`. ``held_gpu``: those with a GPU.
    """

    def __init__(self):
        super().__init__(daemon=True)
        self.jobs: dict[str, str] = {}
        self.held_gpu: set[str] = set()
        self.done = threading.Event()

    def look(self) -> None:
        shown = subprocess.run(
            ["scontrol", "-d", "-o", "show", "job"], capture_output=True, text=True
        ).stdout
        for line in shown.splitlines():
            if match := re.match(r"JobId=(\d+)", line):
                self.jobs[match.group(1)] = line
                # the allocation (while it lasts without accounting, in TRES with it), not the
                # request, which is TresPerJob
                if re.search(r" GRES=gpu\S*| TRES=\S*gres/gpu", line):
                    self.held_gpu.add(match.group(1))

    def run(self) -> None:
        while not self.done.wait(3):
            self.look()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--overlay",
        type=Path,
        action="append",
        default=[],
        help="on top of workflow/configs/smoke.yaml",
    )
    parser.add_argument(
        "--cores", type=int, default=os.cpu_count(), help="of the local run that is compared with"
    )
    parser.add_argument(
        "--only",
        nargs="*",
        default=[],
        help="these files instead of everything (nothing is compared then)",
    )
    arguments = parser.parse_args()
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit("test-slurm: terminated")
    )  # so that the cluster is stopped then, too
    overlays = [ROOT / "workflow/configs/smoke.yaml", *arguments.overlay]
    with ExitStack() as stack:
        profile = ["--profile", "workflow/profiles/slurm"]
        if not answers():
            stack.enter_context(one_node())
            profile += ["--config", "device=cpu"]  # the profile's cuda would stop: no GPU works
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="test-slurm-")))
        cluster = Workflow(folder / "slurm", overlays, arguments.cores)
        records = Records()
        records.start()
        start = time.monotonic()
        code, said = cluster.run(*arguments.only, *profile)
        records.done.set()
        records.join()
        records.look()
        if code:
            logs = [
                path.read_text()[-1500:]
                for path in sorted(cluster.folder.glob(".snakemake/slurm_logs/**/*.log"))[:3]
            ]
            sys.exit(
                f"test-slurm: the run through SLURM failed:\n{said[-8000:]}\n" + "\n".join(logs)
            )
        print(
            f"through SLURM: {time.monotonic() - start:.0f} s, {len(records.jobs)} jobs of sbatch",
            flush=True,
        )
        wrong = check_resources(cluster.folder / "results", records)
        if not arguments.only:
            local = Workflow(folder / "local", overlays, arguments.cores)
            start = time.monotonic()
            local.finish()
            print(f"locally: {time.monotonic() - start:.0f} s", flush=True)
            there, here = cluster.tables(), local.tables()
            other = [
                name for name in here.keys() | there.keys() if here.get(name) != there.get(name)
            ]
            wrong += [f"{name} differs from the local run's" for name in other]
            print(f"{len(here)} tables, {len(other)} of them different from the local run's")
    if wrong:
        sys.exit("test-slurm: " + "; ".join(wrong))


def check_resources(results: Path, records: Records) -> list[str]:
    """Print rule by rule what SLURM gave to the jobs that wrote the outputs.

    Returns what is wrong with it, a phrase each.
    """
    wrong, seen = [], {}
    for path in sorted(results.rglob("*.provenance.json")):
        facts = json.loads(path.read_text())
        rule, system = facts["rule"], facts["wildcards"].get("system", "")
        decodes_only = system.startswith("talk2edit+") and system.endswith(DIGITAL)
        wants = rule in GPU_RULES or (rule == "transmit" and not decodes_only)
        if rule in LOCAL_RULES:
            continue
        record = records.jobs.get(str(facts["slurm_job"]))
        if record is None:
            wrong.append(f"{facts['output']} was not written by a job of SLURM")
            continue
        got = str(facts["slurm_job"]) in records.held_gpu
        if got != wants:
            wrong.append(f"SLURM gave {'a' if got else 'no'} GPU to {rule} {system}".strip())
        if got and not re.search(r" Partition=gpu", record):
            wrong.append(f"{rule} has a GPU in a partition that need not have any")
        key = rule + (" (runs a network)" if rule == "transmit" and wants else "")
        facts = {
            name: re.search(rf" {name}=(\S*)", record).group(1)
            for name in ("Partition", "TimeLimit", "JobState")
        }
        seen.setdefault(key, set()).add(
            ("GPU" if got else "no GPU", facts["Partition"], facts["TimeLimit"], facts["JobState"])
        )
    for key, lines in sorted(seen.items()):
        for line in sorted(lines):
            print(f"  {key:36s} {' '.join(line)}")
    return wrong


if __name__ == "__main__":
    main()
