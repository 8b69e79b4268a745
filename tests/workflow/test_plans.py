"""What Snakemake says and plans before it computes: bad configs, missing files, the paper."""

from __future__ import annotations

import hashlib
import io
import json
import resource
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from PIL import Image

ROOT = Path(__file__).parents[2]
DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text())
PAPER = yaml.safe_load((ROOT / "workflow/configs/paper.yaml").read_text())
IMAGES = {"train": 8, "finetune": 8, "test": 8}
# The beginning of a file that torch.save wrote before version 1.6: enough of it for a plan
CHECKPOINT = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
MINE = {"role": "main", "source": "folder", "resolution": 64, "images": IMAGES}


def cells_of(config: dict) -> tuple[int, int]:
    """Cells of a config, and the data sets and SNRs at which the sweep's are judged together."""
    sweep = config["sweep"]
    judged = len(sweep["datasets"]) * len(sweep["snr_db"])
    beside = 3 * len(config["equal_bandwidth"]["systems"])  # at three SNRs of the main data set
    return judged * len(sweep["systems"]) + beside, judged


def test_the_default_config_plans_every_table_and_figure(
    tmp_path, snakemake, copy_of_the_workflow, planned
):
    run = snakemake(copy_of_the_workflow(tmp_path), "-n", configs=(), targets=())
    jobs = planned(run.stdout)
    cells, judged = cells_of(DEFAULT)
    assert jobs["transmit"] == cells and jobs["evaluate"] == judged and jobs["evaluate_beside"] == 3
    assert jobs["train_fields"] == 2  # of `faces`: the other two data sets use them
    for name in (
        [f"tables/table{n}.csv" for n in range(1, 8)]
        + [f"figures/figure{n}.png" for n in range(4, 12)]
        + ["claims.csv", "tables/equal_bandwidth.csv", "figures/equal_bandwidth.png"]
    ):
        assert f"results/{name}" in run.stdout, name


@pytest.mark.parametrize("option", ["--unlock", "--summary", "--dag", "--rulegraph"])
def test_what_computes_nothing_needs_no_cores(tmp_path, option, snakemake, copy_of_the_workflow):
    folder = copy_of_the_workflow(tmp_path)
    run = snakemake(folder, option, cores=None, targets=())
    assert run.returncode == 0, run.stdout[-2000:]
    said = {
        "--unlock": "Unlocked",
        "--summary": "results/metrics.csv",
        "--dag": "digraph",
        "--rulegraph": "digraph",
    }
    assert said[option] in run.stdout


def test_a_data_set_takes_its_figures_from_its_role_wherever_it_stands(
    tmp_path, snakemake, copy_of_the_workflow
):
    """In the paper's order and in another the same files are of the same data sets."""
    folder = copy_of_the_workflow(tmp_path)
    names, inputs = DEFAULT["sweep"]["datasets"], []
    for order in (names, names[::-1]):
        (folder / "order.yaml").write_text(yaml.safe_dump({"sweep": {"datasets": order}}))
        wanted = ("results/tables/table1.csv", "results/figures/figure9.png")
        run = snakemake(folder, "-n", configs=("order.yaml",), targets=wanted)
        assert run.returncode == 0, run.stdout[-2000:]
        inputs.append({word.strip(",") for word in run.stdout.split() if "received/" in word})
    assert inputs[0] == inputs[1]
    assert {file.split("/")[2] for file in inputs[0]} == {"faces", "faces-ood"}


# One of each kind; tests/experiment/test_checks.py has the others, without Snakemake.
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sweeep": {}}, "sweeep"),
        ({"networks": {"evaluator": "no/such/file.safetensors"}}, "no/such/file.safetensors"),
        (
            {"datasets": {"mine": MINE | {"path": "workflow"}}, "sweep": {"datasets": ["mine"]}},
            "workflow holds no images",
        ),
    ],
)
def test_a_wrong_config_is_refused_in_one_sentence(
    tmp_path, change, words, snakemake, copy_of_the_workflow
):
    folder = copy_of_the_workflow(tmp_path)
    (folder / "change.yaml").write_text(yaml.safe_dump(change))
    run = snakemake(folder, overlays=("change.yaml",), targets=())
    assert run.returncode != 0
    assert any(
        words in line
        for line in run.stdout.splitlines()
        if line.startswith(("config:", "weights:", "data:"))
    ), run.stdout[-2000:]
    assert not (folder / "results").exists() or not any((folder / "results").rglob("*.safetensors"))


def test_an_altered_weight_file_is_named_before_any_job(tmp_path, snakemake, copy_of_the_workflow):
    """A copy of the package with one byte of the evaluator changed: it would be needed last, it is
    refused first.
    """
    folder = copy_of_the_workflow(tmp_path)
    package = shutil.copytree(ROOT / "src/editable_deepsc", tmp_path / "src/editable_deepsc")
    weights = package / "weights/evaluator.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    environment = {
        "PYTHONPATH": str(tmp_path / "src"),
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
    }
    run = snakemake(folder, targets=(), environment=environment, python=sys.executable)
    assert run.returncode != 0
    assert "evaluator.safetensors is missing, truncated or altered" in run.stdout
    assert not any((folder / "results").rglob("*.safetensors"))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server of the files in ``folder``, on this machine."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def put_placeholders(folder: Path, files: dict[str, dict], public: list[str]) -> None:
    """Instead of the paper's files: enough images, labels and requests for the splits."""
    names = [f"{i:06}.jpg" for i in range(1700)]
    data, picture = folder / "data", io.BytesIO()
    Image.new("1", (1024, 1024)).save(picture, "PNG")
    for path in files:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if "size" in files[path] and not target.suffix:
            target.mkdir()
            for name in names:  # no two alike
                (target / name).write_bytes(picture.getvalue() + name.encode())
        elif path not in public:
            target.write_bytes(CHECKPOINT)
    (data / "celeba/list_eval_partition.txt").write_text(
        "".join(f"{n} {i % 3}\n" for i, n in enumerate(names))
    )
    (data / "celeba/identity_CelebA.txt").write_text(
        "".join(f"{n} {i // 3}\n" for i, n in enumerate(names))
    )
    labels = "img_name Bangs Eyeglasses No_Beard Smiling Young\n" + "".join(
        f"{n} 1 0 5 2 4\n" for n in names
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


def test_the_papers_experiment_names_what_is_missing_and_fetches_and_plans_it(
    tmp_path, snakemake, copy_of_the_workflow, planned
):
    folder, files = copy_of_the_workflow(tmp_path), PAPER["files"]
    paper = partial(
        snakemake,
        folder,
        configs=("workflow/configs/paper.yaml",),
        overlays=("local.yaml",),
    )
    # The files with a public address, from this machine
    (tmp_path / "www").mkdir()
    (tmp_path / "www/it").write_bytes(CHECKPOINT)
    public = [path for path, known in files.items() if "url" in known]
    digest = hashlib.sha256(CHECKPOINT).hexdigest()
    with served(tmp_path / "www") as address:
        about = {"url": f"{address}/it", "bytes": len(CHECKPOINT), "sha256": digest}
        local = {"files": {path: about for path in public}}
        (folder / "local.yaml").write_text(yaml.safe_dump(local))

        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        run = paper("-n", targets=(), python=sys.executable)
        seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        assert run.returncode != 0 and seconds < 10  # of a processor
        for path, known in files.items():
            (line,) = [line for line in run.stdout.splitlines() if f" {path} " in line]
            origin = about["url"] if path in public else known["from"]
            assert origin in line and (known.get("size") or "") in line
        assert f"files: {len(files)} of {len(files)} are missing" in run.stdout

        run = paper(targets=("fetch",))
    assert run.returncode == 0 and public, run.stdout[-3000:]
    assert all((folder / path).read_bytes() == CHECKPOINT for path in public)

    put_placeholders(folder, files, public)
    run = paper("-n", targets=())
    assert run.returncode == 0, run.stdout[-3000:]
    jobs = planned(run.stdout)
    cells, judged = cells_of(DEFAULT)
    assert jobs["transmit"] == cells and jobs["evaluate"] == judged and jobs["photographs"] == 9
    assert not any(job.startswith("fetch") for job in jobs)
