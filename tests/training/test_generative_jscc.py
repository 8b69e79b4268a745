"""Generative JSCC gets better at what its receiver draws, and the generator stays as it is."""

from __future__ import annotations

import torch

from editable_deepsc.channel.noise import awgn
from editable_deepsc.channel.power import mean_power
from editable_deepsc.codecs.build import build_codec
from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.networks.encoder import LatentEncoder
from editable_deepsc.networks.stylegan2 import rms_normalise
from editable_deepsc.networks.weights import load_network, save_network
from editable_deepsc.training.generative_jscc import GenerativeRecipe, train_generative_jscc

from .small import LATENT, frozen, moved, mse, tiny_generator


def test_it_learns_through_the_channel_and_leaves_generator_and_encoder_alone(tmp_path):
    generator = tiny_generator()
    latents = rms_normalise(torch.randn(32, LATENT, generator=torch.Generator().manual_seed(1)))
    with torch.no_grad():
        originals = generator.synthesis(latents).clamp(-1, 1)
    images = originals.add(1).mul(127.5).round().to(torch.uint8)
    encoder = LatentEncoder(LATENT, 16).eval()
    before = frozen(generator, encoder)
    errors = []
    for steps in (1, 60):
        recipe = GenerativeRecipe((0.0, 12.0), steps, 16, 1e-3, perceptual_weight=0.0)
        model = train_generative_jscc(
            images, encoder, generator, lambda x: lambda y: mse(y, x), recipe, 3, "generative"
        )
        save_network(model, tmp_path / "codec.safetensors", half=True)
        codec = build_codec(
            "generative_jscc",
            16,
            {"steps": steps},
            load_network(tmp_path / "codec.safetensors"),
            generator.requires_grad_(False),
        )
        x = from_uint8(images)
        symbols = codec.encode(x, 6.0)
        assert symbols.shape == (32, LATENT)
        torch.testing.assert_close(mean_power(symbols), torch.ones(32), atol=1e-3, rtol=0)
        decoded = codec.decode(awgn(symbols, 6.0, torch.Generator().manual_seed(2)), 6.0)
        assert not decoded.outage.any()
        errors.append(float(mse(decoded.images, x).mean()))
    assert errors[1] < 0.9 * errors[0]
    assert moved(generator, before[0]) == [] and moved(encoder, before[1]) == []
