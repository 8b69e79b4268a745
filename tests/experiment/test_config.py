"""What the checked config says of data sets, codecs and networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from editable_deepsc.networks.manifest import BUNDLED
from experiment.config import Experiment, snr_text


@pytest.mark.parametrize(("snr", "text"), [(6, "6"), (6.0, "6"), (-2.5, "-2.5"), (0, "0")])
def test_an_snr_in_a_file_name(snr, text):
    assert snr_text(snr) == text


def test_the_default_experiment(experiment):
    assert experiment.snrs == ["-6", "0", "6", "12", "18"]
    assert experiment.lowest_snr == "-6" and experiment.grid_snr == "12"
    assert experiment.embedded == list(experiment.config["datasets"])
    assert experiment.photographed == []
    assert experiment.learned == ["deepsc"] and experiment.matched == experiment.layered == []


def test_roles_do_not_depend_on_the_order(config):
    config["sweep"]["datasets"].reverse()
    experiment = Experiment(config)
    assert experiment.main == "faces" and experiment.high_resolution == "faces-hq"
    assert experiment.out_of_distribution == "faces-ood"


def test_a_role_that_nobody_has_is_none(config):
    config["sweep"]["datasets"] = ["faces"]
    experiment = Experiment(config)
    assert experiment.high_resolution is None and experiment.out_of_distribution is None


def test_options_of_the_data_set_come_first(experiment):
    whole = experiment.config["codecs"]["jpeg_ldpc"]
    assert experiment.codec_options("jpeg_ldpc", "faces") == whole
    assert experiment.codec_options("jpeg_ldpc", "faces-hq") == whole | {"bpp": 0.10}
    assert experiment.codec_options("morse", "faces") is None
    assert experiment.codec_options(None, "faces") is None
    recipe = experiment.config["finetune"]
    own = {"batch": 16, "steps": 40, "rate": 0.0005}
    experiment.config["datasets"]["faces-ood"]["finetune"] = own | {"starts_from": "faces"}
    assert experiment.finetune_options("faces-ood") == recipe | own
    assert experiment.finetune_options("faces") == recipe


def test_codecs_by_their_kind(config, overlay):
    config["codecs"] |= overlay("codecs")["codecs"]
    experiment = Experiment(config)
    assert experiment.matched == ["deepjscc_matched"]
    assert experiment.layered == ["gan_codec"]
    assert {"deepsc", "deepjscc", "semantic_jscc"} <= set(experiment.learned)
    assert "jpeg_5g" not in experiment.learned


def test_paths_of_networks(config):
    config["networks"]["recogniser"] = "mine.safetensors"
    config["datasets"]["faces-ood"]["networks"] = {
        "recogniser": {"path": "published.pth", "format": "arcface"}
    }
    experiment = Experiment(config)
    assert Path(experiment.network("generator", "faces")) == BUNDLED / "generator.safetensors"
    large = Path(experiment.network("generator", "faces-hq"))
    assert large == BUNDLED / "generator_128.safetensors"
    predictor = Path(experiment.network("predictor", "faces-hq"))
    assert predictor == BUNDLED / "predictor.safetensors"  # it brings images to its own size
    assert experiment.network("recogniser", "faces") == "mine.safetensors"
    assert experiment.network("recogniser", "faces-ood") == "published.pth"


def test_without_an_encoder_for_every_generator_random_faces_are_searched(config):
    config["inversion"]["recipe"] = "searched"
    guided = Experiment(config)
    assert guided.inversion()["start"] == "encoder" and guided.encoder_roles == ["encoder"]
    config["datasets"]["faces-hq"]["networks"] = {
        "generator": {"path": "g.pkl", "format": "stylegan2"}
    }
    unguided = Experiment(config)  # in the chains of all data sets alike
    for dataset in unguided.datasets:
        recipe = unguided.inversion("searched", dataset)
        assert recipe["start"] == "searched" and recipe["starts"] == 3
    assert unguided.encoder_roles == []


def test_files_from_elsewhere_in_the_order_of_the_config(config):
    published = {"path": "g.pkl", "format": "stylegan2", "sizes": {"mean": "mean.npy", "width": 8}}
    config["datasets"]["mine"] = {
        "source": "celeba",
        "path": "photographs",
        "labels": "labels.txt",
        "partition": "partition.txt",
        "networks": {"generator": published, "predictor": published},
    }
    config["sweep"]["datasets"].append("mine")
    experiment = Experiment(config)
    assert experiment.annotations("mine") == ["partition.txt", "labels.txt"]
    assert experiment.outside_files() == [
        "photographs",
        "partition.txt",
        "labels.txt",
        "g.pkl",
        "mean.npy",
    ]
    assert experiment.photographed == ["mine"]


def test_a_chain_edits_as_released_by_its_name_or_with_all(config):
    experiment = Experiment(config)
    assert not experiment.released("deepsc+talk2edit") and not experiment.released(
        "editable_deepsc"
    )
    assert experiment.released("talk2edit_released+deepsc")
    settings = experiment.released_settings("deepsc+talk2edit_released")
    assert settings is not None and settings["iterations"] == 600 and "baselines" not in settings
    assert experiment.timed_systems[-1] == "deepsc+talk2edit_released"
    config["released"]["baselines"] = True
    assert experiment.released("deepsc+talk2edit")
    assert experiment.timed_systems == config["sweep"]["systems"]


def test_packed_pictures_wait_to_be_unpacked(config, tmp_path):
    entry = {"source": "folder", "path": str(tmp_path / "img"), "packed": str(tmp_path / "img.zip")}
    config["datasets"]["faces"] |= entry
    experiment = Experiment(config)
    assert experiment.to_unpack() == {}
    (tmp_path / "img.zip").touch()
    assert experiment.to_unpack() == {entry["path"]: entry["packed"]}
    (tmp_path / "img").mkdir()
    assert experiment.to_unpack() == {}
