"""What the compiled step has instead of the plain one's operations: the same mathematics."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.fx.experimental.proxy_tensor import make_fx

from editable_deepsc.editing.fusable import FUSABLE, _Activated, fusable
from editable_deepsc.networks.stylegan2 import Generator

aten = torch.ops.aten


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_the_gradients_of_an_activation_are_those_of_autograd():
    y, factor, shift = drawn(2, 5, 4, 6), drawn(2, 5, 1, 1, seed=1).exp(), drawn(5, 1, 1, seed=2)

    def gradients(activated):
        given = [y.clone().requires_grad_(), factor.clone().requires_grad_()]
        x = activated(*given, shift)
        return x, *torch.autograd.grad((x * drawn(*x.shape, seed=3)).sum(), given)

    ours = gradients(_Activated.apply)
    plain = gradients(lambda y, factor, shift: F.leaky_relu(shift + factor * y, 0.2))
    for a, b in zip(ours, plain, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5)  # sums are in float32


def test_a_copy_has_them_and_the_generator_keeps_its_own():
    generator = Generator(8, (6, 5), mapping_hidden=12, mapping_layers=3).requires_grad_(False)
    own = fusable(generator)
    assert all(conv.activated == _Activated.apply for conv in own.convs)
    assert not any(conv.activated == _Activated.apply for conv in generator.convs)
    w = drawn(2, 8).float()

    def slope(of: Generator) -> torch.Tensor:
        v = w.clone().requires_grad_()
        return torch.autograd.grad(of.synthesis(v).square().sum(), v)[0]

    torch.testing.assert_close(slope(own), slope(generator), rtol=1e-4, atol=1e-5)


def replaced(work, *given: torch.Tensor) -> tuple[torch.Tensor, set]:
    """What a trace computes, and the operations that it has."""
    traced = make_fx(work, FUSABLE)(*given)
    return traced(*given), {node.target for node in traced.graph.nodes}


@pytest.mark.parametrize("channels, is_replaced", [(3, True), (4, False)])
def test_colours_are_up_sampled_by_products(channels, is_replaced):
    x, weight = drawn(2, channels, 5, 5), drawn(2, channels, 10, 10, seed=1)

    def work(x: torch.Tensor) -> torch.Tensor:
        v = x.detach().requires_grad_()
        y = F.interpolate(v, scale_factor=2, mode="bilinear", align_corners=False)
        return torch.cat([y.flatten(), torch.autograd.grad((y * weight).sum(), v)[0].flatten()])

    ours, has = replaced(work, x)
    torch.testing.assert_close(ours, work(x), rtol=1e-6, atol=1e-6)
    kept = {aten.upsample_bilinear2d.default, aten.upsample_bilinear2d_backward.default}
    assert kept.isdisjoint(has) if is_replaced else kept <= has


@pytest.mark.parametrize(
    "outputs, kernel, is_replaced", [(1, 1, True), (2, 1, False), (1, 3, False)]
)
def test_channels_that_become_one_are_summed(outputs, kernel, is_replaced):
    x, weight = drawn(2, 7, 5, 4), drawn(outputs, 7, kernel, kernel, seed=1)
    ours, has = replaced(F.conv2d, x, weight)
    torch.testing.assert_close(ours, F.conv2d(x, weight), rtol=1e-5, atol=1e-5)
    assert (aten.convolution.default in has) != is_replaced
