"""Learned codecs learn, and what is learnt on crops holds for whole images."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from editable_deepsc.channel.noise import awgn
from editable_deepsc.channel.power import normalise_power
from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.networks.jscc import DeepJSCC, DeepSC
from editable_deepsc.training.codecs import train_codec
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
