"""Talk-to-Edit's published fields: whole steps of W and W+, both ways, against plain algebra."""

from __future__ import annotations

import pytest
import torch

from editable_deepsc.data.attributes import ATTRIBUTES
from editable_deepsc.editing.released.space import Space
from editable_deepsc.networks.published import read, stylegan2, talk_to_edit

from . import published_files as files
from .published_reference import leaky, linear

STEPS = 3
LAYERS = {128: (12, 8), 1024: (18, 10)}  # of W+, and how many of them follow


@pytest.fixture
def generator(monkeypatch):
    """Published mapping network, random weights; what draws the image is no part of a step."""
    monkeypatch.setattr(stylegan2, "DRAWS", 64)
    model = stylegan2.Generator(8, 1)
    model.load_state_dict(files.draw(files.generator(8, 1)))
    return model.eval().requires_grad_(False).calibrate()


@pytest.fixture
def folder(tmp_path):
    """Five files of the release's shape, each of other random weights."""
    for seed, name in enumerate(files.NAMES.values()):
        state = files.draw(files.field(), seed)
        state = {k: v * (0.06 if v.ndim > 1 else 1) for k, v in state.items()}
        torch.save(state, tmp_path / f"{name}.pth")
    return tmp_path


def mapped(state, x):
    """The mapping network without its pixel norm."""
    for i in range(1, 9):
        x = leaky(linear(state, f"style.{i}", x, rate=0.01))
    return x


def slow_step(state, field, w):
    x = w
    for i in range(8):
        x = x @ field[f"field.{i}.Linear.weight"].T + field[f"field.{i}.Linear.bias"]
        x = torch.where(x > 0, x, 0.2 * x) if i < 7 else x
    return mapped(state, x) - mapped(state, torch.zeros_like(x))


@pytest.mark.parametrize("resolution", LAYERS)
@pytest.mark.parametrize("direction", [1, -1])
@torch.no_grad()
def test_whole_steps_are_the_reference_to_1e_5(
    generator, folder, monkeypatch, resolution, direction
):
    layers, replaced = LAYERS[resolution]
    assert talk_to_edit.REPLACED_LAYERS[resolution] == replaced
    fields = read(folder, "talk2edit-fields", generator=generator)
    monkeypatch.setattr(fields, "replaced", replaced)
    rng = torch.Generator().manual_seed(resolution)
    w, w_plus = torch.randn(5, 512, generator=rng), torch.randn(5, layers, 512, generator=rng)
    attribute = torch.arange(len(ATTRIBUTES))
    fast, fast_plus = w, w_plus
    for _ in range(STEPS):
        fast, fast_plus = Space(generator).step(
            fields, fast, fast_plus, attribute, torch.full((5,), direction)
        )
    for a, name in enumerate(files.NAMES.values()):
        field = torch.load(folder / f"{name}.pth", weights_only=True)
        # the release's positive direction of Young is older, of No_Beard more beard
        sign = -direction if name == "Young" else direction
        row, plus = w[a : a + 1], w_plus[a].clone()
        for _ in range(STEPS):
            step = sign * slow_step(generator.state_dict(), field, row)
            assert step.abs().max() > 1e-3
            row = row + step
            for layer in range(replaced):
                plus[layer] += step[0]
        scale = max(1.0, float(plus.abs().max()))
        assert (fast[a] - row[0]).abs().max() / scale < 1e-5
        assert (fast_plus[a] - plus).abs().max() / scale < 1e-5
        assert torch.equal(fast_plus[a, replaced:], w_plus[a, replaced:])


def test_fields_of_another_resolution_have_no_rule(generator, folder):
    fields = read(folder, "talk2edit-fields", generator=generator)
    w, plus = torch.zeros(1, 512), torch.zeros(1, 4, 512)
    with pytest.raises(ValueError, match="128 and 1024 pixels, not at 8"):
        Space(generator).step(fields, w, plus, torch.zeros(1).long(), torch.ones(1))
