"""What others read of the repository: the host's files, the citation, the image, the catalog."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner

ROOT = Path(__file__).parents[2]
SCHEMAS = {
    ".github/workflows/*.yml": "vendor.github-workflows",
    ".github/ISSUE_TEMPLATE/[!c]*.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    "CITATION.cff": "vendor.citation-file-format",
}


@pytest.mark.parametrize("pattern, schema", SCHEMAS.items(), ids=str)
def test_a_file_is_what_its_published_schema_says(pattern, schema):
    files = sorted(map(str, ROOT.glob(pattern)))
    assert files
    options = ["--builtin-schema", schema, "--force-filetype", "yaml"]
    run = CliRunner().invoke(check_jsonschema, [*options, *files])
    assert run.exit_code == 0, run.output


def test_jobs_of_the_host_run_what_there_is():
    """Targets of make and overlays; each job with a limit of its time."""
    jobs = {
        f"{path.name}:{name}": job
        for path in (ROOT / ".github/workflows").glob("*.yml")
        for name, job in yaml.safe_load(path.read_text())["jobs"].items()
    }
    lines = [step["run"] for job in jobs.values() for step in job["steps"] if step.get("run")]
    targets = {line.split()[1] for line in lines if line.startswith("make ")}
    assert {"lint", "test", "docs", "install", "release-check"} <= targets
    run = subprocess.run(["make", "-n", "-o", ".venv/installed", *targets], cwd=ROOT)
    assert run.returncode == 0
    for overlay in re.findall(r"workflow/configs/\S+", "\n".join(lines)):
        assert (ROOT / overlay).is_file()
    assert all("timeout-minutes" in job for job in jobs.values())


def test_tests_run_on_the_oldest_and_on_the_newest_python_that_is_named():
    checks = yaml.safe_load((ROOT / ".github/workflows/checks.yml").read_text())["jobs"]
    named = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text())
    assert set(checks["test"]["strategy"]["matrix"]["python"]) == {named[0], named[-1]}


def test_hooks_are_the_linters_of_make():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    linters = set(
        re.findall(r"^\t\$\(BIN\)/(ruff \w+|snakefmt)", (ROOT / "Makefile").read_text(), re.M)
    )
    assert {
        " ".join(hook["entry"].removeprefix(".venv/bin/").split()[:2]) for hook in hooks
    } == linters
    assert all(hook["language"] == "system" for hook in hooks)


def test_the_image_is_as_its_linter_wants_it():
    hadolint = Path(sys.executable).parent / "hadolint"
    run = subprocess.run([hadolint, ROOT / "envs/Dockerfile"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_both_images_install_one_environment():
    dockerfile, apptainer = (
        (ROOT / "envs" / name).read_text() for name in ("Dockerfile", "apptainer.def")
    )
    base = re.search(r"^FROM (\S+) AS", dockerfile, re.M)[1]
    assert f"From: {base}\n" in apptainer
    install = "sh /opt/envs/image.sh /opt/envs/lock.txt /opt/envs/networks.yaml"
    assert install in dockerfile and install in apptainer
    for path in ("envs/image.sh", "envs/lock.txt", "workflow/envs/networks.yaml"):
        assert path in dockerfile and path in apptainer and (ROOT / path).is_file()


def test_the_workflow_catalog_takes_it_as_standardized():
    """Its published rules: words, places of files, what the settings may say."""
    readme = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in readme and "workflow" in readme
    for name in ("workflow/Snakefile", "config/README.md", "config/config.yaml"):
        assert (ROOT / name).is_file()
    assert list((ROOT / "workflow/rules").glob("*.smk"))
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    deployed = usage["software-stack-deployment"]
    assert deployed.keys() == {"conda", "apptainer", "apptainer+conda", "report"}
