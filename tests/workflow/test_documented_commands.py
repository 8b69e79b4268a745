"""Every `snakemake` command of README, docs and overlays, read as Snakemake's own command line
reads it.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from snakemake.cli import parse_args

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "workflow/configs").glob("*.yaml")),
]
OF_THE_READER = {
    "mine.yaml",
    "workflow/configs/uncoded.yaml",
}  # files that the page asks the reader to write
COMMAND = re.compile(r"(?:[`\s]|^)(?:\.venv/bin/)?snakemake ([^`#&\n]*)", re.MULTILINE)


def documented() -> list[tuple[str, str]]:
    """(page, arguments) of each command that has an option; what is only a phrase ("snakemake
    trains ...") has none.
    """
    commands = [
        (page.name, match[1].split("    ")[0].strip())
        for page in PAGES
        for match in COMMAND.finditer(page.read_text())
    ]
    return [
        (page, command) for page, command in commands if command.startswith("-") or " --" in command
    ]


def test_the_commands_are_found():
    assert len(documented()) >= 12 and {"README.md", "codecs.md", "paper.yaml"} <= {
        page for page, _ in documented()
    }


@pytest.mark.parametrize("page, command", documented())
def test_a_documented_command_reads_as_meant(page, command, monkeypatch):
    monkeypatch.chdir(ROOT)  # where its profiles are looked for
    args = parse_args(shlex.split(command))[1]
    for file in map(
        str, args.configfile
    ):  # the option takes every word after it: a target there would be read as a config
        assert file.endswith(".yaml"), (
            f"{page}: `snakemake {command}` reads {file} as a config; put targets before "
            "--configfile"
        )
        assert file in OF_THE_READER or (ROOT / file).is_file(), f"{page}: {file} does not exist"
