"""The workflow itself, on the smoke config: the real Snakemake, every rule, tiny sizes."""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from editable_deepsc.data.storage import load_arrays

ROOT = Path(__file__).parents[2]
DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text())
SMOKE = yaml.safe_load((ROOT / "workflow/configs/smoke.yaml").read_text())
MINE = {"source": "folder", "resolution": 64, "images": {"train": 8, "finetune": 8, "test": 8}}
SYSTEMS, SNRS = SMOKE["sweep"]["systems"], SMOKE["sweep"]["snr_db"]


def snakemake(
    folder: Path,
    *options: str,
    overlays: tuple[str, ...] = (),
    targets: tuple[str, ...] = ("sweep",),
) -> subprocess.CompletedProcess:
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--cores",
        "2",
        *options,
        "--configfile",
        "workflow/configs/smoke.yaml",
        *overlays,
        "--",
        *targets,
    ]
    return subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=500,
    )


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
    return {name: count for name, count in counts.items() if name not in ("all", "sweep", "total")}


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
        "cbr",
    ):
        assert metrics[column].notna().all(), column
    assert metrics.seconds_per_image.isna().all()  # a time would make every run's table another
    timings = pd.read_csv(done / "results/timings.csv")
    assert len(timings) == len(metrics) and (timings.seconds_per_image > 0).all()
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


def test_a_resume_of_what_is_done_starts_no_job_within_15_seconds(done):
    def seconds() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (
            usage.ru_utime + usage.ru_stime
        )  # of a processor: what else the machine does is not the workflow's

    before = seconds()
    run = snakemake(done)
    assert run.returncode == 0 and "Nothing to be done" in run.stdout
    assert seconds() - before < 15


def test_a_lost_cell_is_the_only_one_computed_again(done):
    cell = done / "results/received/faces/editable_deepsc/12dB.safetensors"
    kept = cell.with_suffix(".kept")
    cell.rename(kept)
    (done / "results/cells/faces/editable_deepsc/12dB.csv").unlink()
    jobs = planned(snakemake(done, "-n").stdout)
    assert jobs == {"transmit": 1, "evaluate": 1, "metrics": 1, "curves": 1}
    run = snakemake(done)
    assert run.returncode == 0
    again, before = load_arrays(cell)[0], load_arrays(kept)[0]
    assert torch.equal(again["images"], before["images"]) and torch.equal(
        again["outage"], before["outage"]
    )
    kept.unlink()


def test_a_new_snr_computes_only_its_column(done):
    (done / "more.yaml").write_text(yaml.safe_dump({"sweep": {"snr_db": [*SNRS, 18]}}))
    jobs = planned(snakemake(done, "-n", overlays=("more.yaml",)).stdout)
    n = len(SYSTEMS)
    assert jobs == {"finetune": 1, "transmit": n, "evaluate": n, "metrics": 1, "curves": 1}


def test_the_whole_paper(done):
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
        *(f"tables/table{n}.csv" for n in (1, 3, 4, 5, 6, 7)),
        "claims.csv",
        "setup.yaml",
    ):
        assert f'"results/{name}": {{"name"' in report, name
    claims = pd.read_csv(done / "results/claims.csv").set_index("number").holds
    assert list(claims.index) == list(range(1, 13)) and set(claims) <= {"yes", "no", "not tested"}
    assert claims[4] == claims[5] == "not tested"  # the smoke sweep has one data set


def test_the_default_config_plans_every_table_and_figure(tmp_path):
    folder = copy_of_the_workflow(tmp_path)
    run = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", "-n"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    jobs = planned(run.stdout)
    cells = (
        len(DEFAULT["sweep"]["datasets"])
        * len(DEFAULT["sweep"]["systems"])
        * len(DEFAULT["sweep"]["snr_db"])
    )
    assert jobs["transmit"] == jobs["evaluate"] == cells
    assert jobs["train_fields"] == 2  # of `faces`: the other two data sets use them
    for name in (
        [f"tables/table{n}.csv" for n in range(1, 8)]
        + [f"figures/figure{n}.png" for n in range(4, 12)]
        + ["claims.csv"]
    ):
        assert f"results/{name}" in run.stdout, name


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sweeep": {}}, "sweeep"),
        ({"sweep": {"systems": ["talk2edit+morse"]}}, "morse"),
        ({"sweep": {"systems": ["telepathy"]}}, "telepathy"),
        ({"sweep": {"datasets": ["cats"]}}, "cats"),
        (
            {"codecs": {"gif_5g": {"kind": "digital", "source": "gif", "channel_code": "5g"}}},
            "codecs.gif_5g",
        ),
        ({"codecs": {"gan": {"kind": "gan_codec", "sent": {"base_bpp": 0.2}}}}, "codecs.gan"),
        ({"inversion": {"iterations": -1}}, "inversion.iterations"),
        ({"inversion": {"iterations": "many"}}, "inversion.iterations"),
        ({"networks": {"evaluator": "no/such/file.safetensors"}}, "no/such/file.safetensors"),
        ({"datasets": {"faces": {"resolution": 32}}}, "no generator of 32 pixels is bundled"),
        ({"datasets": {"faces": {"fields_of": "faces-ood"}}}, "datasets.faces.fields_of"),
        (
            {"datasets": {"faces-hq": {"codecs_of": "faces"}}, "sweep": {"datasets": ["faces-hq"]}},
            "'faces' has 64 pixels and 'faces-hq' has 128",
        ),
        (
            {"datasets": {"mine": MINE | {"path": "workflow"}}, "sweep": {"datasets": ["mine"]}},
            "workflow holds no images",
        ),
    ],
)
def test_a_wrong_config_is_refused_in_one_sentence(tmp_path, change, words):
    folder = copy_of_the_workflow(tmp_path)
    (folder / "change.yaml").write_text(yaml.safe_dump(change))
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--cores",
        "1",
        "--configfile",
        "workflow/configs/smoke.yaml",
        "change.yaml",
    ]
    run = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert run.returncode != 0
    assert any(
        words in line
        for line in run.stdout.splitlines()
        if line.startswith(("config:", "weights:", "data:"))
    ), run.stdout[-2000:]
    assert not (folder / "results").exists() or not any((folder / "results").rglob("*.safetensors"))


def test_an_altered_weight_file_is_named_before_any_job(tmp_path):
    """A copy of the package with one byte of the evaluator changed: it would be needed last, it is
    refused first.
    """
    folder = copy_of_the_workflow(tmp_path)
    package = shutil.copytree(ROOT / "src/editable_deepsc", tmp_path / "src/editable_deepsc")
    weights = package / "weights/evaluator.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--cores",
        "1",
        "--configfile",
        "workflow/configs/smoke.yaml",
    ]
    run = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        env={"PYTHONPATH": str(tmp_path / "src"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    assert run.returncode != 0
    assert "evaluator.safetensors is missing, truncated or altered" in run.stdout
    assert not any((folder / "results").rglob("*.safetensors"))


def test_pretraining_runs_from_nothing(tmp_path):
    """`snakemake pretrain` at toy size trains every network, and `bundle.py` finds all it needs in
    its output.
    """
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
        "perceptual",
        "fidelity",
        "text_encoder",
        "generator_128",
        "discriminator_128",
        "encoder",
        "encoder_128",
    }
    assert len(list((folder / "results/pretrain/samples").glob("*.png"))) >= 1


def test_a_folder_of_real_photographs_is_one_config_entry(done, photograph_folder, tmp_path):
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
    for name in wanted[1:]:  # a line and a grid
        assert (folder / name).stat().st_size > 10_000
    splits = {
        s: load_arrays(folder / f"results/data/mine/{s}.safetensors")
        for s in ("train", "finetune", "test")
    }
    assert len({file for _, notes in splits.values() for file in notes["files"]}) == 24
    assert all(arrays["images"].shape == (8, 3, 64, 64) for arrays, _ in splits.values())


def test_the_papers_experiment_names_what_is_missing_and_fetches_and_plans_it(tmp_path):
    folder = copy_of_the_workflow(tmp_path)
    paper = yaml.safe_load((ROOT / "workflow/configs/paper.yaml").read_text())

    def paper_run(*options: str) -> subprocess.CompletedProcess:
        command = [
            sys.executable,
            "-m",
            "snakemake",
            "--cores",
            "1",
            *options,
            "--configfile",
            "workflow/configs/paper.yaml",
            "local.yaml",
        ]
        return subprocess.run(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=500,
        )

    # The files with a public address, from this machine
    (tmp_path / "www").mkdir()
    (tmp_path / "www/it").write_text("{}")
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path / "www")
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    public = [path for path, known in paper["files"].items() if "url" in known]
    about = {
        "url": f"http://127.0.0.1:{server.server_port}/it",
        "bytes": 2,
        "sha256": hashlib.sha256(b"{}").hexdigest(),
    }
    (folder / "local.yaml").write_text(yaml.safe_dump({"files": {path: about for path in public}}))

    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    run = paper_run("-n")
    assert (
        run.returncode != 0 and resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 10
    )  # seconds of a processor
    for path, known in paper["files"].items():
        (line,) = [line for line in run.stdout.splitlines() if f" {path} " in line]
        assert (about["url"] if path in public else known["from"]) in line and (
            known.get("size") or ""
        ) in line
    assert f"files: {len(paper['files'])} of {len(paper['files'])} are missing" in run.stdout

    run = paper_run("fetch")
    server.shutdown()
    assert (
        run.returncode == 0
        and public
        and all((folder / path).read_text() == "{}" for path in public)
    ), run.stdout[-3000:]

    # Placeholders for the others: enough images, labels and requests for the splits
    names = [f"{i:06}.jpg" for i in range(1700)]
    data = folder / "data"
    for path in paper["files"]:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if "size" in paper["files"][path] and not target.suffix:
            target.mkdir()
            for name in names:
                (target / name).touch()
        elif path not in public:
            target.touch()
    (data / "celeba/list_eval_partition.txt").write_text(
        "".join(f"{n} {i % 3}\n" for i, n in enumerate(names))
    )
    (data / "celeba/identity_CelebA.txt").write_text(
        "".join(f"{n} {i // 3}\n" for i, n in enumerate(names))
    )
    labels = "img_name Bangs Eyeglasses No_Beard Smiling Young\n" + "".join(
        f"{n} 1 0 0 2 1\n" for n in names
    )
    requests = json.dumps({n: {"attribute": "Smiling", "target_score": 5} for n in names})
    sentences = json.dumps({n: "Let her laugh." for n in names})
    for path, text in (
        ("combined_annotation", labels),
        ("request_annotated", requests),
        ("request", sentences),
    ):
        for file in [*data.rglob(f"{path}.*"), *data.rglob(f"{path}_hq.*")]:
            file.write_text(text)
    run = paper_run("-n")
    assert run.returncode == 0, run.stdout[-3000:]
    jobs = planned(run.stdout)
    cells = 3 * len(DEFAULT["sweep"]["systems"]) * len(DEFAULT["sweep"]["snr_db"])
    assert (
        jobs["transmit"] == jobs["evaluate"] == cells
        and jobs["photographs"] == 9
        and not any(job.startswith("fetch") for job in jobs)
    )
