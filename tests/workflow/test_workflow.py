"""The workflow itself, on the smoke config: the real Snakemake, every rule, tiny sizes."""

from __future__ import annotations

import json
import resource
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from editable_deepsc.data.storage import load_arrays
from experiment.provenance import provenance_path

ROOT = Path(__file__).parents[2]
SMOKE = yaml.safe_load((ROOT / "workflow/configs/smoke.yaml").read_text())
MINE = {
    "role": "out-of-distribution",
    "source": "folder",
    "resolution": 64,
    "images": {"train": 8, "finetune": 8, "test": 8},
}
SYSTEMS, SNRS = SMOKE["sweep"]["systems"], SMOKE["sweep"]["snr_db"]


@pytest.fixture(scope="module")
def done(tmp_path_factory, snakemake, copy_of_the_workflow) -> Path:
    folder = copy_of_the_workflow(tmp_path_factory.mktemp("smoke"))
    run = snakemake(folder)
    assert run.returncode == 0, run.stdout[-8000:]
    return folder


def test_all_outputs_are_there(done):
    metrics = pd.read_csv(done / "results/metrics.csv")
    assert set(metrics.system) == set(SYSTEMS) and set(metrics.snr_db) == set(SNRS)
    assert len(metrics) == len(SYSTEMS) * len(SNRS) * SMOKE["sweep"]["channel_seeds"]
    for column in (
        "lpips",
        "fid",
        "kid",
        "ssim",
        "identity",
        "edit_success",
        "drift",
        "lpips_truth",
        "outage",
        "unlike",
        "cbr",
    ):
        assert metrics[column].notna().all(), column
    assert metrics.seconds_per_image.isna().all()  # a time would make every run's table another
    timings = pd.read_csv(done / "results/timings.csv")
    assert len(timings) == len(metrics) and (timings.seconds_per_image > 0).all()
    assert set(timings.device) == {"cpu"} and set(timings.threads) == {1}
    # A time of a cell is that of all its parts: the inversion is the longest of them.
    for name in ("latents/faces/test", "edits/faces/jecc", "received/faces/editable_deepsc/6dB"):
        told = json.loads((done / f"results/{name}.seconds.json").read_text())
        assert told["seconds_per_image"] > 0 and told["processor"], name
    for name in (
        "tables/table1.csv",
        "tables/table1.md",
        "tables/table1.tex",
        "figures/figure4.pdf",
        "figures/figure4.png",
        "figures/figure5.pdf",
        "figures/figure5.png",
    ):
        assert (done / "results" / name).stat().st_size > 0


def test_table_1_reads_as_in_the_paper(done):
    table = pd.read_csv(done / "results/tables/table1.csv", dtype=str).set_index("Method")["CBR"]
    assert table["JPEG+LDPC+Talk2Edit"] == "0.0389"
    assert table["Talk2Edit+DeepSC"] == "0.0833"
    assert table["Editable-DeepSC"] == "0.0104"


def test_a_resume_of_what_is_done_starts_no_job_within_15_seconds(done, snakemake):
    def seconds() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (
            usage.ru_utime + usage.ru_stime
        )  # of a processor: what else the machine does is not the workflow's

    before = seconds()
    run = snakemake(done, python=sys.executable)
    assert run.returncode == 0 and "Nothing to be done" in run.stdout
    assert seconds() - before < 15


def test_a_lost_cell_is_the_only_one_computed_again(done, snakemake, planned):
    """With a Python that starts anew for each script: the forks computed the same. The cells that
    are judged with it stay as they are.
    """
    cell = done / "results/received/faces/editable_deepsc/12dB.safetensors"
    kept = cell.with_suffix(".kept")
    cell.rename(kept)
    (done / "results/cells/faces/editable_deepsc/12dB.csv").unlink()
    others = [system for system in SYSTEMS if system != "editable_deepsc"]
    judged = [done / f"results/cells/faces/{system}/12dB.csv" for system in others]
    whose = [(path.stat().st_ino, provenance_path(path).read_bytes()) for path in judged]
    jobs = planned(snakemake(done, "-n").stdout)
    assert jobs == {"transmit": 1, "evaluate": 1, "metrics": 1, "curves": 1}
    run = snakemake(done, python=sys.executable)
    assert run.returncode == 0
    again, before = load_arrays(cell)[0], load_arrays(kept)[0]
    assert torch.equal(again["images"], before["images"]) and torch.equal(
        again["outage"], before["outage"]
    )
    kept.unlink()
    assert whose == [(path.stat().st_ino, provenance_path(path).read_bytes()) for path in judged]


def test_a_new_snr_computes_only_its_column(done, snakemake, planned):
    (done / "more.yaml").write_text(yaml.safe_dump({"sweep": {"snr_db": [*SNRS, 18]}}))
    jobs = planned(snakemake(done, "-n", overlays=("more.yaml",)).stdout)
    n = len(SYSTEMS)
    assert jobs == {"finetune": 1, "transmit": n, "evaluate": 1, "metrics": 1, "curves": 1}


def test_the_whole_paper(done, snakemake):
    """Everything beside the sweep: ablations, costs, information, claims."""
    run = snakemake(done, targets=("all",))
    assert run.returncode == 0, run.stdout[-8000:]
    for n in (1, 3, 4, 5, 6, 7):
        assert not pd.read_csv(done / f"results/tables/table{n}.csv").empty
    for n in (4, 5, 10, 11):
        assert (done / f"results/figures/figure{n}.png").stat().st_size > 0
    assert snakemake(done, "--report", "report.html", targets=("all",)).returncode == 0
    report = (done / "report.html").read_text()
    for name in (
        "figures/figure4.png",
        "figures/figure5.png",
        "figures/figure10.png",
        "figures/figure11.png",
        "figures/information.png",
        "figures/dialogue.png",
        "figures/dialogue-sheet.png",
        "tables/dialogue.csv",
        *(f"tables/table{n}.csv" for n in (1, 3, 4, 5, 6, 7)),
        "claims.csv",
        "setup.yaml",
    ):
        assert f'"results/{name}": {{"name"' in report, name
    claims = pd.read_csv(done / "results/claims.csv").set_index("number").holds
    assert list(claims.index[2:6]) == ["3", "4a", "4b", "5"] and len(claims) == 14
    assert set(claims) <= {"yes", "no", "undecided", "not tested"}
    assert claims["4b"] == claims["5"] == "not tested"  # the smoke sweep has one data set
    assert claims["4a"] == "yes"  # of the paper's sizes, whatever is run


def test_pretraining_runs_from_nothing(tmp_path, snakemake, copy_of_the_workflow):
    """`snakemake pretrain` at toy size trains every network that `experiment.bundle` bundles."""
    folder = copy_of_the_workflow(tmp_path)
    run = snakemake(folder, targets=("pretrain",))
    assert run.returncode == 0, run.stdout[-8000:]
    trained = {path.stem for path in (folder / "results/pretrain").glob("*.safetensors")}
    assert trained == {
        "generator",
        "discriminator",
        "predictor",
        "evaluator",
        "recogniser",
        "judge_recogniser",
        "perceptual",
        "fidelity",
        "text_encoder",
        "generator_128",
        "discriminator_128",
        "encoder",
        "codec_start",
        "autoencoder",
        "autoencoder_128",
    }
    assert len(list((folder / "results/pretrain/samples").glob("*.png"))) >= 1


def test_a_folder_of_real_photographs_is_one_config_entry(
    done, photograph_folder, tmp_path, snakemake
):
    """To the smoke run, a folder and its name under sweep.datasets are added; one system and one
    SNR, to save time. No other change.
    """
    folder = shutil.copytree(done, tmp_path / "run")
    entry = {"datasets": {"mine": MINE | {"path": str(photograph_folder)}}}
    sweep = {
        "sweep": {"datasets": ["faces", "mine"], "systems": ["editable_deepsc"], "snr_db": [6]}
    }
    (folder / "mine.yaml").write_text(yaml.safe_dump(entry | sweep))
    wanted = ["results/metrics.csv", "results/figures/figure8.png", "results/figures/figure9.png"]
    run = snakemake(folder, targets=tuple(wanted), overlays=("mine.yaml",))
    assert run.returncode == 0, run.stdout[-8000:]

    metrics = pd.read_csv(folder / "results/metrics.csv").set_index("dataset")
    assert list(metrics.index) == ["faces", "mine"] and metrics.loc["mine", "n_images"] == 8
    assert (
        metrics.loc["mine", ["lpips_truth", "psnr_truth_db"]].isna().all()
    )  # nobody knows the true edit of a photograph
    others = [
        c for c in metrics if not c.endswith(("_truth", "_truth_db")) and c != "seconds_per_image"
    ]
    assert metrics.loc["mine", others].notna().all()
    assert metrics.loc["mine", "lpips"] != metrics.loc["faces", "lpips"]
    # The faces are found and aligned, and nobody takes them for rendered ones.
    framing = json.loads((folder / "results/data/mine/files.json").read_text())["framing"]
    assert len(framing) == 24
    assert (
        sum(about["align"] == "rendered" and "square" in about for about in framing.values()) > 20
    )
    assert metrics.loc["mine", "unlike"] > 0.8 and metrics.loc["faces", "unlike"] < 0.5
    images = pd.read_csv(folder / "results/images.csv")
    assert set(images["unlike"]) <= {0, 1}
    for name in wanted[1:]:  # a line and a grid
        assert (folder / name).stat().st_size > 10_000
    splits = {
        s: load_arrays(folder / f"results/data/mine/{s}.safetensors")
        for s in ("train", "finetune", "test")
    }
    assert len({file for _, notes in splits.values() for file in notes["files"]}) == 24
    assert all(arrays["images"].shape == (8, 3, 64, 64) for arrays, _ in splits.values())
