"""What `pip install .` would install: everything that the library needs, and nothing else."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from editable_deepsc.networks.manifest import BUNDLED, codes, manifest, systems

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "src/editable_deepsc"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"  # a copy: a build leaves files in its source
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "src"):
        subprocess.run(["cp", "-r", ROOT / name, source], check=True)
    for left in source.rglob("*.egg-info"):
        subprocess.run(["rm", "-r", left], check=True)
    command = [sys.executable, "-m", "pip", "wheel", source, "--no-deps", "--no-build-isolation"]
    run = subprocess.run([*command, "-w", folder], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_every_file_of_the_library(wheel):
    files = {
        path.relative_to(LIBRARY.parent).as_posix()
        for path in LIBRARY.rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".tmp")
    }
    assert "editable_deepsc/py.typed" in files
    assert files - set(wheel.namelist()) == set()


def test_the_wheel_holds_the_weights_of_the_manifest(wheel):
    entries = [*manifest().values(), *codes().values()]
    entries += [entry for system in systems().values() for entry in system["files"].values()]
    for entry in entries:
        assert wheel.getinfo(f"editable_deepsc/weights/{entry['file']}").file_size == entry["bytes"]
    assert len(codes()) >= 3


def test_the_wheel_holds_nothing_else(wheel):
    rooms = {name.split("/")[0] for name in wheel.namelist()}
    about = f"editable_deepsc-{PROJECT['version']}.dist-info"
    # the experiment too: a workflow that uses ours as a module has no checkout
    assert rooms == {"editable_deepsc", "experiment", about}
    assert not [name for name in wheel.namelist() if "test" in Path(name).name]


def test_the_command_is_an_entry_point(wheel):
    text = wheel.read(f"editable_deepsc-{PROJECT['version']}.dist-info/entry_points.txt").decode()
    assert "editable-deepsc = editable_deepsc.cli:main" in text
    entry = importlib.metadata.EntryPoint(
        "editable-deepsc", "editable_deepsc.cli:main", "console_scripts"
    )
    assert callable(entry.load())


def imported(path: Path) -> set[str]:
    """Top-level packages that a file imports from outside its own."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names)


def normalised(requirement: str) -> str:
    return re.split(r"[\[<>=;! ]", requirement)[0].lower().replace("_", "-")


DISTRIBUTION = {"PIL": "pillow", "sionna": "sionna-no-rt", "yaml": "PyYAML"}
DISTRIBUTION |= {"joblib": "mtcnn"}  # which brings it, and nothing else asks for it


def test_what_the_library_imports_is_a_dependency():
    names = set().union(*map(imported, LIBRARY.rglob("*.py"))) - {"editable_deepsc"}
    needed = {normalised(DISTRIBUTION.get(name, name)) for name in names}
    optional = needed - set(map(normalised, PROJECT["dependencies"]))
    extras = PROJECT["optional-dependencies"].items()
    for_users = [name for extra, names in extras if extra not in ("test", "dev") for name in names]
    assert {"pyldpc", "mtcnn", "gradio"} <= optional <= set(map(normalised, for_users))
    assert list(map(normalised, PROJECT["optional-dependencies"]["gallager"])) == ["pyldpc"]


def test_what_the_experiment_imports_is_in_the_extra_workflow():
    names = set().union(*map(imported, (ROOT / "src/experiment").glob("*.py")))
    needed = {normalised(DISTRIBUTION.get(name, name)) for name in names}
    needed -= {"editable-deepsc", *map(normalised, PROJECT["dependencies"])}
    needed -= {"skimage"}  # whose pictures the rehearsal takes, in a checkout
    assert needed <= set(map(normalised, PROJECT["optional-dependencies"]["workflow"]))


def test_the_library_knows_neither_the_experiment_nor_snakemake_nor_yaml():
    names = set().union(*map(imported, LIBRARY.rglob("*.py")))
    assert not names & {"experiment", "snakemake", "yaml", "jsonschema"}


def pins(path: Path) -> dict[str, str]:
    return {
        normalised(line.strip(" -")): re.split("==|;", line.strip(" -"))[1]
        for line in path.read_text().splitlines()
        if "==" in line and not line.lstrip().startswith("#")
    }


def test_every_dependency_is_pinned_the_same_everywhere():
    requirements = pins(ROOT / "envs/requirements.txt")
    lock, conda = pins(ROOT / "envs/lock.txt"), pins(ROOT / "envs/environment.yaml")
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    named = {normalised(name) for group in groups for name in group} - {"editable-deepsc"}
    page = pins(ROOT / "envs/app.txt")
    assert named - {"gradio"} == set(requirements) and "gradio" in page
    assert not page.keys() & lock.keys()
    assert requirements.items() <= lock.items()
    assert conda.items() - requirements.items() == {("setuptools", conda["setuptools"])}
    assert requirements.keys() - conda.keys() == {"pyldpc"}  # its command is in the file's head


def test_the_files_of_the_package_are_small_enough_together():
    assert sum(path.stat().st_size for path in BUNDLED.rglob("*.safetensors")) <= 34e6


def test_the_version_is_the_same_everywhere():
    assert f"version: {PROJECT['version']}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text()
