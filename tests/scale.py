"""Time and memory that Snakemake needs to plan a large sweep (`make test-scale`): 50 data sets, 20 systems, 40 SNRs.

Nothing is computed: a dry run in an empty folder. Prints both figures, and fails above 60 s or 1.5 GB.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
SECONDS, GIGABYTES = 60, 1.5


def sweep(datasets: int, systems: int, snrs: int) -> dict:
    """An overlay of config.yaml; every codec is JPEG+LDPC under another name."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    codecs = {f"codec_{i}": {"kind": "jpeg_ldpc"} | config["codecs"]["jpeg_ldpc"] for i in range((systems + 1) // 2)}
    names = [name for codec in codecs for name in (f"talk2edit+{codec}", f"{codec}+talk2edit")]
    levels = [round(-10 + 0.75 * i, 2) for i in range(snrs)]
    return {
        "datasets": {f"faces-{i:02d}": config["datasets"]["faces"] for i in range(datasets)},
        "codecs": codecs,
        "sweep": {"datasets": [f"faces-{i:02d}" for i in range(datasets)], "systems": ["editable_deepsc", *names][:systems], "snr_db": levels},
        "publish": {"grid_snr_db": levels[snrs // 2]},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("datasets", 50), ("systems", 20), ("snrs", 40)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("Snakefile", "config.yaml"):
            shutil.copy(ROOT / name, folder)
        shutil.copytree(ROOT / "workflow", Path(folder, "workflow"))
        Path(folder, "sweep.yaml").write_text(yaml.safe_dump(sweep(**vars(arguments))))
        start = time.perf_counter()
        command = [sys.executable, "-m", "snakemake", "-n", "--quiet", "--cores", "2", "--configfile", "sweep.yaml"]
        run = subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True)
        seconds = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    gigabytes = usage.ru_maxrss / 2**20
    cells = arguments.datasets * arguments.systems * arguments.snrs
    print(run.stdout[-3000:], run.stderr[-3000:], sep="\n")
    print(f"{cells} cells: planned in {seconds:.1f} s ({usage.ru_utime + usage.ru_stime:.1f} s of CPU), at most {gigabytes:.2f} GB")
    if run.returncode:
        sys.exit("the dry run failed")
    if seconds > SECONDS or gigabytes > GIGABYTES:
        sys.exit(f"too slow or too large: the bounds are {SECONDS} s and {GIGABYTES} GB")


if __name__ == "__main__":
    main()
