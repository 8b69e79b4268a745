"""Every command and every Python block of README and docs, run or planned.

Python blocks of a page share a namespace and a temporary folder with a face, its `editable-deepsc`
commands a folder like it. `snakemake` commands are read and planned, `make` targets are read.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from snakemake.cli import parse_args
from typer.testing import CliRunner

import editable_deepsc as ed
from editable_deepsc import zoo
from editable_deepsc.cli import app
from editable_deepsc.data.pictures import to_pictures
from editable_deepsc.editing.editor import EditSettings

from .pages import PAGES, ROOT, commands, files, scripts

OVERLAYS = sorted((ROOT / "workflow/configs").glob("*.yaml"))
FOLLOWED = {
    "your-data-set.md": "tests/test_your_own.py runs its commands before them",
    "add-a-system.md": "tests/test_your_own.py writes its files before them",
}
NOT_RUN = {
    "git clone": "needs the network; the test runs in the clone",
    "pip install": "tests/packaging installs the package",
    "sed -i": "changes the sources; tests/test_your_own.py follows the page in a copy",
    "echo ": "the same",
    "editable-deepsc app": "serves until it is ended; tests/app opens it in a browser",
    ".venv/bin/python -m experiment.page": "its files are not here; tests/experiment/test_page.py",
    "editable-deepsc bench": "measures for minutes; tests/cli has its parts",
    "editable-deepsc systems": "loads every system; tests/test_door.py does the same",
}
NOT_PLANNED = {
    "--profile": "its executor and its machine are not here; the options are read",
    "--batch": "a part of a sweep that nobody has configured; the options are read",
    "--unlock": "acts on a lock",
    "--sdm": "needs conda or apptainer; the options are read",
    "$R": "a variable of the shell with the overlays; tests of the rehearsal plan it",
    "paper.yaml": "its files are not here; tests/workflow reads what it says of them",
}
OF_THE_READER = {name for page in PAGES for name in files(page)}  # the page asks to write them


def snakemake_commands() -> list[tuple[str, str]]:
    """(page, arguments) of each `snakemake` with an option: a phrase about it has none."""
    pattern = re.compile(r"(?:[`\s]|^)(?:\.venv/bin/)?snakemake ([^`#&\n]*)", re.MULTILINE)
    found = {
        (page.name, match[1].split("    ")[0].strip()): None
        for page in [*PAGES, *OVERLAYS]
        for match in pattern.finditer(page.read_text())
    }
    return [(page, c) for page, c in found if c.startswith("-") or " --" in c]


def make_targets() -> list[str]:
    pattern = re.compile(r"(?:`|^)make ([a-z-]+)[^`\n]*(?:`|$)", re.MULTILINE)
    return sorted({m[1] for page in PAGES for m in pattern.finditer(page.read_text())})


@pytest.fixture
def with_a_face(tmp_path, monkeypatch) -> Path:
    """The working folder, with a rendered face in it as a JPEG of another size.

    Inversions are short in it, of 3 iterations: tests/cli and tests/test_door.py make whole ones.
    """
    to_pictures(ed.draw_faces(1, seed=7))[0].resize((160, 160)).save(tmp_path / "face.jpg")
    whole = zoo._settings

    def short(entry: dict, inversion: str | None) -> EditSettings:
        settings = whole(entry, inversion)
        return replace(settings, inversion=replace(settings.inversion, iterations=3, starts=1))

    monkeypatch.setattr(zoo, "_settings", short)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"{shlex.join(command)}: {done.stderr}"


def test_the_readme_is_short_and_begins_with_a_command():
    text = (ROOT / "README.md").read_text()
    assert len(text.split()) <= 800
    assert len(text.split("```bash")[0].split()) <= 60


@pytest.mark.parametrize("page", [p for p in PAGES if scripts(p)], ids=lambda p: p.name)
def test_python_blocks_run(page, with_a_face):
    if page.name in FOLLOWED:
        pytest.skip(FOLLOWED[page.name])
    exec(compile("\n".join(scripts(page)), page.name, "exec"), {"__name__": page.stem})
    assert list(with_a_face.glob("edited*.png"))


@pytest.mark.parametrize(
    "page",
    [p for p in PAGES if any(c.startswith("editable-deepsc") for c in commands(p))],
    ids=lambda p: p.name,
)
def test_commands_run(page, with_a_face):
    ours = [c for c in commands(page) if c.startswith("editable-deepsc")]
    run_here = [command for command in ours if not command.startswith(tuple(NOT_RUN))]
    for command in run_here:
        done = CliRunner().invoke(app, shlex.split(command)[1:])
        assert done.exit_code == 0, f"{command}: {done.output} {done.exception}"
    assert not run_here or (with_a_face / "edited.png").is_file()


def test_every_line_of_a_bash_block_is_checked():
    checked = ("editable-deepsc ", "make ", "snakemake ", ".venv/bin/snakemake ", *NOT_RUN)
    for page in PAGES:
        for line in commands(page):
            assert line.startswith(checked), f"{page.name}: nothing runs or plans {line!r}"


def test_commands_in_the_text_exist():
    known = {command.callback.__name__ for command in app.registered_commands}
    named = {
        match[1]
        for page in PAGES
        for match in re.finditer(r"(?:`|^)editable-deepsc ([a-z]\w*)", page.read_text(), re.M)
    }
    assert named and named <= known


def test_the_snakemake_commands_are_found():
    pages = {page for page, _ in snakemake_commands()}
    assert len(snakemake_commands()) >= 12
    assert {"README.md", "experiment.md", "codecs.md", "paper.yaml"} <= pages


@pytest.mark.parametrize("page, command", snakemake_commands())
def test_a_snakemake_command_reads_as_meant(page, command, monkeypatch):
    monkeypatch.chdir(ROOT)  # where its profiles are looked for
    args = parse_args(shlex.split(command.removesuffix(" --profile site.yaml")))[1]
    for file in map(str, args.configfile):  # this option takes every word after it, targets too
        assert file.endswith(".yaml"), (
            f"{page}: `snakemake {command}` reads {file} as a config; put targets before "
            "--configfile"
        )
        assert file in OF_THE_READER or (ROOT / file).is_file(), f"{page}: {file} does not exist"


def planned() -> list[str]:
    """Commands that can be planned here, each once, without the options that a plan lacks."""
    left_out = (*NOT_PLANNED, *OF_THE_READER, "--report", "NAME", "{")
    found = {command for _, command in snakemake_commands()}
    return sorted(c for c in found if not any(word in c for word in left_out))


@pytest.mark.parametrize("command", planned())
def test_a_snakemake_command_can_be_planned(command, warm_python):
    snakemake = [str(warm_python), "-m", "snakemake", "-n", "--quiet", "all", "--nolock"]
    run([*snakemake, *shlex.split(command)])


def test_make_knows_every_target():
    targets = make_targets()
    assert {"tables", "test", "lint", "validate-networks"} <= set(targets)
    run(["make", "-n", "-o", ".venv/installed", *targets])


def test_every_page_that_is_referred_to_exists():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).is_file(), f"{page.name} refers to {target}"


def test_every_file_that_is_named_exists():
    roots = [ROOT, ROOT / "src/editable_deepsc", ROOT / "src"]
    pattern = re.compile(r"`((?:[\w.-]+/)+[\w-]+\.(?:py|smk|yaml|md))\b")
    for page in PAGES:
        for name in pattern.findall(page.read_text()):
            if name.startswith(("results/", "data/")) and not name.endswith(".py"):
                continue
            if name in OF_THE_READER or name.startswith(("celeba", "talk-to-edit", "tables/")):
                continue
            assert any((root / name).is_file() for root in roots), f"{page.name} names {name}"
