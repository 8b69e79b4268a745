"""What a release would be to somebody who installs it, tried in a new environment.

Builds the source distribution, and from it the wheel, under dist/. Installs the wheel alone in a
new environment, and runs there what the README shows first, from an empty folder.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path) -> None:
    print("+", *command, flush=True)
    subprocess.run(command, cwd=cwd, check=True)


def python_of_the_readme() -> str:
    """The README's first block of Python."""
    found = re.search(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    if found is None:
        sys.exit("release: README.md shows no Python")
    return found[1]


def main() -> None:
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="release-") as name:
        folder, empty = Path(name), Path(name, "empty")
        empty.mkdir()
        # of what is committed: a file that was forgotten is missing here too
        run("git", "archive", "--prefix=source/", "-o", folder / "source.tar", "HEAD", cwd=ROOT)
        run("tar", "-xf", "source.tar", cwd=folder)
        run(sys.executable, "-m", "build", "--outdir", dist, folder / "source", cwd=folder)
        (wheel,) = dist.glob("*.whl")
        run(sys.executable, "-m", "venv", folder / "env", cwd=empty)
        python = folder / "env/bin/python"
        lock = ROOT / "envs/lock.txt"
        run(python, "-m", "pip", "install", "--quiet", "-c", lock, wheel, cwd=empty)
        run(python, "-m", "pip", "check", cwd=empty)
        run(python, "-I", "-c", python_of_the_readme(), cwd=empty)
        run(folder / "env/bin/editable-deepsc", "--help", cwd=empty)
        if not (empty / "edited.png").is_file():
            sys.exit("release: the README's lines wrote no edited.png")
    print(f"release: {wheel.name} and its source distribution are good, under dist/")


if __name__ == "__main__":
    main()
