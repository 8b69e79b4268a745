"""One pair of adapters for all SNRs: gains follow the SNR, between its knots and beyond them."""

from __future__ import annotations

import pytest
import torch

from editable_deepsc.networks.conditioned import ConditionedAdapter, ConditionedAdapters
from editable_deepsc.training.conditioned_adapters import knots_of
from editable_deepsc.training.linear_adapters import closed_form, conditioned_closed_form

K = 16


def latents(n: int, seed: int) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    mixing = torch.randn(K, K, generator=torch.Generator().manual_seed(9))
    return torch.randn(n, K, generator=rng) @ mixing.T + 0.5


def test_a_fresh_one_is_the_identity_at_every_snr():
    adapter, z = ConditionedAdapter([-6.0, 6.0], K, 8), latents(5, 0)
    torch.testing.assert_close(adapter(z, torch.linspace(-20, 20, 5)), z)


@torch.no_grad()
def test_gains_are_linear_between_knots_and_constant_outside():
    adapter = ConditionedAdapter([0.0, 4.0, 10.0], 1, 4)
    adapter.gains.copy_(torch.tensor([[1.0], [3.0], [9.0]]))
    found = adapter.gain(torch.tensor([-30.0, 0.0, 1.0, 4.0, 7.0, 10.0, 40.0]))
    assert found.flatten().tolist() == pytest.approx([1, 1, 1.5, 3, 6, 9, 9])


@torch.no_grad()
@pytest.mark.parametrize("snr_db", [-6.0, 0.0, 18.0])
def test_at_a_knot_the_closed_form_is_the_pair_of_that_snr(snr_db):
    prior, faces, z = latents(300, 1), latents(40, 2), latents(7, 3)
    alone = closed_form(prior, faces, snr_db)
    pair = conditioned_closed_form(prior, faces, [-6.0, 0.0, 18.0]).at(snr_db)
    for adapters in (alone, pair):  # layers that are trained later, and are random before
        owner = getattr(adapters, "adapters", adapters)
        for half in (owner.encoder, owner.decoder):
            torch.nn.init.zeros_(half.second.weight)
    close = {"atol": 1e-4, "rtol": 1e-4}
    torch.testing.assert_close(pair.transmit(z), alone.transmit(z), **close)
    torch.testing.assert_close(pair.receive(z), alone.receive(z), **close)


def test_rows_of_a_batch_have_snrs_of_their_own():
    adapters = conditioned_closed_form(latents(300, 1), latents(40, 2), [0.0, 12.0])
    z, snrs = latents(2, 3), torch.tensor([1.0, 11.0])
    together = adapters.at(snrs).transmit(z)
    for i, snr in enumerate(snrs.tolist()):
        torch.testing.assert_close(adapters.at(snr).transmit(z[i : i + 1]), together[i : i + 1])
    assert not torch.allclose(adapters.at(1.0).transmit(z), adapters.at(11.0).transmit(z))


def test_the_snr_reaches_the_trained_layers():
    adapters = ConditionedAdapters([0.0, 12.0], K, 8)
    torch.nn.init.ones_(adapters.decoder.second.weight)
    z = latents(3, 3)
    assert not torch.allclose(adapters.at(5.0).receive(z), adapters.at(6.0).receive(z))


@pytest.mark.parametrize(
    "ends, knots",
    [((-6, 18), 9), ((0, 3), 2), ((0, 4), 3), ((6, 6.5), 2)],
)
def test_knots_span_the_range_and_are_close(ends, knots):
    found = knots_of(ends)
    assert len(found) == knots and (found[0], found[-1]) == ends
    assert max(b - a for a, b in zip(found, found[1:])) <= 3
