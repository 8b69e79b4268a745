"""Slow references of the published networks in plain tensor algebra, on state dicts."""

from __future__ import annotations

import math

import torch


def conv(x, weight, stride=1, pad=0, bias=None):
    """Convolution as a sum over kernel positions."""
    n, c, h, w = x.shape
    out, _, k, _ = weight.shape
    padded = x.new_zeros(n, c, h + 2 * pad, w + 2 * pad)
    padded[:, :, pad : pad + h, pad : pad + w] = x
    rows, columns = (h + 2 * pad - k) // stride + 1, (w + 2 * pad - k) // stride + 1
    y = x.new_zeros(n, out, rows, columns)
    for i in range(k):
        for j in range(k):
            part = padded[
                :,
                :,
                i : i + stride * (rows - 1) + 1 : stride,
                j : j + stride * (columns - 1) + 1 : stride,
            ]
            y += torch.einsum("oc,nchw->nohw", weight[:, :, i, j], part)
    return y if bias is None else y + bias[None, :, None, None]


def stuffed(x):
    """Zeros between the samples: [.., H, W] -> [.., 2H, 2W]."""
    y = x.new_zeros(*x.shape[:2], 2 * x.shape[2], 2 * x.shape[3])
    y[:, :, ::2, ::2] = x
    return y


def fir(x, before, after, gain=1.0):
    """[1, 3, 3, 1] along both axes, between ``before`` and ``after`` zeros."""
    for axis in (2, 3):
        size = x.shape[axis] + before + after
        padded = x.new_zeros(*[size if a == axis else n for a, n in enumerate(x.shape)])
        padded.narrow(axis, before, x.shape[axis]).copy_(x)
        x = sum(
            tap * padded.narrow(axis, i, size - 3)
            for i, tap in enumerate((0.125, 0.375, 0.375, 0.125))
        )
    return x * gain


def leaky(x):
    return torch.where(x > 0, x, 0.2 * x) * math.sqrt(2)


def linear(s, name, x, rate=1.0):
    weight = s[f"{name}.weight"]
    return x @ weight.T * rate / math.sqrt(weight.shape[1]) + rate * s[f"{name}.bias"]


def slow_modulated(s, name, x, w, demodulate=True, up=False):
    """A kernel for every sample; up-sampling is zero insertion, convolution with the turned kernel,
    FIR filter.
    """
    style = linear(s, f"{name}.modulation", w)
    rows = []
    for image, modulation in zip(x, style):
        kernel = s[f"{name}.weight"][0]
        kernel = kernel / math.sqrt(kernel[0].numel()) * modulation[None, :, None, None]
        if demodulate:
            kernel = kernel / (kernel.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        if up:
            full = conv(stuffed(image[None]), kernel.flip(2, 3), pad=2)[
                :, :, : 2 * image.shape[1] + 1, : 2 * image.shape[2] + 1
            ]
            rows.append(fir(full, 1, 1, gain=4))
        else:
            rows.append(conv(image[None], kernel, pad=kernel.shape[-1] // 2))
    return torch.cat(rows)


def slow_styled(s, name, x, w, noise, up):
    y = slow_modulated(s, f"{name}.conv", x, w, up=up) + s[f"{name}.noise.weight"] * noise
    return leaky(y + s[f"{name}.activate.bias"][None, :, None, None])


def slow_rgb(s, name, x, w, skip=None):
    y = slow_modulated(s, f"{name}.conv", x, w, demodulate=False) + s[f"{name}.bias"]
    return y if skip is None else y + fir(stuffed(skip), 2, 1, gain=4)


def slow_mapping(s, z):
    x = z / (z.square().mean(1, keepdim=True) + 1e-8).sqrt()
    for i in range(1, 9):
        x = leaky(linear(s, f"style.{i}", x, rate=0.01))
    return x


def slow_generator(s, w_plus):
    x = slow_styled(
        s,
        "conv1",
        s["input.input"].repeat(len(w_plus), 1, 1, 1),
        w_plus[:, 0],
        s["noises.noise_0"],
        False,
    )
    rgb = slow_rgb(s, "to_rgb1", x, w_plus[:, 1])
    for i in range((w_plus.shape[1] - 2) // 2):
        x = slow_styled(
            s, f"convs.{2 * i}", x, w_plus[:, 2 * i + 1], s[f"noises.noise_{2 * i + 1}"], True
        )
        x = slow_styled(
            s, f"convs.{2 * i + 1}", x, w_plus[:, 2 * i + 2], s[f"noises.noise_{2 * i + 2}"], False
        )
        rgb = slow_rgb(s, f"to_rgbs.{i}", x, w_plus[:, 2 * i + 3], rgb)
    return rgb


def slow_residual(s, p, x):
    def scaled(key):
        return s[f"{p}.{key}.weight"] / math.sqrt(s[f"{p}.{key}.weight"][0].numel())

    y = leaky(conv(x, scaled("conv1.0"), pad=1) + s[f"{p}.conv1.1.bias"][None, :, None, None])
    y = leaky(
        conv(fir(y, 2, 2), scaled("conv2.1"), stride=2)
        + s[f"{p}.conv2.2.bias"][None, :, None, None]
    )
    return (y + conv(fir(x, 1, 1), scaled("skip.1"), stride=2)) / math.sqrt(2)


def slow_discriminator(s, images, blocks):
    first = s["convs.0.0.weight"] / math.sqrt(3)
    x = leaky(conv(images, first) + s["convs.0.1.bias"][None, :, None, None])
    for i in range(1, blocks + 1):
        x = slow_residual(s, f"convs.{i}", x)
    n, deviation = len(x), torch.zeros(len(x))
    group = min(n, 4)
    for i in range(n // group):  # image j of group i is row j * (n / group) + i
        members = torch.arange(group) * (n // group) + i
        spread = (x[members] - x[members].mean(0)).square().mean(0)
        deviation[members] = (spread + 1e-8).sqrt().mean()
    x = torch.cat([x, deviation[:, None, None, None].expand(-1, 1, 4, 4)], 1)
    last = s["final_conv.0.weight"] / math.sqrt(513 * 9)
    x = leaky(conv(x, last, pad=1) + s["final_conv.1.bias"][None, :, None, None]).reshape(n, -1)
    return linear(s, "final_linear.1", leaky(linear(s, "final_linear.0", x)))[:, 0]


def bn(s, name, x):
    shape = (1, -1) + (1,) * (x.ndim - 2)
    mean, var, weight, bias = (
        s[f"{name}.{k}"].reshape(shape) for k in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / (var + 1e-5).sqrt() * weight + bias


def close(fast, slow):
    assert fast.shape == slow.shape and slow.std() > 1e-3  # a constant would be equal for nothing
    scale = max(1.0, float(slow.abs().max()))
    torch.testing.assert_close(fast / scale, slow / scale, atol=1e-4, rtol=0)


def slow_connected(s, p, x):
    return bn(s, f"{p}.bn", x @ s[f"{p}.fc.weight"].T + s[f"{p}.fc.bias"]).clamp(min=0)


def slow_head(s, p, x):
    return slow_connected(s, f"{p}.0", x) @ s[f"{p}.1.weight"].T + s[f"{p}.1.bias"]
