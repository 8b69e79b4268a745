"""Layers whose gradients are as fast as their values on a processor."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class _PReLU(torch.autograd.Function):
    """PyTorch's own value, and its gradient to the last bit, in passes that a processor vectorises.

    PyTorch's gradient goes through bfloat16 element by element: a fifth of a training step of
    DeepSC.
    """

    @staticmethod
    def forward(ctx, x: Tensor, slopes: Tensor) -> Tensor:
        ctx.save_for_backward(x, slopes)
        return torch.prelu(x, slopes)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor]:
        x, slopes = ctx.saved_tensors
        positive = torch.ops.aten.threshold_backward(gradient, x, 0)  # where x > 0, else 0
        negative = gradient - positive
        others = [axis for axis in range(x.ndim) if axis != 1]
        along_channels = slopes.view(-1, *[1] * (x.ndim - 2))
        return torch.addcmul(positive, negative, along_channels), (negative * x).sum(others)


class PReLU(nn.PReLU):
    """``nn.PReLU`` with a slope for each channel: x [N, C, ...] -> the same shape.

    Value, gradients and state are those of ``nn.PReLU``.
    """

    def forward(self, x: Tensor) -> Tensor:
        return _PReLU.apply(x, self.weight.to(x.dtype))


class _Halved(torch.autograd.Function):
    """Average pooling by 2, and its gradient to the last bit, in the places of a strided copy.

    PyTorch's gradient adds a quarter at a time.
    """

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        ctx.shape, ctx.layout = x.shape, _layout(x)
        return F.avg_pool2d(x, 2)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        n, c, height, width = ctx.shape
        slope = torch.empty(
            ctx.shape, dtype=gradient.dtype, device=gradient.device, memory_format=ctx.layout
        )
        quarter = (gradient / 4)[:, :, :, None, :, None]
        slope.unflatten(3, (width // 2, 2)).unflatten(2, (height // 2, 2)).copy_(quarter)
        return slope


def halved(x: Tensor) -> Tensor:
    """``F.avg_pool2d(x, 2)`` of x [N, C, H, W], whose gradient is faster where H and W are even."""
    even = x.shape[-1] % 2 == 0 and x.shape[-2] % 2 == 0
    return _Halved.apply(x) if even and x.requires_grad else F.avg_pool2d(x, 2)


def _layout(x: Tensor) -> torch.memory_format:
    last = x.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if last else torch.contiguous_format
