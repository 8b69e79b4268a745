"""Learned codecs learn, and what is learnt on crops holds for whole images."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from editable_deepsc.channel.noise import awgn
from editable_deepsc.channel.power import normalise_power
from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.networks.jscc import DeepJSCC, DeepSC
from editable_deepsc.training.codecs import Squares, train_codec
from editable_deepsc.training.corpus import paired_corpus

from .small import codec_recipe, mse


@pytest.mark.parametrize("network, ratio", [(DeepSC, 0.6), (DeepJSCC, 0.75)])
def test_learned_codecs_learn(pairs, network, ratio):
    _, images = pairs
    torch.manual_seed(3)
    fresh, trained = (
        network(resolution=16, width=8).eval(),
        train_codec(network, images, codec_recipe(steps=60, snr_range=(0.0, 20.0)), 3, "deepsc"),
    )

    def error(model: nn.Module) -> float:
        with torch.no_grad():
            x, snr = from_uint8(images), torch.full((len(images),), 10.0)
            return float(
                mse(
                    model.receive(
                        awgn(
                            normalise_power(model.transmit(x, snr)),
                            10.0,
                            torch.Generator().manual_seed(0),
                        ),
                        snr,
                    ),
                    x,
                ).mean()
            )

    assert error(trained) < ratio * error(fresh)


def test_a_codec_trained_on_crops_codes_whole_images():
    images = paired_corpus(8, 48, 32, seed=3)[1]
    recipe = codec_recipe(steps=2, snr_range=(0.0, 10.0), batch=4, rate=1e-3, crop=16)
    model = train_codec(DeepSC, images, recipe, 1, "deepsc")
    symbols = model.transmit(torch.rand(2, 3, 32, 32), torch.zeros(2))
    assert symbols.shape == (2, 4 * 8 * 8) and model.receive(symbols, torch.zeros(2)).shape == (
        2,
        3,
        32,
        32,
    )


def test_squares_come_first_and_a_killed_training_continues_in_them(tmp_path, monkeypatch):
    """Stopped at any step of either part and run again, a training ends with the same weights."""
    images = paired_corpus(8, 48, 32, seed=3)[1]
    recipe = codec_recipe(
        steps=3, snr_range=(0.0, 10.0), batch=4, rate=1e-3, squares=Squares(side=16, steps=3)
    )
    whole = train_codec(DeepSC, images, recipe, 1, "deepsc").state_dict()
    alone = train_codec(DeepSC, images, replace(recipe, squares=None), 1, "deepsc").state_dict()
    assert any(not torch.equal(value, alone[name]) for name, value in whole.items())
    calls, steps = [], torch.optim.Adam.step

    def stopped(optimiser, *arguments):
        calls.append(1)
        if len(calls) in (2, 6):  # in the squares, and then on whole images
            raise KeyboardInterrupt
        return steps(optimiser, *arguments)

    monkeypatch.setattr(torch.optim.Adam, "step", stopped)
    monkeypatch.setattr("editable_deepsc.training.codecs.EVERY", 1)
    checkpoint = tmp_path / "deepsc.checkpoint"
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            train_codec(DeepSC, images, recipe, 1, "deepsc", checkpoint=checkpoint)
    resumed = train_codec(DeepSC, images, recipe, 1, "deepsc", checkpoint=checkpoint).state_dict()
    assert len(calls) == 8  # six steps, and two that were stopped
    assert all(torch.equal(value, whole[name]) for name, value in resumed.items())


def test_a_training_starts_where_another_ended():
    """Without a step it is the other, whatever the side of its images; with one it is not."""
    images = paired_corpus(8, 48, 32, seed=3)[1]
    recipe = codec_recipe(steps=3, snr_range=(0.0, 10.0), batch=4, rate=1e-3, crop=16)
    first = train_codec(DeepSC, images, recipe, 1, "deepsc")
    still = replace(recipe, steps=1, rate=0.0, crop=None)
    moved = replace(still, rate=1e-3)
    same, other = (train_codec(DeepSC, images, r, 2, "deepsc", start=first) for r in (still, moved))
    begun, ended = first.state_dict(), other.state_dict()
    assert all(torch.equal(value, begun[name]) for name, value in same.state_dict().items())
    assert not all(torch.equal(value, begun[name]) for name, value in ended.items())


def test_more_halvings_make_a_narrower_bottleneck():
    images = paired_corpus(8, 48, 32, seed=3)[1]
    recipe = codec_recipe(
        steps=2, snr_range=(0.0, 10.0), batch=4, rate=1e-3, halvings=4, symbols_per_position=8
    )
    model = train_codec(DeepSC, images, recipe, 1, "deepsc")
    symbols = model.transmit(torch.rand(2, 3, 32, 32), torch.zeros(2))
    assert symbols.shape == (2, 8 * 2 * 2)
    assert model.receive(symbols, torch.zeros(2)).shape == (2, 3, 32, 32)
    assert DeepSC(**model.config()).state_dict().keys() == model.state_dict().keys()


def test_a_second_loss_pulls_where_it_is_weighted():
    """A loss that wants black pictures makes them darker, the more the heavier it is."""
    images = paired_corpus(16, 48, 16, seed=3)[1]
    brightness = []
    for weight in (0.0, 10.0):
        model = train_codec(
            DeepSC,
            images,
            codec_recipe(steps=40, snr_range=(20.0, 20.0)),
            1,
            "deepsc",
            {"dark": (weight, lambda x, y: (y + 1).square().mean())},
        )
        x, snr = from_uint8(images), torch.full((16,), 20.0)
        with torch.no_grad():
            brightness.append(float(model.receive(model.transmit(x, snr), snr).mean()))
    assert brightness[1] < brightness[0] - 0.1
