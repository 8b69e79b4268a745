from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from editable_deepsc.channel.power import mean_power, normalise_power
from editable_deepsc.networks.stylegan2 import rms_normalise


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(1, 300), st.floats(-30, 30), st.integers(0, 2**31))
def test_every_row_has_power_one_whatever_its_scale(rows, k, exponent, seed):
    generator = torch.Generator().manual_seed(seed)
    x = (torch.randn(rows, k, generator=generator) + 0.1) * 10**exponent
    z = normalise_power(x)
    torch.testing.assert_close(mean_power(z), torch.ones(rows), rtol=1e-5, atol=0)
    torch.testing.assert_close(normalise_power(z), z, rtol=1e-5, atol=1e-6)
    assert torch.equal(z.sign(), x.sign())


def test_rows_do_not_share_power_and_zero_rows_stay_zero():
    z = normalise_power(torch.tensor([[3.0, 4.0], [0.0, 0.0], [0.0, -7.0]]))
    torch.testing.assert_close(z, torch.tensor([[0.6, 0.8], [0.0, 0.0], [0.0, -1.0]]) * 2**0.5)


def test_the_gradient_is_that_of_the_definition():
    x = torch.randn(
        3, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    ).requires_grad_()
    weights = torch.arange(7.0, dtype=torch.float64)
    (ours,) = torch.autograd.grad((normalise_power(x) * weights).sum(), x)
    (definition,) = torch.autograd.grad(
        (x / x.square().mean(1, keepdim=True).sqrt() * weights).sum(), x
    )
    torch.testing.assert_close(ours, definition)
    zero = torch.zeros(1, 4, requires_grad=True)
    normalise_power(zero).sum().backward()
    assert zero.grad.isfinite().all()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(1, 300), st.floats(0.1, 1e4), st.integers(0, 2**31))
def test_ordinary_rows_are_normalised_like_latents_to_the_bit(rows, k, peak, seed):
    """Networks trained with the one are sent with the other."""
    x = torch.randn(rows, k, generator=torch.Generator().manual_seed(seed))
    x = (peak * x / x.abs().amax(1, keepdim=True)).clamp(-1e4, 1e4)
    x[0, x[0].abs().argmax()] = peak
    x = x[x.square().mean(1) > 1.1e-3]  # k = 300 with one peak of 0.25 has less
    x = torch.cat([x, torch.full((1, k), 0.1)]).requires_grad_()
    slopes = torch.arange(float(k))
    ours, theirs = normalise_power(x), rms_normalise(x)
    assert torch.equal(ours, theirs)
    assert torch.equal(*(torch.autograd.grad((y * slopes).sum(), x)[0] for y in (ours, theirs)))


def test_a_row_is_normalised_by_itself_whatever_its_neighbours_are():
    ordinary = torch.randn(1, 64, generator=torch.Generator().manual_seed(0))
    rows = torch.cat([1e-30 * ordinary, ordinary, 1e30 * ordinary, 0 * ordinary])
    small, alone, large, zero = normalise_power(rows)
    assert torch.equal(alone, normalise_power(ordinary)[0])
    torch.testing.assert_close(small, alone, rtol=1e-5, atol=0)
    torch.testing.assert_close(large, alone, rtol=1e-5, atol=0)
    assert (zero == 0).all()
