"""PReLU whose gradient is as fast as its value on a processor."""

from __future__ import annotations

import torch
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
