from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from editable_deepsc.channel.power import mean_power, normalise_power
from editable_deepsc.networks.jecc import Adapter, ChannelAdapters, SemanticFields


@torch.no_grad()
def test_batched_fields_equal_one_stack_of_linear_layers_per_attribute():
    torch.manual_seed(0)
    fields = SemanticFields(latent=6, hidden=9, layers=3)
    for bias in fields.biases:
        bias.normal_()
    z, attribute = torch.randn(10, 6), torch.arange(10) % 5
    for row, a, got in zip(z, attribute.tolist(), fields(z, attribute)):
        x = row
        for weight, bias in zip(fields.weights[:-1], fields.biases[:-1]):
            x = F.leaky_relu(F.linear(x, weight[a], bias[a]), 0.2)
        torch.testing.assert_close(got, F.linear(x, fields.weights[-1][a], fields.biases[-1][a]))


@torch.no_grad()
def test_attributes_have_fields_of_their_own_and_start_with_small_steps():
    torch.manual_seed(1)
    z = torch.randn(1, 128).expand(5, -1)
    steps = SemanticFields()(z, torch.arange(5))
    assert torch.pdist(steps).min() > 0.1
    assert 0.001 < mean_power(steps).max() < 0.1 * mean_power(z).max()


def test_a_fresh_adapter_is_the_identity_and_can_learn():
    z = torch.randn(4, 8)
    adapter = Adapter(8, 5)
    assert torch.equal(adapter(z), z)
    adapter(z).square().sum().backward()
    assert adapter.second.weight.grad.abs().max() > 0


@pytest.fixture
def adapters() -> ChannelAdapters:
    torch.manual_seed(2)
    adapters = ChannelAdapters(8, 6).requires_grad_(False)
    for adapter in (adapters.encoder, adapters.decoder):
        adapter.second.weight.normal_()
    return adapters


@pytest.mark.parametrize("scale", [0.01, 1, 30])
def test_what_is_transmitted_has_power_1(adapters, scale):
    torch.testing.assert_close(
        mean_power(normalise_power(adapters.transmit(scale * torch.randn(5, 8)))),
        torch.ones(5),
        atol=1e-4,
        rtol=0,
    )


def test_the_receiver_does_not_use_the_scale_of_what_it_receives(adapters):
    received = torch.randn(5, 8)
    scale = torch.tensor([0.1, 0.5, 1, 3, 20])[:, None]
    torch.testing.assert_close(
        adapters.receive(scale * received), adapters.receive(received), atol=1e-4, rtol=1e-4
    )
    assert not torch.allclose(
        adapters.receive(received), received, atol=0.1
    )  # the adapter is not idle
