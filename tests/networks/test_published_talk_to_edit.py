"""Predictor, recogniser and language encoder of Talk-to-Edit equal slow references."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from editable_deepsc.networks.published import read, stylegan2

from . import published_files as files
from .published_files import save
from .published_reference import (
    bn,
    close,
    conv,
    slow_connected,
    slow_head,
)


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(stylegan2, "DRAWS", 64)


@torch.no_grad()
def test_the_predictor_is_the_reference_and_counts_degrees_as_we_do(tmp_path):
    state = files.draw(files.predictor())
    for key, value in state.items():  # He et al., so that 50 layers neither vanish nor explode
        if value.ndim > 1:
            state[key] = value * math.sqrt(1 / value[0].numel())
    model = read(*save(tmp_path, "predictor", state)[:2])
    images = torch.rand(2, 3, 256, 256, generator=torch.Generator().manual_seed(5)) * 2.2 - 1.1
    x = (
        (((images + 1) * 255 / 2 + 0.5).clamp(0, 255) / 255)
        .unflatten(2, (128, 2))
        .unflatten(4, (128, 2))
        .mean((3, 5))
    )
    x = (x - torch.tensor([0.485, 0.456, 0.406])[:, None, None]) / torch.tensor(
        [0.229, 0.224, 0.225]
    )[:, None, None]
    x = bn(state, "bn1", conv(x, state["conv1.weight"], 2, 3)).clamp(min=0)
    x = F.pad(x, (1, 1, 1, 1), value=-math.inf).unfold(2, 3, 2).unfold(3, 3, 2).amax((4, 5))
    for layer, blocks in enumerate((3, 4, 6, 3), start=1):
        for block in range(blocks):
            p, stride = f"layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1
            y = bn(state, f"{p}.bn1", conv(x, state[f"{p}.conv1.weight"])).clamp(min=0)
            y = bn(state, f"{p}.bn2", conv(y, state[f"{p}.conv2.weight"], stride, 1)).clamp(min=0)
            y = bn(state, f"{p}.bn3", conv(y, state[f"{p}.conv3.weight"]))
            if block == 0:
                x = bn(
                    state, f"{p}.downsample.1", conv(x, state[f"{p}.downsample.0.weight"], stride)
                )
            x = (y + x).clamp(min=0)
    x = slow_connected(state, "stem", x.mean((2, 3)))
    slow = torch.stack(
        [slow_head(state, f"classifier{number}{name}", x) for number, name in files.NAMES.items()],
        1,
    )
    close(model.published_logits(images), slow)
    close(model(images)[:, :4], slow[:, :4])
    close(model(images)[:, 4], slow[:, 4].flip(1))  # age, counted from old to young
    assert torch.equal(model.degrees(images)[:, 4], 5 - slow[:, 4].argmax(1))


@pytest.mark.parametrize("gated", [False, True])
@torch.no_grad()
def test_the_recogniser_is_the_reference(tmp_path, gated):
    state = files.draw(files.recogniser(gated))
    for key, value in state.items():
        if value.ndim > 1:
            state[key] = value * math.sqrt(1 / value[0].numel())
        elif "prelu" in key or ".fc.1." in key:
            state[key] = torch.tensor([0.25])
    torch.save(state, tmp_path / "a.pt")
    model = read(tmp_path / "a.pt", "talk2edit-recogniser", gated=gated)
    images = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(6)) * 2 - 1
    s = {k.removeprefix("module."): v for k, v in state.items()}

    def prelu(x, slope):
        return torch.where(x > 0, x, slope * x)

    x = prelu(
        bn(s, "bn1", conv(images.mean(1, keepdim=True), s["conv1.weight"], 1, 1)), s["prelu.weight"]
    )
    x = x.unflatten(2, (64, 2)).unflatten(4, (64, 2)).amax((3, 5))
    for layer in range(1, 5):
        for block in range(2):
            p, stride = f"layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1
            y = prelu(
                bn(s, f"{p}.bn1", conv(bn(s, f"{p}.bn0", x), s[f"{p}.conv1.weight"], 1, 1)),
                s[f"{p}.prelu.weight"],
            )
            y = bn(s, f"{p}.bn2", conv(y, s[f"{p}.conv2.weight"], stride, 1))
            if gated:
                gate = prelu(
                    y.mean((2, 3)) @ s[f"{p}.se.fc.0.weight"].T + s[f"{p}.se.fc.0.bias"],
                    s[f"{p}.se.fc.1.weight"],
                )
                y = (
                    y
                    * (
                        1
                        / (
                            1
                            + (-(gate @ s[f"{p}.se.fc.2.weight"].T + s[f"{p}.se.fc.2.bias"])).exp()
                        )
                    )[:, :, None, None]
                )
            if layer > 1 and block == 0:
                x = bn(s, f"{p}.downsample.1", conv(x, s[f"{p}.downsample.0.weight"], stride))
            x = prelu(y + x, s[f"{p}.prelu.weight"])
    slow = bn(s, "bn5", bn(s, "bn4", x).flatten(1) @ s["fc5.weight"].T + s["fc5.bias"])
    close(model.features(images), slow)
    close(model(images), slow / slow.norm(dim=1, keepdim=True))
    doubled = images.repeat_interleave(2, 2).repeat_interleave(
        2, 3
    )  # 256 pixels, whose areas average to the same face
    close(model.features(doubled), slow)


@torch.no_grad()
def test_the_language_encoder_is_the_reference_and_reads_changes(tmp_path):
    state = {
        k: v * (0.05 if v.ndim > 1 and "word2vec" not in k else 1)
        for k, v in files.draw(files.language()).items()
    }
    path, kind, sizes = save(tmp_path, "language", state)
    model = read(path, kind, **sizes)
    texts = ["Make the bangs slightly longer.", "Can you, the bangs?"]
    tokens = model.tokenize(texts)
    assert tokens.tolist() == [[8, 10, 5, 9, 7], [6, 11, 10, 5, 4]]
    padded = torch.cat([tokens, torch.zeros(2, 2, dtype=torch.long)], 1)
    rows = []
    for row in tokens:
        sequence = list(state["lstm.word2vec.weight"][row])
        for layer in (0, 1):
            h = c = torch.zeros(1024)
            outputs = []
            for x in sequence:
                gates = (
                    state[f"lstm.rnn.weight_ih_l{layer}"] @ x
                    + state[f"lstm.rnn.bias_ih_l{layer}"]
                    + state[f"lstm.rnn.weight_hh_l{layer}"] @ h
                    + state[f"lstm.rnn.bias_hh_l{layer}"]
                )
                i, f, g, o = gates.chunk(4)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
                outputs.append(h)
            sequence = outputs
        rows.append(sequence[-1])
    for name, logits in model(padded).items():
        close(logits, slow_head(state, name, torch.stack(rows)))


def answers(model, monkeypatch, **classes):
    """What the encoder makes of one sentence to whose questions it would answer ``classes``."""
    logits = {name: torch.zeros(1, n) for name, n in files.HEADS.items()}
    for name, index in classes.items():
        logits[name][0, index] = 1
    monkeypatch.setattr(model, "forward", lambda tokens: logits)
    return model.read(["make the bangs longer"])[0]


def test_published_answers_in_our_terms(tmp_path, monkeypatch):
    path, kind, sizes = save(tmp_path, "language", files.hollow(files.language()))
    model = read(path, kind, **sizes)
    (definite,) = answers(
        model,
        monkeypatch,
        request_mode=0,
        attribute=2,
        score_change_direction=1,
        score_change_value=3,
    )
    assert (definite.attribute, definite.direction, definite.degree) == (
        2,
        1,
        4,
    )  # four degrees more beard
    (older,) = answers(
        model,
        monkeypatch,
        request_mode=1,
        attribute=4,
        score_change_direction=1,
        score_change_value=3,
    )
    assert (older.attribute, older.direction, older.degree) == (
        4,
        -1,
        1,
    )  # older is less young, an unstated amount one degree
    (wanted,) = answers(model, monkeypatch, request_mode=2, attribute=0, target_score=4)
    assert (wanted.attribute, wanted.target) == (0, 4)
    assert wanted.settled(1).direction == 1 and wanted.settled(1).degree == 3
    assert wanted.settled(5).direction == -1 and wanted.settled(5).degree == 1
    (seventies,) = answers(model, monkeypatch, request_mode=2, attribute=4, target_score=5)
    assert (seventies.attribute, seventies.target) == (4, 0)  # the elderly are least young
    assert answers(model, monkeypatch, request_mode=3, attribute=0) == []
    monkeypatch.undo()
    assert model.read(["colourless green ideas sleep", ""]) == [[], []]


# --- fields and the latent's convention ----------------------------------------------------------
