"""Machines of others: a storage instead of a shared file system, and the settings of a site."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
import yaml
from snakemake.cli import parse_args

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "src/editable_deepsc/weights"


def in_storage(folder: Path) -> tuple[str, ...]:
    prefix = str(folder / "bucket")
    return ("--default-storage-provider", "fs", "--default-storage-prefix", prefix)


def test_a_storage_plans_the_same_and_holds_no_bundled_network(
    tmp_path, snakemake, copy_of_the_workflow, planned
):
    folder = copy_of_the_workflow(tmp_path)
    there = snakemake(folder, "-n", *in_storage(folder), targets=())
    assert there.returncode == 0, there.stdout[-3000:]
    assert planned(there.stdout) == planned(snakemake(folder, "-n", targets=()).stdout)
    inputs = [
        file
        for line in there.stdout.splitlines()
        if line.strip().startswith("input: ")
        for file in line.strip().removeprefix("input: ").split(", ")
    ]
    networks = [file for file in inputs if Path(file.split(" ")[0]).is_relative_to(WEIGHTS)]
    others = [file for file in inputs if file not in networks]
    assert networks and not [file for file in networks if "storage" in file]
    assert others and all(str(folder / "bucket/results") in file for file in others)


@pytest.mark.skipif(not shutil.which("rsync"), reason="the storage plugin copies with rsync")
def test_a_change_is_seen_in_a_storage_too(tmp_path, snakemake, copy_of_the_workflow):
    """Without provenance there, by Snakemake's own records."""
    folder = copy_of_the_workflow(tmp_path)
    target = ("results/data/faces/train.safetensors",)
    run = snakemake(folder, *in_storage(folder), targets=target)
    assert run.returncode == 0, run.stdout[-3000:]
    assert (folder / "bucket" / target[0]).is_file() and not (folder / "results").exists()
    again = snakemake(folder, "-n", *in_storage(folder), targets=target)
    assert "Nothing to be done" in again.stdout
    (folder / "change.yaml").write_text("seed: 2\n")
    changed = snakemake(
        folder, "-n", *in_storage(folder), overlays=("change.yaml",), targets=target
    )
    assert "Params have changed" in changed.stdout


def gpu_rules() -> set[str]:
    """Names of the rules that ask for a GPU, at least for some of their jobs."""
    begin = re.compile(r"^ *(?:use )?rule (\w+)(?: as (\w+) with)?:$", re.MULTILINE)
    wants: dict[str, bool] = {}
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        _, *parts = begin.split(path.read_text())
        for name, derived, body in zip(*[iter(parts)] * 3, strict=True):
            wants[derived or name] = "gpu=" in body or (bool(derived) and wants[name])
    return {name for name, wanted in wants.items() if wanted}


def test_every_rule_that_asks_for_a_gpu_is_sent_where_there_are_gpus():
    profile = yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text())
    placed, wanted = set(profile["set-resources"]), gpu_rules()
    assert {"invert", "train_codec_matched", "study_rates", "dialogue"} <= wanted
    assert "metrics" not in wanted
    assert placed == wanted


def test_settings_of_a_site_replace_those_of_the_profile(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    site = tmp_path / "site.yaml"
    wanted = {"default-resources": {"slurm_account": "mine"}, "slurm-requeue": True}
    site.write_text(yaml.safe_dump(wanted))
    ours, theirs = (
        parse_args(["--profile", "profiles/slurm", *more])[1]
        for more in ([], ["--profile", str(site)])
    )
    for args, there, replaced in (
        (ours, "slurm_partition", "slurm_account"),
        (theirs, "slurm_account", "slurm_partition"),
    ):
        assert there in args.default_resources and replaced not in args.default_resources
        assert (args.executor, args.jobs) == ("slurm", 200)
    assert theirs.slurm_requeue is True is not ours.slurm_requeue
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert os.sep + site.name in ignored
