"""Names and paths of what the workflow writes."""

from __future__ import annotations

import re

from experiment import checks, names
from experiment.config import Experiment

from .bad_configs import SCHEMA


def test_a_constraint_of_no_names_matches_nothing():
    assert names.one_of(["a", "b"]) == "a|b"
    assert not re.search(names.one_of([]), "anything") and not re.search(names.one_of([]), "")


def test_every_cell_once(experiment):
    cells = names.cells(experiment)
    assert cells["dataset"] == ["faces", "faces-hq", "faces-ood"]
    assert cells["snr"] == ["-6", "0", "6", "12", "18"] and len(cells["system"]) == 5
    path = names.CELL.format(dataset="faces", system="editable_deepsc", snr="6")
    assert path == "faces/editable_deepsc/6dB"


def test_trained_files_may_be_those_of_another_data_set(experiment):
    assert names.fields(experiment, "faces", "jecc") == "results/models/faces/jecc.safetensors"
    borrowed = names.fields(experiment, "faces-hq", "talk2edit")
    assert borrowed == "results/models/faces/talk2edit.safetensors"
    own = names.codec_model(experiment, "faces-hq", "deepsc", "6")
    assert own == "results/models/faces-hq/deepsc.safetensors"
    borrowed = names.codec_model(experiment, "faces-ood", "deepsc", "6")
    assert borrowed == "results/models/faces/deepsc.safetensors"
    own = names.adapters(experiment, "faces-ood", "-6")
    assert own == "results/models/faces-ood/adapters_-6dB.safetensors"
    borrowed = names.adapters(experiment, "faces-hq", "-6")
    assert borrowed == "results/models/faces/adapters_-6dB.safetensors"
    louder = names.adapters_of(experiment, "faces-hq", "editable_deepsc_x4", "6")
    assert louder == "results/models/faces/adapters_12dB.safetensors"


def test_a_training_starts_from_a_trained_codec(config):
    start = names.codec_start(Experiment(config), "faces-hq", "deepsc", "6")
    assert start == {"start": "results/models/faces/deepsc.safetensors"}
    assert names.codec_start(Experiment(config), "faces", "deepsc", "6") == {}
    assert Experiment(config).codec_start_role("faces", "deepsc") == "codec_start"
    config["codecs"]["deepsc"]["starts_from"] = {"network": None}
    assert Experiment(config).codec_start_role("faces", "deepsc") is None
    assert Experiment(config).codec_start("faces", "deepsc") is None
    config["codecs"]["deepsc"]["snr_range"] = "matched"
    start = names.codec_start(Experiment(config), "faces-hq", "deepsc", "6")
    assert start == {"start": "results/models/faces/deepsc_6dB.safetensors"}


def test_a_training_starts_from_another_codec_of_its_data_set(config):
    start = {"kind": "deepsc", "starts_from": {"network": None, "codec": "deepsc"}}
    config["codecs"]["sharp"] = config["codecs"]["deepsc"] | start
    checks.check_config(config, SCHEMA)  # faces-ood, which trains none, takes that of faces
    for dataset in ("faces", "faces-hq"):
        start = names.codec_start(Experiment(config), dataset, "sharp", "6")
        assert start == {"start": f"results/models/{dataset}/deepsc.safetensors"}


def test_the_fields_of_our_editor_start_from_those_of_talk_to_edit_or_from_random_weights(config):
    start = {"start": "results/models/faces/talk2edit.safetensors"}
    assert names.fields_start(Experiment(config), "faces", "jecc") == start
    assert names.fields_start(Experiment(config), "faces", "talk2edit") == {}
    config["jecc"]["starts_from"] = "random"
    assert names.fields_start(Experiment(config), "faces", "jecc") == {}


def test_adapters_start_at_the_closed_form_or_from_those_of_another_data_set(experiment):
    assert names.adapters_start(experiment, "faces", "6") == {}
    experiment.config["datasets"]["faces-ood"]["finetune"] = {"starts_from": "faces"}
    start = names.adapters_start(experiment, "faces-ood", "6")
    assert start == {"start_adapters": "results/models/faces/adapters_6dB.safetensors"}
    assert "starts_from" not in experiment.finetune_options("faces-ood")


def test_a_codec_with_a_model_for_every_snr(config):
    config["codecs"]["deepsc"]["snr_range"] = "matched"
    experiment = Experiment(config)
    own = names.codec_model(experiment, "faces", "deepsc", "6")
    assert own == "results/models/faces/deepsc_6dB.safetensors"
    assert names.matched_models("faces", "deepsc", "6", [-3, 0, 3]) == [
        f"results/models/faces/deepsc_{snr}dB.safetensors" for snr in (3, 6, 9)
    ]


def test_studies_draw_faces_of_their_own(config):
    config["datasets"]["mine"] = {"source": "folder"}
    experiment = Experiment(config)
    assert names.study_data(experiment, "faces") == "results/data/faces/study.safetensors"
    assert names.study_data(experiment, "mine") == "results/data/mine/test.safetensors"


def test_figures_and_tables_by_role(config):
    config["sweep"]["datasets"].reverse()  # the order means nothing
    experiment = Experiment(config)
    assert names.curves(experiment) == {
        "figure4": "faces",
        "figure6": "faces-hq",
        "figure8": "faces-ood",
    }
    assert names.grids(experiment) == {
        "figure5": "faces",
        "figure7": "faces-hq",
        "figure9": "faces-ood",
    }
    assert names.bandwidth_tables(experiment) == {"table1": "faces", "table2": "faces-hq"}


def test_a_data_set_without_a_role_has_a_folder_of_its_name(config):
    config["datasets"]["mine"] = {"source": "folder", "path": "photographs"}
    config["sweep"]["datasets"] = ["mine", "faces"]
    experiment = Experiment(config)
    assert names.curves(experiment) == {"mine/quality": "mine", "figure4": "faces"}
    assert names.grids(experiment) == {"mine/grid": "mine", "figure5": "faces"}
    assert names.bandwidth_tables(experiment) == {"table1": "faces"}
