"""Adapters get better at their SNR, and only they move."""

from __future__ import annotations

import copy

import torch

from editable_deepsc.channel.noise import awgn
from editable_deepsc.channel.power import normalise_power
from editable_deepsc.networks.jecc import ChannelAdapters
from editable_deepsc.networks.stylegan2 import rms_normalise
from editable_deepsc.training.adapters import AdapterRecipe, finetune_adapters

from .small import LATENT, frozen, moved, mse, tiny_generator


def test_adapters_get_better_at_their_snr_and_leave_the_generator_alone():
    # Its parameters take gradients: the optimiser must still not have them.
    generator = tiny_generator()
    latents = rms_normalise(torch.randn(16, LATENT, generator=torch.Generator().manual_seed(1)))
    with torch.no_grad():
        originals = generator.synthesis(latents).clamp(-1, 1)
    images = originals.add(1).mul(127.5).round().to(torch.uint8)
    before, snr_db = frozen(generator)[0], 0.0

    def trained(steps: int, rate: float, start: ChannelAdapters | None = None) -> ChannelAdapters:
        return finetune_adapters(
            latents,
            images,
            generator,
            lambda target: lambda x: mse(x, target),
            snr_db,
            AdapterRecipe(steps=steps, batch=16, prior=0.5, rate=rate, jitter=0.2),
            seed=2,
            start=start,
        )

    adapters = trained(80, 2e-3)
    assert moved(generator, before) == []

    def loss(model: ChannelAdapters) -> float:
        with torch.no_grad():
            many = latents.repeat(8, 1)
            received = awgn(
                normalise_power(model.transmit(many)), snr_db, torch.Generator().manual_seed(3)
            )
            return float(
                mse(
                    generator.synthesis(model.receive(received)), originals.repeat(8, 1, 1, 1)
                ).mean()
            )

    torch.manual_seed(2)
    fresh = ChannelAdapters(LATENT, affine=True)
    assert len(moved(adapters, fresh.state_dict())) == 12  # both adapters, every layer
    assert loss(adapters) < 0.95 * loss(fresh)

    # Trained ones are a start; one that is worse than the closed form is not kept.
    again = trained(1, 1e-9, adapters)
    for mine, theirs in zip(again.parameters(), adapters.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-6)
    closed = trained(1, 1e-9)
    wrong = copy.deepcopy(closed)
    for parameter in wrong.decoder.parameters():
        parameter.data.neg_()
    assert moved(trained(1, 1e-9, wrong), frozen(closed)[0]) == []
