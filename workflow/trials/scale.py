"""Time and memory that Snakemake needs to plan a large sweep: `make test-scale`.

50 data sets, 20 systems and 40 SNRs; others with `python workflow/trials/scale.py --datasets 10`.
Nothing is computed: dry runs in an empty folder, of a part as docs/cluster.md divides such a sweep,
and of the whole. Prints both, and fails where either takes more than 60 s or 1.5 GB.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PARTS = 10
SECONDS, GIGABYTES = 60, 1.5


def sweep(datasets: int, systems: int, snrs: int) -> dict:
    """An overlay of config.yaml; every codec is JPEG+LDPC under another name."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    codecs = {
        f"codec_{i}": {"kind": "jpeg_ldpc"} | config["codecs"]["jpeg_ldpc"]
        for i in range((systems + 1) // 2)
    }
    names = [name for codec in codecs for name in (f"talk2edit+{codec}", f"{codec}+talk2edit")]
    swept, face = [f"faces-{i:02d}" for i in range(datasets)], config["datasets"]["faces"]
    first = swept[0]  # one data set has the role main
    levels = [round(-10 + 0.75 * i, 2) for i in range(snrs)]
    return {
        "datasets": {
            name: {key: value for key, value in face.items() if key != "role" or name == first}
            for name in swept
        },
        "codecs": codecs,
        "sweep": {
            "datasets": swept,
            "systems": ["editable_deepsc", *names][:systems],
            "snr_db": levels,
        },
        "publish": {"grid_snr_db": levels[snrs // 2]},
    }


def plan(folder: str, *targets: str) -> tuple[float, float, float]:
    """A dry run of ``targets``: seconds, seconds of a processor, gigabytes at most."""
    start = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "snakemake",
        *targets,
        "-n",
        "--quiet",
        "--cores",
        "2",
        "--configfile",
        "sweep.yaml",
    ]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        said.seek(0)
        if status:
            sys.exit(f"test-scale: the dry run failed:\n{said.read()[-3000:]}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("datasets", 50), ("systems", 20), ("snrs", 40)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    cells = arguments.datasets * arguments.systems * arguments.snrs
    with tempfile.TemporaryDirectory() as folder:
        for name in ("Snakefile", "config.yaml"):
            shutil.copy(ROOT / name, folder)
        shutil.copytree(ROOT / "workflow", Path(folder, "workflow"))
        Path(folder, "sweep.yaml").write_text(yaml.safe_dump(sweep(**vars(arguments))))
        seconds, processor, gigabytes = plan(folder, "metrics", "--batch", f"metrics=1/{PARTS}")
        print(
            f"{cells // PARTS} cells, a part of {cells}: planned in {seconds:.1f} s "
            f"({processor:.1f} s of CPU), at most {gigabytes:.2f} GB",
            flush=True,
        )
        if seconds > SECONDS or gigabytes > GIGABYTES:
            sys.exit(
                f"test-scale: a part is too slow or too large: the bounds are {SECONDS} s "
                f"and {GIGABYTES} GB"
            )
        seconds, processor, gigabytes = plan(folder)
        print(
            f"{cells} cells: planned in {seconds:.1f} s ({processor:.1f} s of CPU), at most "
            f"{gigabytes:.2f} GB"
        )
    if seconds > SECONDS or gigabytes > GIGABYTES:
        sys.exit(
            "test-scale: all cells at once are too slow or too large: the bounds are "
            f"{SECONDS} s and {GIGABYTES} GB"
        )


if __name__ == "__main__":
    main()
