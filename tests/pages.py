"""What README and docs ask their reader to do: blocks to run, and files to write.

A block whose first line is a comment with nothing but a path, such as ``# mine.yaml``, is a file.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_NAMED = re.compile(r"# (\S+\.(?:py|yaml))\n")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def scripts(page: Path) -> list[str]:
    """The Python blocks that are to be run."""
    return [block for block in blocks(page, "python") if not _NAMED.match(block)]


def files(page: Path) -> dict[str, str]:
    """The files that the reader writes: path below the repository -> text."""
    written = [*blocks(page, "python"), *blocks(page, "yaml")]
    return {match[1]: block for block in written if (match := _NAMED.match(block))}


def commands(page: Path) -> list[str]:
    """The lines of the page's bash blocks, without comments."""
    lines = [line for block in blocks(page, "bash") for line in block.splitlines()]
    return [line for line in lines if line.strip() and not line.startswith("#")]


def write_files(page: Path, folder: Path) -> None:
    """Write the page's files into a copy of the repository."""
    for path, text in files(page).items():
        (folder / path).write_text(text)


def change_sources(page: Path, folder: Path) -> None:
    """Run the page's commands that change the sources, in a copy of the repository."""
    for command in commands(page):
        if command.startswith(("sed -i", "echo ")):
            subprocess.run(["bash", "-ec", command], cwd=folder, check=True)
