"""Every kind of wrong config is refused in one sentence that names the place."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from snakemake.utils import update_config

from editable_deepsc.networks.manifest import manifest
from experiment import checks, checks_codecs, checks_files
from experiment.config import ConfigError, Experiment

SCHEMA = Path(__file__).parents[2] / "workflow/schemas/config.schema.yaml"
FOLDER = {"source": "folder", "resolution": 64, "images": {"train": 8, "finetune": 8, "test": 12}}


def faces(**change) -> dict:
    """A change of the data set `faces`."""
    return {"datasets": {"faces": change}}


def mine(**entry) -> dict:
    """A swept data set of photographs with the role main."""
    entry = FOLDER | {"role": "main", "path": "photographs"} | entry
    return {"datasets": {"mine": entry}, "sweep": {"datasets": ["mine"]}}


def refusal(config: Mapping, schema: Mapping) -> str:
    """The one sentence by which a config is refused."""
    with pytest.raises(ConfigError) as error:
        checks.check_config(config, schema)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_configs_that_ship_are_right(config, schema, overlay):
    assert checks.checked(config, SCHEMA).datasets == ["faces", "faces-hq", "faces-ood"]
    for name in ("smoke", "codecs", "evidence", "paper"):
        changed = copy.deepcopy(config)
        update_config(changed, overlay(name))
        checks.check_config(changed, schema)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sweeep": {}}, ["config: top level:", "sweeep"]),
        ({"matching": {"max_steps": -1}}, ["config: matching.max_steps:", "minimum"]),
        ({"matching": {"max_steps": "many"}}, ["config: matching.max_steps:", "a whole number"]),
        ({"precision": "half"}, ["config: precision:", "half"]),
        ({"sweep": {"datasets": ["cats"]}}, ["sweep.datasets", "'cats'", "faces-ood"]),
        ({"sweep": {"systems": ["telepathy"]}}, ["sweep.systems", "telepathy"]),
        ({"sweep": {"systems": ["talk2edit+morse"]}}, ["needs an entry 'morse' under codecs"]),
        (faces(path="photographs"), ["'path' means nothing to source embedded"]),
        (faces(labels="labels.txt"), ["'labels' means nothing to source embedded"]),
        (mine(style="photo"), ["datasets.mine", "'style' means nothing to source folder"]),
        (mine(source="celeba"), ["datasets.mine: source celeba needs 'partition'"]),
        (mine(requests="r.json"), ["'requests' means nothing to source folder without 'labels'"]),
        (
            mine(labels="l.txt", sentences="s.json"),
            ["'sentences' means nothing to source folder without 'requests'"],
        ),
        (mine(crop=64, boxes="b.txt"), ["datasets.mine: 'crop' and 'boxes'", "remove one"]),
        (mine(boxes="b.txt", align="box"), ["datasets.mine: 'boxes' and 'align'", "remove one"]),
        (faces(fields_of="cats"), ["datasets.faces.fields_of: 'cats'", "trains its own"]),
        (faces(fields_of="faces-ood"), ["datasets.faces.fields_of: 'faces-ood'"]),
        (
            {"datasets": {"faces-hq": {"codecs_of": "faces"}}},
            ["faces-hq.codecs_of: 'faces' has 64 pixels and 'faces-hq' has 128"],
        ),
        (faces(codecs={"morse": {}}), ["datasets.faces.codecs: 'morse'", "top level"]),
        (faces(codecs={"jpeg_ldpc": {"bpp": -1}}), ["datasets.faces.codecs: jpeg_ldpc", "-1"]),
        (
            {"codecs": {"gif_5g": {"kind": "digital", "source": "gif", "channel_code": "5g"}}},
            ["config: codecs.gif_5g"],
        ),
        ({"codecs": {"gan": {"kind": "gan_codec", "sent": {}}}}, ["config: codecs.gan"]),
        ({"publish": {"grid_snr_db": 5}}, ["publish.grid_snr_db: 5 dB", "sweep.snr_db"]),
        (
            {"equal_bandwidth": {"systems": ["editable_deepsc_x3"]}},
            ["equal_bandwidth.systems", "'editable_deepsc_x3' needs an entry", "variants"],
        ),
        ({"equal_bandwidth": {"snr_db": [5]}}, ["equal_bandwidth.snr_db: 5 dB", "sweep.snr_db"]),
        ({"equal_bandwidth": {"figure_snr_db": [7]}}, ["equal_bandwidth.figure_snr_db: 7 dB"]),
        ({"variants": {"ours_x3": {"repeats": 3}}}, ["config: variants"]),
        ({"variants": {"editable_deepsc_x0": {"repeats": 0}}}, ["variants", "repeats"]),
        ({"finetune_conditioned": {"snr_range": [6, 0]}}, ["snr_range: [6, 0] falls"]),
        ({"codecs": {"deepsc": {"halvings": 9}}}, ["codecs", "halvings"]),
        ({"codecs": {"g": {"kind": "generative_jscc", "steps": 9}}}, ["config: codecs.g"]),
        ({"datasets": {"b": {"same_faces_as": "cats"}}}, ["datasets.b.same_faces_as: 'cats'"]),
        (
            {"datasets": {"b": {"same_faces_as": "faces", "resolution": 32}}},
            ["datasets.b.same_faces_as: 'b' is like 'faces'", "remove the rest"],
        ),
        (
            {
                "datasets": {"b": {"same_faces_as": "faces"}},
                "sweep": {"datasets": ["faces", "b"]},
            },
            ["datasets.b.same_faces_as: 'b' has no faces of its own"],
        ),
        ({"evaluation": {"kid_subset_size": 49}}, ["49 is more than the 48", "'faces-hq'"]),
    ],
)
def test_a_wrong_config_is_refused_in_one_sentence(config, schema, change, words):
    update_config(config, change)
    said = refusal(config, schema)
    assert all(word in said for word in words), said


def test_what_is_missing_is_named(config, schema):
    del config["datasets"]["faces"]["style"]
    assert "datasets.faces: source embedded needs 'style'; add it" in refusal(config, schema)
    config["datasets"]["faces"] = FOLDER | {"role": "main"}
    assert "datasets.faces: source folder needs 'path'; add it" in refusal(config, schema)
    del config["seed"]
    assert "config: top level: the key 'seed' is missing; add it" in refusal(config, schema)


def test_a_mode_says_its_rate_as_its_channel_code_does(experiment):
    options = dict(experiment.config["codecs"]["jpeg_ldpc"])
    modes = [{"qam_order": 4, "d_v": 3, "d_c": 12}, {"qam_order": 16, "code_rate": 0.5}]
    options["adaptive"] = {"faces": 4, "modes": modes}
    with pytest.raises(
        ConfigError, match=r"jpeg_ldpc.adaptive.modes: .* d_c and d_v, and no other"
    ):
        checks_codecs.check_codec("jpeg_ldpc", options, "faces", experiment)
    modes[1] = {"qam_order": 64, "d_v": 3, "d_c": 7}
    with pytest.raises(ConfigError, match="codecs.jpeg_ldpc: on 'faces', .*multiple of d_c"):
        checks_codecs.check_codec("jpeg_ldpc", options, "faces", experiment)


def test_halvings_leave_whole_numbers(experiment):
    options = experiment.config["codecs"]["deepsc"] | {"halvings": 5, "crop": 48}
    with pytest.raises(ConfigError, match="5 halvings of 48 pixels leave no whole number"):
        checks_codecs.check_codec("deepsc", options, "faces", experiment)


def test_options_of_a_kind_without_a_schema_are_its_arguments(experiment):
    with pytest.raises(ConfigError, match="config: codecs.cw: on 'faces', .*'morse' is unknown"):
        checks_codecs.check_codec("cw", {"kind": "morse"}, "faces", experiment)
    assert checks_codecs.build("cw", 64, {"kind": "jpeg_ldpc", "bpp": 0.5}).payload_bytes == 256


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({"faces": None}, ["(faces, faces-hq, faces-ood)", "role main", "`role: main`"]),
        ({"faces": "high-resolution"}, ["faces and faces-hq all have the role high-resolution"]),
        ({"faces-ood": "main"}, ["faces and faces-ood all have the role main"]),
        ({"faces": "protagonist"}, ["datasets.faces.role", "protagonist"]),
    ],
    ids=["no main", "two of high resolution", "two mains", "unknown"],
)
def test_one_data_set_for_each_role(config, schema, roles, words):
    for name, role in roles.items():
        entry = {key: value for key, value in config["datasets"][name].items() if key != "role"}
        config["datasets"][name] = entry | ({"role": role} if role else {})
    if roles == {"faces": "high-resolution"}:
        config["datasets"]["faces-ood"]["role"] = "main"
    said = refusal(config, schema)
    assert all(word in said for word in words), said


def test_only_swept_data_sets_count_for_roles(config, schema):
    config["datasets"]["spare"] = dict(config["datasets"]["faces"])  # another main, not swept
    checks.check_config(config, schema)
    config["sweep"]["datasets"] = ["faces-hq", "faces-ood"]
    assert "no data set of sweep.datasets (faces-hq, faces-ood)" in refusal(config, schema)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mismatch": {"codec": "morse"}}, "codec 'morse' is not under codecs"),
        ({"importance": {"separate": ["morse"]}}, "codec 'morse' is not under codecs"),
        ({"rates": {"layered": "jpeg_5g"}}, "studies.rates.layered: 'jpeg_5g' has no layers"),
        ({"mismatch": {"codec": "deepjscc"}}, "'deepjscc' has no model for every SNR"),
        ({"rates": {"beside": ["deepjscc"]}}, "'deepjscc' has no bits per pixel"),
    ],
)
def test_studies_name_codecs_of_the_kind_that_they_need(config, schema, overlay, change, words):
    update_config(config, overlay("codecs"))
    update_config(config, {"studies": change})
    assert words in refusal(config, schema)


def refused(check, experiment: Experiment) -> str:
    with pytest.raises(ConfigError) as error:
        check(experiment)
    return str(error.value)


def test_a_codec_has_the_sizes_of_the_network_that_it_starts_from(experiment):
    checks.check_codec_starts(experiment)
    deepsc = experiment.config["codecs"]["deepsc"]
    others = {"width": (64, 32), "symbols_per_position": (4, 8), "halvings": (None, 3)}
    for key, (ours, other) in (others | {"kind": ("deepsc", "deepjscc")}).items():
        before = dict(deepsc)
        deepsc[key] = other
        said = refused(checks.check_codec_starts, experiment)
        assert f"{key} is {ours} for the network codec_start and {other} for deepsc" in said
        assert "starts_from: {network: null}" in said
        deepsc["starts_from"] = {"network": None}
        checks.check_codec_starts(experiment)
        deepsc.clear()
        deepsc.update(before)


def test_networks_are_there_and_unaltered(experiment, monkeypatch):
    checks.check_networks(experiment)
    experiment.config["datasets"]["faces"]["resolution"] = 32
    said = refused(checks.check_networks, experiment)
    assert "no generator of 32 pixels is bundled, which 'faces' needs" in said
    experiment.config["datasets"]["faces"]["resolution"] = 64
    experiment.config["networks"]["evaluator"] = "no/such/file.safetensors"
    said = refused(checks.check_networks, experiment)
    assert "networks.evaluator: no/such/file.safetensors does not exist" in said
    experiment.config["networks"]["evaluator"] = "bundled"
    listed = manifest()
    other = listed | {"evaluator": listed["evaluator"] | {"sha256": "0" * 64}}
    monkeypatch.setattr(checks_files, "manifest", lambda: other)
    said = refused(checks.check_networks, experiment)
    assert "evaluator.safetensors is missing, truncated or altered" in said


def test_all_missing_files_are_listed_at_once(config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "labels.txt").write_text("too long")
    update_config(config, mine(labels="labels.txt", requests="requests.json"))
    config["files"] = {
        "labels.txt": {"from": "a form", "bytes": 3},
        "requests.json": {"from": "a page", "url": "https://example.org/r", "size": "2 MB"},
    }
    lines = refused(checks.check_files, Experiment(config)).splitlines()
    assert lines[0].startswith("files: 3 of 3 are missing. `snakemake --cores 1 fetch`")
    assert (
        lines[1]
        == "    photographs  |  size not published  |  not described under files in the config"
    )
    assert lines[2] == "    labels.txt (has another size)  |  3 bytes  |  a form"
    assert lines[3] == "  * requests.json  |  2 MB  |  https://example.org/r"
    assert Experiment(config).files_to_fetch() == ["requests.json"]
    (tmp_path / "labels.txt").write_text("abc")
    (tmp_path / "requests.json").touch()
    (tmp_path / "photographs").mkdir()
    checks.check_files(Experiment(config))


def test_a_folder_with_too_few_photographs_is_named(config, tmp_path, photograph_folder):
    (tmp_path / "empty").mkdir()
    update_config(config, mine(path=str(tmp_path / "empty")))
    assert "empty holds no images" in refused(checks.check_photographs, Experiment(config))
    update_config(config, mine(path=str(photograph_folder)))
    checks.check_photographs(Experiment(config))
    config["datasets"]["mine"]["images"] = {"train": 100, "finetune": 8, "test": 12}
    assert "mine" in refused(checks.check_photographs, Experiment(config))


def test_the_config_is_read_without_torch():
    """Snakemake reads it before every job."""
    code = "import sys, experiment.checks, experiment.names, experiment.resources; "
    code += "sys.exit('torch' in sys.modules or 'snakemake' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
