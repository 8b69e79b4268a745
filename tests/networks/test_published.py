"""Published formats: right files load, bad ones are refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from editable_deepsc.networks.published import read, stylegan2, talk_to_edit
from editable_deepsc.networks.published.checkpoint import read_checkpoint
from editable_deepsc.networks.weights import WeightsError

from . import published_files as files
from .published_files import FORMATS, save


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(stylegan2, "DRAWS", 64)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_with_the_published_keys_and_shapes_loads(tmp_path, name):
    shapes = FORMATS[name][2]
    path, kind, sizes = save(
        tmp_path, name, files.hollow(shapes)
    )  # the 1024 files of the release are bare state dicts
    model = read(path, kind, **sizes)
    found = {k: tuple(v.shape) for k, v in model.state_dict().items()}
    assert found == {k.removeprefix("module."): v for k, v in shapes.items()}
    assert not model.training and not any(p.requires_grad for p in model.parameters())
    assert all(p.device.type == "cpu" and float(p.flatten()[-1]) == 0.5 for p in model.parameters())


def refusal(path, kind, **sizes):
    with pytest.raises(WeightsError) as error:
        read(path, kind, **sizes)
    message = str(error.value)
    assert str(path) in message and "\n" not in message
    return message


@pytest.mark.parametrize("name", FORMATS)
def test_one_missing_key_one_wrong_shape_one_unknown_key_are_named(tmp_path, name):
    shapes = FORMATS[name][2]
    victim = [k for k in shapes if k.endswith("weight")][len(shapes) // 9]
    shown = victim.removeprefix("module.")
    whole = files.hollow(shapes)
    lacking = {k: v for k, v in whole.items() if k != victim}
    path, kind, sizes = save(tmp_path, name, lacking)
    assert "lacks" in (m := refusal(path, kind, **sizes)) and repr(shown) in m
    path, *_ = save(tmp_path, name, whole | {victim: torch.zeros(3, 5)})
    assert (
        "[3, 5]" in (m := refusal(path, kind, **sizes))
        and repr(shown) in m
        and str(list(shapes[victim])) in m
    )
    path, *_ = save(tmp_path, name, whole | {"surprise.weight": torch.zeros(1)})
    assert "'surprise.weight'" in refusal(path, kind, **sizes)


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
@pytest.mark.parametrize("keep", [0, 10, 0.5, -1])
def test_a_truncated_file_is_refused(tmp_path, keep, legacy):
    path = tmp_path / "field.pth"
    torch.save(files.hollow(files.field()), path, _use_new_zipfile_serialization=not legacy)
    assert isinstance(read(path, "talk2edit-field"), talk_to_edit.Field)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep) if isinstance(keep, float) else keep])
    assert "not a whole PyTorch checkpoint" in refusal(path, "talk2edit-field")


class Bomb:
    def __reduce__(self):
        return (Path.touch, (Path("exploded"),))


@pytest.mark.parametrize("name", FORMATS)
def test_a_pickle_with_code_is_refused_and_not_run(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    path, kind, sizes = save(tmp_path, name, files.hollow(FORMATS[name][2]) | {"code": Bomb()})
    assert "code" in refusal(path, kind, **sizes)
    assert not (tmp_path / "exploded").exists()


def test_missing_file_unknown_format_wrong_sizes(tmp_path):
    assert "does not exist" in refusal(tmp_path / "no.pt", "talk2edit-field")
    with pytest.raises(WeightsError, match="'oracle'.*stylegan2-generator"):
        read(tmp_path / "no.pt", "oracle")
    assert "not given: channel_multiplier" in refusal(
        tmp_path / "no.pt", "stylegan2-generator", resolution=128
    )
    assert "unknown: size" in refusal(tmp_path / "no.pt", "talk2edit-predictor", size=128)
    assert "100 pixels" in refusal(
        tmp_path / "no.pt", "stylegan2-generator", resolution=100, channel_multiplier=1
    )


def test_what_lies_beside_the_weights(tmp_path):
    state = files.hollow(files.predictor())
    torch.save(
        {"state_dict": state, "best_acc": np.float64(0.5)}, tmp_path / "a.pt"
    )  # numpy's numbers are data
    read(tmp_path / "a.pt", "talk2edit-predictor")
    old = {k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}
    torch.save({"state_dict": old}, tmp_path / "b.pt")
    read(tmp_path / "b.pt", "talk2edit-predictor")
    torch.save({"state_dict": state, "teacher": state}, tmp_path / "c.pt")
    assert "'teacher'" in refusal(tmp_path / "c.pt", "talk2edit-predictor")
    torch.save([1, 2], tmp_path / "d.pt")
    assert "list" in refusal(tmp_path / "d.pt", "talk2edit-predictor")
    torch.save({"g": state}, tmp_path / "e.pt")
    assert "no 'g_ema'; it has 'g'" in refusal(
        tmp_path / "e.pt", "stylegan2-generator", resolution=128, channel_multiplier=1
    )


def test_a_bare_state_dict_and_a_wrapped_one_are_the_same(tmp_path):
    state = files.draw(files.field())
    torch.save(state, tmp_path / "a.pt")
    torch.save({"state_dict": state}, tmp_path / "b.pt")
    a, b = (read(tmp_path / name, "talk2edit-field").state_dict() for name in ("a.pt", "b.pt"))
    assert all(torch.equal(a[k], state[k]) and torch.equal(b[k], state[k]) for k in state)


def test_a_language_encoder_needs_its_vocabulary(tmp_path):
    path, kind, sizes = save(tmp_path, "language", files.hollow(files.language(words=9)))
    assert "12 words" in refusal(path, kind, **sizes)  # the file has 9
    for content, complaint in (
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"text_token_to_idx": {"a": 5}}', "text_token_to_idx"),
        ('{"text_token_to_idx": {"a": 0}}', "<NULL>"),
    ):
        sizes["vocabulary"].write_text(content)
        with pytest.raises(WeightsError, match=complaint):
            read(path, kind, **sizes)


def test_a_published_file_is_never_opened_with_code_allowed(tmp_path, monkeypatch):
    allowed = []
    original = torch.load
    monkeypatch.setattr(
        torch, "load", lambda *a, **k: allowed.append(k.get("weights_only")) or original(*a, **k)
    )
    torch.save(files.hollow(files.field()), tmp_path / "f.pt")
    read_checkpoint(tmp_path / "f.pt")
    assert allowed == [True]
