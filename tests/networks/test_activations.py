import pytest
import torch
import torch.nn.functional as F
from torch import nn

from editable_deepsc.networks.activations import PReLU, halved
from editable_deepsc.networks.jscc import DeepSC


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_value_and_gradients_are_pytorchs_to_the_last_bit(dtype, layout):
    torch.manual_seed(0)
    x = torch.randn(4, 6, 9, 7).to(dtype).contiguous(memory_format=layout)
    x[0, :, 0] = 0  # at the bend
    given = torch.randn(x.shape).to(dtype).contiguous(memory_format=layout)
    found = []
    for kind in (nn.PReLU, PReLU):
        layer = kind(6)
        with torch.no_grad():
            layer.weight.copy_(torch.linspace(-0.5, 1.5, 6))
        values = x.clone().requires_grad_()
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            y = layer(values)
        y.backward(given)
        found.append((y.detach(), values.grad, layer.weight.grad))
    for theirs, ours in zip(*found):
        assert theirs.dtype == ours.dtype and torch.equal(theirs, ours)


def test_gradient_against_finite_differences():
    layer = PReLU(3).double()
    x = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (x,))


def test_deepsc_has_pytorchs_state():
    names = set(DeepSC(16, width=8).state_dict())
    assert {"encoder.1.weight", "decoder_in.1.weight", "decoder_out.2.weight"} <= names


@pytest.mark.parametrize("size", [(8, 6), (9, 7)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_halved_is_average_pooling_to_the_last_bit(dtype, layout, size):
    torch.manual_seed(1)
    x = torch.randn(3, 5, *size).to(dtype).contiguous(memory_format=layout)
    found = []
    for halve in (lambda x: F.avg_pool2d(x, 2), halved):
        values = x.clone().requires_grad_()
        y = halve(values)
        y.backward(torch.randn(y.shape, generator=torch.Generator().manual_seed(2)).to(dtype))
        found.append((y.detach(), values.grad))
    for theirs, ours in zip(*found):
        assert theirs.stride() == ours.stride() and torch.equal(theirs, ours)


def test_halved_has_a_second_derivative():
    x = torch.randn(2, 3, 4, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda x: halved(x).square(), (x,))
