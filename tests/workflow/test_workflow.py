"""The workflow itself, on the smoke config: the real Snakemake, every rule, tiny sizes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from editable_deepsc.data.storage import load_arrays

ROOT = Path(__file__).parents[2]
SMOKE = yaml.safe_load((ROOT / "workflow/configs/smoke.yaml").read_text())
SYSTEMS, SNRS = SMOKE["sweep"]["systems"], SMOKE["sweep"]["snr_db"]


def snakemake(folder: Path, *options: str, overlays: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *options, "--configfile", "workflow/configs/smoke.yaml", *overlays]
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=500)


def copy_of_the_workflow(folder: Path) -> Path:
    for name in ("Snakefile", "config.yaml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "workflow", folder / "workflow")
    return folder


def planned(output: str) -> dict[str, int]:
    """Rule -> number of jobs, from the statistics of a dry run."""
    lines = output.split("Job stats:")[1].splitlines()[3:]
    counts = {}
    for line in lines:
        if not line.strip():
            break
        name, count = line.split()
        counts[name] = int(count)
    return {name: count for name, count in counts.items() if name not in ("all", "total")}


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Path:
    folder = copy_of_the_workflow(tmp_path_factory.mktemp("smoke"))
    run = snakemake(folder)
    assert run.returncode == 0, run.stdout[-8000:]
    return folder


def test_all_outputs_are_there(done):
    metrics = pd.read_csv(done / "results/metrics.csv")
    assert set(metrics.system) == set(SYSTEMS) and set(metrics.snr_db) == set(SNRS)
    assert len(metrics) == len(SYSTEMS) * len(SNRS) * SMOKE["sweep"]["channel_seeds"]
    for column in ("lpips", "fid", "kid", "ssim", "identity", "edit_success", "drift", "lpips_truth", "outage", "cbr"):
        assert metrics[column].notna().all(), column
    assert metrics.seconds_per_image.isna().all()  # a time would make every run's table another
    timings = pd.read_csv(done / "results/timings.csv")
    assert len(timings) == len(metrics) and (timings.seconds_per_image > 0).all()
    for name in ("tables/table1.csv", "tables/table1.md", "tables/table1.tex", "figures/figure4.pdf", "figures/figure4.png", "figures/figure5.pdf", "figures/figure5.png"):
        assert (done / "results" / name).stat().st_size > 0


def test_table_1_reads_as_in_the_paper(done):
    table = pd.read_csv(done / "results/tables/table1.csv", dtype=str).set_index("Method")["CBR"]
    assert table["JPEG+LDPC+Talk2Edit"] == "0.0389"
    assert table["Talk2Edit+DeepSC"] == "0.0833"
    assert table["Editable-DeepSC"] == "0.0104"


def test_nothing_to_do_afterwards(done):
    assert "Nothing to be done" in snakemake(done, "-n").stdout


def test_a_lost_cell_is_the_only_one_computed_again(done):
    cell = done / "results/received/faces/editable_deepsc/12dB.safetensors"
    kept = cell.with_suffix(".kept")
    cell.rename(kept)
    (done / "results/cells/faces/editable_deepsc/12dB.csv").unlink()
    jobs = planned(snakemake(done, "-n").stdout)
    assert jobs == {"transmit": 1, "evaluate": 1, "metrics": 1, "table1": 1, "figure4": 1}
    run = snakemake(done)
    assert run.returncode == 0
    again, before = load_arrays(cell)[0], load_arrays(kept)[0]
    assert torch.equal(again["images"], before["images"]) and torch.equal(again["outage"], before["outage"])
    kept.unlink()


def test_a_new_snr_computes_only_its_column(done):
    (done / "more.yaml").write_text(yaml.safe_dump({"sweep": {"snr_db": [*SNRS, 18]}}))
    jobs = planned(snakemake(done, "-n", overlays=("more.yaml",)).stdout)
    n = len(SYSTEMS)
    assert jobs == {"finetune": 1, "transmit": n, "evaluate": n, "metrics": 1, "table1": 1, "figure4": 1}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sweeep": {}}, "sweeep"),
        ({"sweep": {"systems": ["talk2edit+morse"]}}, "morse"),
        ({"sweep": {"systems": ["telepathy"]}}, "telepathy"),
        ({"sweep": {"datasets": ["cats"]}}, "cats"),
        ({"codecs": {"gif_5g": {"kind": "digital", "source": "gif", "channel_code": "5g"}}}, "codecs.gif_5g"),
        ({"inversion": {"iterations": -1}}, "inversion.iterations"),
        ({"inversion": {"iterations": "many"}}, "inversion.iterations"),
        ({"networks": {"evaluator": "no/such/file.safetensors"}}, "no/such/file.safetensors"),
    ],
)
def test_a_wrong_config_is_refused_in_one_sentence(tmp_path, change, words):
    folder = copy_of_the_workflow(tmp_path)
    (folder / "change.yaml").write_text(yaml.safe_dump(change))
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--configfile", "workflow/configs/smoke.yaml", "change.yaml"]
    run = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert run.returncode != 0
    assert any(words in line for line in run.stdout.splitlines() if line.startswith(("config:", "weights:"))), run.stdout[-2000:]
    assert not (folder / "results").exists() or not any((folder / "results").rglob("*.safetensors"))


def test_an_altered_weight_file_is_named_before_any_job(tmp_path):
    """A copy of the package with one byte of the evaluator changed: it would be needed last, it is refused first."""
    folder = copy_of_the_workflow(tmp_path)
    package = shutil.copytree(ROOT / "src/editable_deepsc", tmp_path / "src/editable_deepsc")
    weights = package / "weights/evaluator.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--configfile", "workflow/configs/smoke.yaml"]
    run = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, env={"PYTHONPATH": str(tmp_path / "src"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    assert run.returncode != 0
    assert "evaluator.safetensors is missing, truncated or altered" in run.stdout
    assert not any((folder / "results").rglob("*.safetensors"))


def test_pretraining_runs_from_nothing(tmp_path):
    """`snakemake pretrain` at toy size trains every network, and `bundle.py` finds all it needs in its output."""
    folder = copy_of_the_workflow(tmp_path)
    run = snakemake(folder, "pretrain")
    assert run.returncode == 0, run.stdout[-8000:]
    trained = {path.stem for path in (folder / "results/pretrain").glob("*.safetensors")}
    assert trained == {"generator", "discriminator", "predictor", "evaluator", "recogniser", "perceptual", "fidelity", "text_encoder"}
    assert len(list((folder / "results/pretrain/samples").glob("*.png"))) >= 1
