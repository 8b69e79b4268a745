"""The files of the rehearsal: formats that the readers take, photographs and their annotations."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml
from PIL import Image

from editable_deepsc.data.annotations import read_identities, read_labels, read_partition
from editable_deepsc.data.edit_requests import read_requests, requested
from editable_deepsc.networks.published import read
from editable_deepsc.networks.published.language import NULL, UNKNOWN, LanguageEncoder
from experiment import rehearsal
from experiment.config import Experiment

ROOT = Path(__file__).parents[2]


def test_random_weights_have_the_published_form(tmp_path):
    rehearsal.weights(tmp_path / "a.pth", rehearsal.small_field, None, 1)
    rehearsal.weights(tmp_path / "b.pth", rehearsal.small_field, None, 2)
    one, other = (read(tmp_path / name, "talk2edit-field") for name in ("a.pth", "b.pth"))
    w = torch.randn(4, 512)
    assert (one(w) - other(w)).abs().max() > 1e-4 and one(w).square().mean() < 0.01


def test_its_language_encoder_never_ends_a_dialogue(tmp_path):
    words = [NULL, "<START>", "<END>", UNKNOWN, *rehearsal.WORDS.split()]
    tokens = {word: i for i, word in enumerate(words)}
    torch.manual_seed(0)
    encoder = rehearsal.talkative(LanguageEncoder(tokens, 8, 16)).eval()
    assert all(encoder.read(["Make the smile big.", "remove the beard", "add bangs"]))


def test_eight_photographs_and_what_is_said_of_them(tmp_path):
    names = [f"{i:06}.png" for i, _ in enumerate(rehearsal.photographs())]
    assert len(names) == 8
    rehearsal.make_annotations(tmp_path, names)
    labels = read_labels(tmp_path / "labels.txt")
    requests = read_requests(tmp_path / "requests.json", tmp_path / "sentences.json")
    assert all(requested(requests[name], labels[name]) is not None for name in names)
    assert sorted(read_partition(tmp_path / "partition.txt").values()) == ["0"] * 4 + ["2"] * 4
    assert len(set(read_identities(tmp_path / "identities.txt").values())) == 8


def test_photographs_are_as_large_as_the_data_sets_ask(tmp_path, monkeypatch):
    monkeypatch.setattr(rehearsal, "photographs", lambda: iter([Image.new("RGB", (25, 25))]))
    assert rehearsal.make_pictures(tmp_path) == ["000000.png"]
    assert Image.open(tmp_path / "000000.png").size == (1024, 1024)


def merged(base, over):
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return base | {key: merged(base.get(key), value) for key, value in over.items()}


@pytest.fixture(scope="module")
def rehearsed() -> Experiment:
    config: dict = {}
    for name in (
        "config.yaml",
        "workflow/configs/paper.yaml",
        "workflow/configs/paper-rehearsal.yaml",
    ):
        config = merged(config, yaml.safe_load((ROOT / name).read_text()))
    return Experiment(config)


def test_it_replaces_every_file_of_the_paper_and_no_network(rehearsed):
    paths = rehearsed.outside_files()
    assert paths and all(path.startswith("data/rehearsal/") for path in paths)
    paper = merged(
        yaml.safe_load((ROOT / "config.yaml").read_text()),
        yaml.safe_load((ROOT / "workflow/configs/paper.yaml").read_text()),
    )
    of_paper = Experiment(paper).network_entries
    for dataset in rehearsed.datasets:
        now = rehearsed.network_entries(dataset)
        # MetFaces is rehearsed at the 128 pixels of CelebA
        sized = of_paper("celeba" if dataset == "metfaces" else dataset)
        for role, entry in of_paper(dataset).items():
            if isinstance(entry, dict):
                assert now[role]["format"] == entry["format"]
                sizes = {k: v for k, v in sized[role].get("sizes", {}).items() if k != "vocabulary"}
                assert sizes.items() <= now[role].get("sizes", {}).items()


def test_the_papers_baselines_edit_as_released(rehearsed):
    baselines = [name for name in rehearsed.systems if "talk2edit" in name]
    assert baselines and all(map(rehearsed.released, baselines))
    assert rehearsed.released_role("celeba") == "talk2edit_perceptual"
