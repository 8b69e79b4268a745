"""The step of an inversion as a compiler makes the fewest passes over activations of it.

The same mathematics as in the networks, in forms that are slower, or no faster, where every
operation is a pass of its own. They round in another way, so only the compiled step has them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..networks.stylegan2 import Activated, Generator

COLOURS = 3


class _Activated(Activated):
    """The generator's ``x = leaky_relu(p, 0.2)`` of p = shift + factor * y, another gradient.

    With the slope l of leaky ReLU, x = l p and the gradient g = l G: so the gradient of the factor,
    the sum of g y over the places, is (sum of G x - shift * sum of g) / factor. Both sums go along
    with other passes over G and x, and y, which is up-sampled and is not kept, is not made again.
    """

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        x, _, factor, shift = ctx.saved_tensors
        inner = torch.ops.aten.leaky_relu_backward(gradient, x, 0.2, True)
        outer = (gradient.float() * x.float()).sum((2, 3), keepdim=True)
        slopes = inner.float().sum((2, 3), keepdim=True)
        by_factor = (outer - shift.float() * slopes) / factor.float()
        return inner * factor, by_factor.to(factor.dtype), None


def fusable(generator: Generator) -> Generator:
    """A copy whose activations have this gradient."""
    own = copy.deepcopy(generator)
    for conv in own.convs:
        conv.activated = _Activated.apply
    return own


def _convolution(x: Tensor, weight: Tensor, bias: Tensor | None, *others: Any) -> Tensor:
    """Of all channels to one, at each place: a sum that goes along with a pass over x, which is the
    square of maps in LPIPS, and need not be kept.
    """
    if weight.shape[0] != 1 or weight.shape[2:] != (1, 1) or bias is not None:
        return NotImplemented
    return (x.float() * weight.float()).sum(1, keepdim=True).to(x.dtype)


def _doubled(x: Tensor, size: Any, *others: Any) -> Tensor:
    """Colours [N, 3, h, h], up-sampled by two products: three channels fill no vector."""
    n, c, side, width = x.shape
    if c != COLOURS or side != width:
        return NotImplemented
    up = _bilinear(side).to(x.dtype)
    y = torch.matmul(torch.matmul(up, x.reshape(n * c, side, side)), up.T)
    return _last(y.reshape(n, c, 2 * side, 2 * side))


def _doubled_backward(gradient: Tensor, size: Any, shape: Any, *others: Any) -> Tensor:
    """The gradient of :func:`_doubled`."""
    n, c, side, width = shape
    if c != COLOURS or side != width:
        return NotImplemented
    up = _bilinear(side).to(gradient.dtype)
    y = torch.matmul(torch.matmul(up.T, gradient.reshape(n * c, 2 * side, 2 * side)), up)
    return _last(y.reshape(n, c, side, side))


@cache
def _bilinear(side: int) -> Tensor:
    """[2 side, side]: what up-sampling by two does to a line of pixels."""
    lines = torch.eye(side)[None, None]
    return F.interpolate(lines, size=(2 * side, side), mode="bilinear")[0, 0].clone()


def _last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


aten = torch.ops.aten
# Operation -> what a trace has instead; ``NotImplemented`` leaves it as it is
FUSABLE: dict[Any, Callable[..., Tensor]] = {
    aten.convolution.default: _convolution,
    aten.upsample_bilinear2d.default: _doubled,
    aten.upsample_bilinear2d_backward.default: _doubled_backward,
}
