"""The workflow inside other people's workflows: as a module, and as snakedeploy deploys it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMOKE = ROOT / "workflow/configs/smoke.yaml"
FACES = "results/data/faces/train.safetensors"
NOTHING = "Nothing to be done"

THEIRS = """
configfile: "config.yaml"

module editable_deepsc:
    snakefile: "{snakefile}"
    config: config

use rule * from editable_deepsc as deepsc_*

rule mine:
    input: "{faces}"
    output: "mine.txt"
    script: "mine.py"
"""
MINE = "from pathlib import Path\n\nPath(snakemake.output[0]).write_text('mine')\n"


@pytest.fixture(scope="module")
def theirs(tmp_path_factory) -> Path:
    """A workflow of somebody else with a rule and a script of its own."""
    folder = tmp_path_factory.mktemp("theirs")
    shutil.copy(ROOT / "config.yaml", folder)
    text = THEIRS.format(snakefile=ROOT / "workflow/Snakefile", faces=FACES)
    (folder / "Snakefile").write_text(text)
    (folder / "mine.py").write_text(MINE)
    return folder


def test_a_module_plans_as_the_workflow_itself(theirs, snakemake, planned):
    smoke = (str(SMOKE),)
    run = snakemake(theirs, "-n", configs=smoke, targets=("deepsc_all",))
    assert run.returncode == 0, run.stdout[-3000:]
    jobs = planned(run.stdout)
    itself = snakemake(ROOT, "-n", "--directory", str(theirs), configs=smoke, targets=("all",))
    expected = {f"deepsc_{rule}": count for rule, count in planned(itself.stdout).items()}
    assert jobs.pop("deepsc_all") == 1 and jobs == expected


def test_rules_of_others_are_left_alone(theirs, snakemake):
    """Their outputs have no provenance, and are deleted before their jobs."""
    smoke = (str(SMOKE),)
    run = snakemake(theirs, configs=smoke, targets=("mine.txt",))
    assert run.returncode == 0, run.stdout[-3000:]
    again = snakemake(theirs, "-n", configs=smoke, targets=("mine.txt",))
    assert NOTHING in again.stdout
    (theirs / "mine.py").write_text(MINE.replace("'mine'", "'new'"))
    again = snakemake(theirs, "-n", "--forcerun", "mine", configs=smoke, targets=("mine.txt",))
    assert "mine.txt" in again.stdout and "(update)" not in again.stdout


@pytest.fixture(scope="module")
def on_a_git_host(tmp_path_factory) -> dict[str, str]:
    """An environment in which git finds the workflow under a public address: files, no network."""
    folder = tmp_path_factory.mktemp("host")
    repository = folder / "somebody/editable-deepsc"
    repository.mkdir(parents=True)
    for name in ("Snakefile", "config.yaml", "LICENSE"):
        shutil.copy(ROOT / name, repository)
    for name in ("workflow", "config", "profiles"):
        shutil.copytree(ROOT / name, repository / name, symlinks=True)
    git = ["git", "-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"], ["tag", "v1"]):
        subprocess.run([*git, *command], cwd=repository, check=True)
    told = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{folder}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    return os.environ | told


def test_snakedeploy_deploys_it(tmp_path, on_a_git_host, warm_python, snakemake):
    pytest.importorskip("snakedeploy")  # not for Python 3.13 yet
    address = "https://github.com/somebody/editable-deepsc"
    command = [warm_python, "-m", "snakedeploy.client", "deploy-workflow", address, tmp_path]
    run = subprocess.run(
        [*command, "--tag", "v1"], env=on_a_git_host, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "config/README.md").is_file()
    assert not (tmp_path / "config/config.yaml").is_symlink()
    assert "github(" in (tmp_path / "workflow/Snakefile").read_text()

    def deployed(*options: str, targets: tuple[str, ...]) -> str:
        smoke = (str(SMOKE),)
        run = snakemake(
            tmp_path, *options, configs=smoke, targets=targets, environment=on_a_git_host
        )
        assert run.returncode == 0, run.stdout[-3000:]
        return run.stdout

    assert "results/claims.csv" in deployed("-n", targets=())
    deployed(targets=(FACES,))
    assert NOTHING in deployed("-n", targets=(FACES,))
