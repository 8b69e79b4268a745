"""The page of a run: its systems are those of the config, from the files that the run has left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
import yaml

from editable_deepsc.app import loaded as bundled
from editable_deepsc.app.sending import Link, send
from editable_deepsc.app.session import draw_face, take_photograph
from editable_deepsc.data.storage import save_arrays
from editable_deepsc.networks.manifest import BUNDLED
from experiment import page
from experiment.bundle import read_experiment

ROOT = Path(__file__).parents[2]
MINE = {
    "sweep": {"datasets": ["faces", "mine"], "systems": ["editable_deepsc", "talk2edit+deepsc"]},
    "networks": {"predictor": "mine/predictor.safetensors"},
    "datasets": {
        "mine": {
            "source": "folder",
            "path": "photographs",
            "resolution": 64,
            "images": {"train": 4, "finetune": 4, "test": 12},
        }
    },
}


@pytest.fixture
def run(tmp_path, monkeypatch) -> Path:
    """A folder like that of a run, with the bundled weights as what it has trained."""
    shutil.copy(ROOT / "config.yaml", tmp_path)
    shutil.copytree(ROOT / "workflow/schemas", tmp_path / "workflow/schemas")
    for dataset in ("faces", "mine"):
        shutil.copytree(BUNDLED / "faces", tmp_path / "results/models" / dataset)
    (tmp_path / "mine").mkdir()
    shutil.copy(BUNDLED / "predictor.safetensors", tmp_path / "mine")
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(MINE))
    photograph = torch.randint(256, (1, 3, 64, 64), dtype=torch.uint8)
    data = tmp_path / "results/data/mine/test.safetensors"
    data.parent.mkdir(parents=True)
    save_arrays(data, {"images": photograph})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_of_the_default_config_is_what_ships(run):
    ours = page.load(read_experiment(), "faces", inversion="encoder")
    theirs = bundled.load("faces", inversion="encoder")
    assert list(ours.systems) == list(theirs.systems)
    assert (ours.style, ours.snrs) == (theirs.style, theirs.snrs)
    session = draw_face(theirs, 7).say(theirs, "add a wide smile")
    for a, b in zip(send(ours, session, Link(12.0)), send(theirs, session, Link(12.0))):
        assert torch.equal(a.images, b.images)


def test_photographs_and_networks_of_a_config(run):
    experiment = read_experiment(Path("mine.yaml"))
    mine = page.load(experiment, "mine", inversion="encoder")
    assert list(mine.systems) == ["editable_deepsc", "talk2edit+deepsc"]
    assert mine.style is None and mine.example is not None
    session = take_photograph(mine, mine.example).say(mine, "add a wide smile")
    assert torch.equal(session.face.image, mine.example) and session.truth() is None
    with pytest.raises(ValueError, match="'cats' is not swept; choose one of: faces, mine"):
        page.load(experiment, "cats")
    (run / "results/models/mine/jecc.safetensors").unlink()
    with pytest.raises(ValueError, match="jecc.safetensors is missing; run `snakemake"):
        page.load(experiment, "mine")


def test_the_page_of_photographs_has_no_faces_to_draw(run):
    pytest.importorskip("gradio", reason="the page needs Gradio: pip install -r envs/app.txt")
    from editable_deepsc.app.page import build_page

    mine = page.load(read_experiment(Path("mine.yaml")), "mine", inversion="encoder")
    tabs = {
        b["props"]["label"]: b["props"]["visible"]
        for b in build_page(mine).config["components"]
        if b["type"] == "tabitem"
    }
    assert tabs == {"Draw a face": False, "Give a photograph": True}


def test_bad_input_is_one_sentence(run):
    pytest.importorskip("gradio", reason="the page needs Gradio: pip install -r envs/app.txt")
    with pytest.raises(SystemExit) as exit:
        page.main(["--dataset", "cats", "--port", "0"])
    assert "app: --dataset: 'cats' is not swept" in str(exit.value.code)
