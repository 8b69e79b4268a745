"""Bad configs by the hundred: each is refused before any job, in one sentence that says where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from PIL import Image

from editable_deepsc.data.storage import write_tensors
from editable_deepsc.networks.manifest import BUNDLED
from experiment import checks
from experiment.checks_reading import check_config_file
from experiment.config import ConfigError, Experiment

from .bad_configs import (
    BOMBS,
    CODECS,
    COMBINATIONS,
    DEFAULT,
    EVERYWHERE,
    MAPS,
    NAMES,
    NOT_WRITTEN,
    ROOT,
    SCHEMA,
    STUDIED,
    WRITTEN,
    Case,
    data_set,
    gallager,
    overlaid,
    put,
    refusal,
    what_got_through,
)


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_no_place_of_the_config_takes(kind):
    where, value, words = EVERYWHERE[kind]
    wrong = []
    for path in where:
        said = refusal(put(path, value)) or "accepted"
        key = next(str(part) for part in reversed(path) if isinstance(part, str))
        if "\n" in said or key not in said or not re.search(words, said):
            wrong.append(f"{path}: {said}")
    assert not wrong, "\n".join(wrong)


def test_unknown_keys_are_answered_with_the_nearest_known_one():
    for path in [(), *MAPS]:
        if path in (("datasets",), ("codecs",)):
            continue
        said = refusal(put((*path, "sttyle_"), 1)) or "accepted"
        assert "the key 'sttyle_' is unknown" in said or "sttyle_" in said, (path, said)
    for wrong, right in (("sweeep", "sweep"), ("code", "codecs"), ("channels", "channel")):
        assert f"did you mean {right!r}?" in str(refusal(overlaid({wrong: {}})))


def test_keys_that_are_needed_are_named():
    free = ("device", "variants")  # has a default; what is named without is refused
    for section in (name for name in DEFAULT if name not in free):
        said = refusal(put((section,), NOT_WRITTEN))
        assert f"the key {section!r} is missing" in str(said)
        below = DEFAULT[section] if isinstance(DEFAULT[section], dict) else {}
        for key in below:
            if section in ("datasets", "codecs"):
                continue
            said = refusal(put((section, key), NOT_WRITTEN))
            assert said and key in said, (section, key, said)


def test_names_that_become_paths_or_wildcards():
    assert what_got_through(NAMES, overlaid) == []


def test_names_of_people_everywhere(tmp_path):
    """What looks odd and is right: digits first, spaces, other scripts, invisible joiners."""
    folder = tmp_path / "写真\u3000de Zoë\u200d"
    folder.mkdir()
    mine = folder / "mine.safetensors"
    mine.write_bytes((BUNDLED / "evaluator.safetensors").read_bytes())
    change = data_set("300W-LP") | {"networks": {"evaluator": str(mine)}}
    assert refusal(overlaid(change)) is None


def test_combinations_that_a_constructor_would_refuse():
    assert what_got_through(COMBINATIONS, overlaid) == []
    assert what_got_through(STUDIED, lambda change: overlaid(change, CODECS)) == []


def test_a_code_that_nobody_can_draw(monkeypatch):
    monkeypatch.setattr("experiment.checks_codecs.importlib.util.find_spec", lambda _: None)
    assert refusal(overlaid({})) is None
    assert "does not ship with the package" in str(refusal(overlaid(gallager(d_c=6))))


# --- files --------------------------------------------------------------------------------------


def bad_weights(folder: Path) -> Iterator[Case]:
    """Files that are no network, or another, as any of the networks."""
    whole = (BUNDLED / "evaluator.safetensors").read_bytes()
    tensors = {"weight": torch.zeros(4)}
    write_tensors(folder / "nameless.safetensors", tensors, {})
    kind = {"kind": "AttributePredictor", "config": "}"}
    write_tensors(folder / "config.safetensors", tensors, kind)
    header = json.dumps({"a": {"data_offsets": "x"}}).encode()
    content = {
        "config.yaml": b"seed: 1\n",
        "page.pth": b"<!DOCTYPE html><html></html>",
        "face.png": b"\x89PNG\r\n\x1a\n" + bytes(40),
        "face.jpg": b"\xff\xd8\xff\xe0" + bytes(40),
        "old.pth": b"\x80\x02}q\x00.",
        "archive.zip": b"PK\x03\x04" + bytes(40),
        "data.json": b'{"a": 1}',
        "zeros": bytes(100),
        "empty.safetensors": b"",
        "short.safetensors": whole[:5000],
        "cut.safetensors": whole[:-1],
        "longer.safetensors": whole + b"\0",
        "garbled.safetensors": len(header).to_bytes(8, "little") + header,
        "huge.safetensors": (2**60).to_bytes(8, "little") + b"{}",
        "deep.safetensors": (50_000).to_bytes(8, "little") + b"{" + b"[" * 49_999,
    }
    for name, data in content.items():
        (folder / name).write_bytes(data)
    for name in (*content, "nameless.safetensors", "config.safetensors"):
        yield name, {"networks": {"evaluator": str(folder / name)}}, f"networks.evaluator: .*{name}"
    yield "a folder", {"networks": {"evaluator": str(folder)}}, "is a folder"
    for role in DEFAULT["networks"]:
        other = BUNDLED / ("fidelity" if role != "fidelity" else "predictor")
        path = str(folder / f"{other.name}.safetensors")
        Path(path).write_bytes(other.with_suffix(".safetensors").read_bytes())
        yield role, {"networks": {role: path}}, f"networks.{role}: .* holds .* is needed"
    large = folder / "large.safetensors"
    large.write_bytes((BUNDLED / "generator_128.safetensors").read_bytes())
    yield "of 128", {"networks": {"generator": str(large)}}, "is for 128 pixels, and 'faces' has 64"


def test_files_that_are_not_the_network(tmp_path):
    assert what_got_through(list(bad_weights(tmp_path)), overlaid) == []
    mine = tmp_path / "mine.safetensors"
    mine.write_bytes((BUNDLED / "evaluator.safetensors").read_bytes())
    assert refusal(overlaid({"networks": {"evaluator": str(mine)}})) is None


def published(role: str, path: Path, format: str, **sizes: Any) -> dict:
    """A published file as a network of all data sets."""
    entry = {"path": str(path), "format": format} | ({"sizes": sizes} if sizes else {})
    return {"networks": {role: entry}}


def test_published_files(tmp_path):
    page, right = tmp_path / "page.pth", tmp_path / "right.pth"
    page.write_bytes(b"<html>")
    torch.save({"a": torch.zeros(1)}, right)
    torch.save({"a": torch.zeros(1)}, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    cut = tmp_path / "cut.pth"
    cut.write_bytes(right.read_bytes()[:-30])
    size = {"resolution": 64, "channel_multiplier": 1}
    cases: list[Case] = [
        ("a page", published("predictor", page, "talk2edit-predictor"), "an HTML or XML page"),
        ("cut", published("predictor", cut, "talk2edit-predictor"), "no whole PyTorch checkpoint"),
        ("no format", published("predictor", right, "keras"), "'keras' is unknown; choose one"),
        ("other role", published("predictor", right, "inception"), "holds no predictor"),
        ("no sizes", published("generator", right, "stylegan2-generator"), "sizes: missing"),
        ("size", published("generator", right, "stylegan2-generator", **size | {"resolution": 128}),
         "resolution: 128 is not the 64"),
        ("multiplier", published("generator", right, "stylegan2-generator", **size
                                 | {"channel_multiplier": 3}), "channel_multiplier"),
        ("more sizes", published("predictor", right, "talk2edit-predictor", layers=3), "sizes: "),
        ("fields", published("fields", right, "talk2edit-fields"), "of a published generator"),
        ("absent", published("predictor", tmp_path / "no", "talk2edit-predictor"), "missing"),
        ("latents", {"datasets": {"faces-hq": {"networks": published(
            "generator", right, "stylegan2-generator", **size | {"resolution": 128})["networks"]}}},
         "fields_of: latents of 'faces' have 128 numbers and those of 'faces-hq' have 512"),
    ]  # fmt: skip
    alone = {"sweep": {"datasets": ["faces"]}, "inversion": {"recipe": "paper"}}
    both = {"sweep": {"datasets": ["faces", "faces-hq"]}, "inversion": {"recipe": "paper"}}
    guessed = {"sweep": both["sweep"]}
    said = refusal(overlaid(cases[-1][1], guessed))
    assert said and "'encoder' starts from an encoder, and none belongs to the published" in said
    wrong = what_got_through(cases[:-2], lambda change: overlaid(change, alone))
    assert wrong == []
    assert what_got_through(cases[-1:], lambda change: overlaid(change, both)) == []
    said = refusal(overlaid(cases[-2][1], alone))
    assert said and said.startswith("files: 1 of 1 are missing")
    for file in (right, tmp_path / "old.pth"):
        assert refusal(overlaid(published("predictor", file, "talk2edit-predictor"), alone)) is None


def test_a_crop_larger_than_a_photograph(tmp_path):
    for number in range(40):
        Image.new("RGB", (100, 80), (number, 0, 0)).save(tmp_path / f"{number}.png")
    images = {"train": 8, "finetune": 8, "test": 12}
    mine = {"source": "folder", "role": "main", "path": str(tmp_path), "resolution": 64}
    change = data_set("mine") | {"datasets": {"mine": mine | {"images": images, "crop": 80}}}
    assert refusal(overlaid(change)) is None
    change["datasets"]["mine"]["crop"] = 81
    said = str(refusal(overlaid(change)))
    assert "100 × 80 pixels" in said and "81" in said


@pytest.mark.parametrize(("text", "words"), WRITTEN, ids=[words for _, words in WRITTEN])
def test_what_a_file_says_twice_or_otherwise_than_it_looks(tmp_path, text, words):
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(ConfigError, match=words) as error:
        check_config_file(tmp_path / "mine.yaml")
    assert "\n" not in str(error.value) and "mine.yaml" in str(error.value)


def test_files_that_are_right_are_read(tmp_path):
    for path in (ROOT / "config.yaml", *(ROOT / "workflow/configs").glob("*.yaml")):
        check_config_file(path)
    for text in ("", "{}", '{"a": {"a": 1}, "b": [1, 2]}', "\ufeffa: 0x10\nb: 1_000\n"):
        (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
        check_config_file(tmp_path / "mine.yaml")


def test_configs_that_are_too_much():
    assert what_got_through(BOMBS, overlaid) == []
    deep: list = []
    deep.append(deep)
    said = refusal(put(("precision",), deep))
    assert said is not None and "more than 16 levels" in said
    for whole in ([], "config", None, 3):
        assert "top level" in str(refusal(whole))


def test_hundreds_were_tried():
    everywhere = sum(len(where) for where, _, _ in EVERYWHERE.values())
    listed = len(NAMES) + len(COMBINATIONS) + len(STUDIED) + len(WRITTEN) + len(BOMBS)
    assert everywhere > 1000 and listed > 150


def test_the_configs_that_ship_are_accepted():
    smoke, torture, small = (
        yaml.safe_load((ROOT / f"{name}.yaml").read_text())
        for name in ("workflow/configs/smoke", "workflow/trials/torture", "tests/workflow/small")
    )
    for overlays in ([{}], [CODECS], [smoke], [smoke, small], [smoke, small, torture]):
        assert refusal(overlaid({}, *overlays)) is None
    paper = overlaid(yaml.safe_load((ROOT / "workflow/configs/paper.yaml").read_text()))
    checks.check_config(paper, SCHEMA)
    checks.check_before_jobs(Experiment(paper), fetching=True)
