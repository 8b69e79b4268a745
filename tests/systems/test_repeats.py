"""Editable-DeepSC with more channel uses: repetition, and the matched filter at the receiver."""

from __future__ import annotations

import pytest
import torch

from editable_deepsc.channel.noise import awgn
from editable_deepsc.channel.power import mean_power
from editable_deepsc.networks.jecc import ChannelAdapters
from editable_deepsc.systems.build import SystemNetworks, build_receiver, build_transmitter
from editable_deepsc.systems.editable_deepsc import repetition_gain_db
from editable_deepsc.systems.wire import channel_cost
from editable_deepsc.zoo import load_network


@pytest.fixture(scope="module")
def networks():
    return SystemNetworks(
        generator=load_network("generator"), adapters={6.0: ChannelAdapters().eval()}
    )


@pytest.mark.parametrize("repeats", [1, 2, 8])
def test_bandwidth_is_counted_on_the_wire_and_power_stays(networks, repeats):
    transmitter = build_transmitter("editable_deepsc_more", networks, repeats=repeats)
    symbols = transmitter.send(torch.randn(3, 128), 6.0)
    torch.testing.assert_close(mean_power(symbols), torch.ones(3), atol=1e-3, rtol=0)
    assert channel_cost(symbols, 1, 64)["cbr"] == repeats / 96


def test_the_receiver_draws_what_a_link_of_a_higher_snr_would_bring(networks):
    """Combining leaves 1/repeats of the noise, so what is drawn is as near to the face as on a link
    that is 10 log10(repeats) dB better.
    """
    z = torch.randn(128, 128, generator=torch.Generator().manual_seed(1))
    errors = {}
    for repeats in (1, 4):
        transmitter = build_transmitter("editable_deepsc", networks, repeats=repeats)
        receiver = build_receiver("editable_deepsc", networks, repeats=repeats)
        symbols = transmitter.send(z, 6.0)
        clean = receiver.receive(symbols, 6.0).images
        for snr_db in (0.0, 0.0 + repetition_gain_db(4)):
            noisy = awgn(symbols, snr_db, torch.Generator().manual_seed(2))
            apart = (receiver.receive(noisy, 6.0).images - clean).square().mean()
            errors[repeats, snr_db] = float(apart)
    assert errors[4, 0.0] == pytest.approx(errors[1, repetition_gain_db(4)], rel=0.1)
    assert errors[4, 0.0] < 0.6 * errors[1, 0.0]
