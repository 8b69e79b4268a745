"""StyleGAN2 (Karras et al. 2020) in the full formulation, as the public PyTorch port (rosinality)
stores it.

    z [N, 512] -> pixel norm -> 8 x (linear, leaky ReLU) -> w [N, 512] -> synthesis -> image [N, 3,
    R, R] in [-1, 1]

    synthesis:  const 4x4 -> conv -> per octave (transposed conv + FIR, conv), all modulated by w
                and demodulated, plus noise; every octave adds its toRGB to the FIR-up-sampled skip
                image

The state dicts of the modules here *are* the published ones, key by key. Modulation scales
activations instead of kernels, which is the same product in another order and lets a batch share
one convolution.

**The latent of the pipeline.** The channel's power constraint (eq 4) takes vectors of mean square
1, and a scale that the receiver needs would have to be sent. Published W is no sphere. Assumed
here, as the paper does not say:

    w = w_mean + w_gain * s          s = (w - w_mean) / w_gain

with w_mean [512] and w_gain (one number) the mean and the root mean square deviation of W,
constants of the trained model that both ends compute from the same 4096 draws
(:meth:`Generator.calibrate`). ``synthesis`` takes s, ``mapping`` returns s brought to mean square
1. The map between s and w is invertible; what the sphere takes away is one of 512 dimensions, the
distance of a face from the mean face (its truncation). docs/published.md gives what that costs, and
the alternatives it was measured against.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..stylegan2 import batch_deviation, rms_normalise

LATENT = 512
DRAWS, DRAWS_SEED = 4096, 0  # of W, for its mean and its spread


def channels(multiplier: int) -> dict[int, int]:
    """Width at every resolution; ``multiplier`` is 1 for the published 128-pixel networks, 2 for
    those of 1024 pixels.
    """
    return {
        4: 512,
        8: 512,
        16: 512,
        32: 512,
        64: 256 * multiplier,
        128: 128 * multiplier,
        256: 64 * multiplier,
        512: 32 * multiplier,
        1024: 16 * multiplier,
    }


def octaves(resolution: int) -> list[int]:
    """4, 8, ... ``resolution``; ``ValueError`` unless it is a power of two from 8 to 1024."""
    sizes = list(channels(1))
    if resolution not in sizes[1:]:
        raise ValueError(
            (
                f"StyleGAN2: the resolution is {resolution}, and must be one of "
                f"{', '.join(map(str, sizes[1:]))}"
            )
        )
    return sizes[: sizes.index(resolution) + 1]


def _leaky(x: Tensor) -> Tensor:
    """Leaky ReLU with slope 0.2 and gain sqrt(2), which keeps the variance."""
    return F.leaky_relu(x, 0.2) * math.sqrt(2)


class Filter(nn.Module):
    """FIR filter [1, 3, 3, 1] x [1, 3, 3, 1] on every channel of x [N, C, H, W], ``pad`` zeros
    before and after each axis.

    Output [N, C, up H + pad[0] + pad[1] - 3, ...]. With ``up`` 2, zeros go between the samples
    first. The sum of the taps is ``gain``.
    """

    kernel: Tensor

    def __init__(self, pad: tuple[int, int], up: int = 1, gain: float = 1.0):
        super().__init__()
        taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
        self.register_buffer("kernel", torch.outer(taps, taps) / 64 * gain)
        self.pad, self.up = pad, up

    def forward(self, x: Tensor) -> Tensor:
        c, (before, after) = x.shape[1], self.pad
        kernel = self.kernel.to(x.dtype).expand(c, 1, 4, 4)
        if self.up == 1:
            return F.conv2d(F.pad(x, (before, after, before, after)), kernel.flip(2, 3), groups=c)
        # A transposed convolution stuffs zeros and filters in one go, as if with 3 zeros on either
        # side: cut to ``pad``.
        y = F.conv_transpose2d(x, kernel, stride=2, groups=c)
        h, w = (2 * size + before + after - 3 for size in x.shape[2:])
        return y[:, :, 3 - before : 3 - before + h, 3 - before : 3 - before + w]


class Linear(nn.Module):
    """Linear layer with equalised learning rate, multiplied by ``rate``; ``active`` adds the leaky
    ReLU. x [N, a] -> [N, b].
    """

    def __init__(
        self, inputs: int, outputs: int, bias: float = 0.0, rate: float = 1.0, active: bool = False
    ):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias))
        self.scale, self.rate, self.active = rate / math.sqrt(inputs), rate, active

    def forward(self, x: Tensor) -> Tensor:
        y = F.linear(x, self.weight * self.scale, self.bias * self.rate)
        return _leaky(y) if self.active else y


class PixelNorm(nn.Module):
    """Mean square 1 for every row of x [N, k]."""

    def forward(self, x: Tensor) -> Tensor:
        return rms_normalise(x)


class ModulatedConv(nn.Module):
    """Convolution whose kernel w scales per input channel and, with ``demodulate``, renormalises
    per output channel (eq 1 to 3 of Karras et al.).

    x [N, a, H, W], w [N, latent] -> [N, b, H, W], or [N, b, 2H, 2W] with ``up``: transposed
    convolution of stride 2, then the FIR filter.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        latent: int,
        demodulate: bool = True,
        up: bool = False,
    ):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, outputs, inputs, kernel, kernel))
        self.modulation = Linear(latent, inputs, bias=1.0)
        if up:
            self.blur = Filter((1, 1), gain=4.0)
        self.scale = 1 / math.sqrt(inputs * kernel**2)
        self.padding, self.demodulate, self.up = kernel // 2, demodulate, up

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        style = self.modulation(w)  # [N, a]
        weight = self.weight[0] * self.scale
        x = x * style.to(x.dtype)[:, :, None, None]
        if self.up:
            y = self.blur(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2))
        else:
            y = F.conv2d(x, weight, padding=self.padding)
        if self.demodulate:
            norm = torch.rsqrt(F.linear(style.square(), weight.square().sum((2, 3))) + 1e-8)
            y = y * norm.to(y.dtype)[:, :, None, None]
        return y


class _Weight(nn.Module):
    """The strength of the noise, under its published name."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))


class Bias(nn.Module):
    """Bias per channel, leaky ReLU, gain sqrt(2)."""

    def __init__(self, width: int):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        return _leaky(x + self.bias.to(x.dtype)[:, None, None])


class StyledConv(nn.Module):
    """Modulated convolution, noise [1 or N, 1, H, W] times its strength, bias and leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, latent: int, up: bool = False):
        super().__init__()
        self.conv = ModulatedConv(inputs, outputs, 3, latent, up=up)
        self.noise = _Weight()
        self.activate = Bias(outputs)

    def forward(self, x: Tensor, w: Tensor, noise: Tensor) -> Tensor:
        y = self.conv(x, w)
        return self.activate(y + (self.noise.weight * noise).to(y.dtype))


class ToRGB(nn.Module):
    """Features [N, a, H, W] to colours, added to the up-sampled ``skip`` image [N, 3, H/2, W/2] of
    the octave below.
    """

    def __init__(self, inputs: int, latent: int, up: bool = True):
        super().__init__()
        if up:
            self.upsample = Filter((2, 1), up=2, gain=4.0)
        self.conv = ModulatedConv(inputs, 3, 1, latent, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def forward(self, x: Tensor, w: Tensor, skip: Tensor | None = None) -> Tensor:
        y = self.conv(x, w).float() + self.bias
        return y if skip is None else y + self.upsample(skip)


class _Const(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.input = nn.Parameter(torch.randn(1, width, 4, 4))


class _Noises(nn.Module):
    def __init__(self, resolutions: list[int]):
        super().__init__()
        for i, size in enumerate(resolutions):
            self.register_buffer(f"noise_{i}", torch.randn(1, 1, size, size))


def fixed_noise(resolution: int) -> list[Tensor]:
    """Noise maps [1, 1, h, w] of a generator whose file has none, the same at every call."""
    rng = torch.Generator().manual_seed(DRAWS_SEED)
    sizes = [4] + [size for size in octaves(resolution)[1:] for _ in range(2)]
    return [torch.randn(1, 1, size, size, generator=rng) for size in sizes]


class Generator(nn.Module):
    """The published generator, with the interface of
    :class:`editable_deepsc.networks.stylegan2.Generator`.

    ``resolution`` 8 to 1024 (published: 128 with ``channel_multiplier`` 1, 1024 with 2); ``layers``
    is the number of latents that a W+ image takes: 12 at 128, 18 at 1024. Latents s follow the
    module's convention (see above): w = w_mean + w_gain * s.
    """

    w_mean: Tensor
    w_gain: Tensor

    def __init__(self, resolution: int, channel_multiplier: int, mapping_layers: int = 8):
        super().__init__()
        width, sizes = channels(channel_multiplier), octaves(resolution)
        self.latent, self.resolution, self.layers = LATENT, resolution, 2 * len(sizes)
        self.style = nn.Sequential(
            PixelNorm(),
            *(Linear(LATENT, LATENT, rate=0.01, active=True) for _ in range(mapping_layers)),
        )
        self.input = _Const(width[4])
        self.conv1 = StyledConv(width[4], width[4], LATENT)
        self.to_rgb1 = ToRGB(width[4], LATENT, up=False)
        self.convs, self.to_rgbs = nn.ModuleList(), nn.ModuleList()
        for below, size in zip(sizes, sizes[1:]):
            self.convs.append(StyledConv(width[below], width[size], LATENT, up=True))
            self.convs.append(StyledConv(width[size], width[size], LATENT))
            self.to_rgbs.append(ToRGB(width[size], LATENT))
        self.noises = _Noises([4] + [size for size in sizes[1:] for _ in range(2)])
        # No part of the published state: the convention of the pipeline, see calibrate()
        self.register_buffer("w_mean", torch.zeros(LATENT, device="cpu"), persistent=False)
        self.register_buffer("w_gain", torch.ones((), device="cpu"), persistent=False)

    @torch.no_grad()
    def calibrate(self) -> Generator:
        """Measure ``w_mean`` [512] and ``w_gain`` of W on a fixed set of draws, so that E[mean
        square of s] is 1.
        """
        rng = torch.Generator().manual_seed(DRAWS_SEED)
        w = self.style(torch.randn(DRAWS, LATENT, generator=rng).to(self.w_mean.device))
        self.w_mean.copy_(w.mean(0))
        self.w_gain.copy_((w - self.w_mean).square().mean().sqrt())
        return self

    def to_w(self, s: Tensor) -> Tensor:
        """s [..., 512] -> w [..., 512], in float32."""
        return self.w_mean + self.w_gain * s.float()

    def to_s(self, w: Tensor) -> Tensor:
        """The inverse of :meth:`to_w`."""
        return (w - self.w_mean) / self.w_gain

    def mapping(self, z: Tensor) -> Tensor:
        """z [N, 512] -> s [N, 512] of mean square 1: the pipeline's latent of ``style(z)``, the
        distance from the mean face dropped.
        """
        return rms_normalise(self.to_s(self.style(z)))

    def draw_noise(self, n: int, generator: torch.Generator) -> list[Tensor]:
        """Per-pixel noise inputs for n images, one [n, 1, h, w] for each of the ``layers - 1``
        convolutions.
        """
        return [
            torch.randn(n, 1, *fixed.shape[2:], generator=generator).to(fixed.device)
            for fixed in self.noises.buffers()
        ]

    def synthesis(self, s: Tensor, noise: list[Tensor] | None = None) -> Tensor:
        """s [N, 512] or [N, layers, 512] (W+) -> images [N, 3, R, R], about [-1, 1].

        s is taken as it is, also off the sphere. ``noise`` as from :meth:`draw_noise`; None takes
        the fixed maps of the checkpoint, as Talk-to-Edit does: constants of the trained model, so
        both ends of the channel have them.
        """
        return self.synthesis_w(self.to_w(s), noise)

    def synthesis_w(self, w: Tensor, noise: list[Tensor] | None = None) -> Tensor:
        """The same from published W [N, 512] or W+ [N, layers, 512]."""
        noises = list(self.noises.buffers()) if noise is None else noise
        if w.ndim == 2:
            w = w[:, None].expand(-1, self.layers, -1)
        x = self.conv1(self.input.input.expand(len(w), -1, -1, -1), w[:, 0], noises[0])
        rgb = self.to_rgb1(x, w[:, 1])
        for i, to_rgb in enumerate(self.to_rgbs):
            x = self.convs[2 * i](x, w[:, 2 * i + 1], noises[2 * i + 1])
            x = self.convs[2 * i + 1](x, w[:, 2 * i + 2], noises[2 * i + 2])
            rgb = to_rgb(x, w[:, 2 * i + 3], rgb)
        return rgb

    def forward(self, z: Tensor, noise: list[Tensor] | None = None) -> Tensor:
        return self.synthesis(self.mapping(z), noise)


class EqualConv(nn.Module):
    """Convolution with equalised learning rate."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.scale, self.stride, self.padding = (
            1 / math.sqrt(inputs * kernel**2),
            stride,
            kernel // 2 if stride == 1 else 0,
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight * self.scale, stride=self.stride, padding=self.padding)


class ResidualBlock(nn.Module):
    """x [N, a, H, W] -> [N, b, H/2, W/2]: two convolutions beside a 1x1 skip, both filtered before
    they are strided.
    """

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.conv1 = nn.Sequential(EqualConv(inputs, inputs, 3), Bias(inputs))
        self.conv2 = nn.Sequential(
            Filter((2, 2)), EqualConv(inputs, outputs, 3, stride=2), Bias(outputs)
        )
        self.skip = nn.Sequential(Filter((1, 1)), EqualConv(inputs, outputs, 1, stride=2))

    def forward(self, x: Tensor) -> Tensor:
        return (self.conv2(self.conv1(x)) + self.skip(x)) / math.sqrt(2)


class Discriminator(nn.Module):
    """The published residual discriminator: images [N, 3, R, R] in [-1, 1] -> scores [N]."""

    def __init__(self, resolution: int, channel_multiplier: int):
        super().__init__()
        width, sizes = channels(channel_multiplier), octaves(resolution)[::-1]
        self.convs = nn.Sequential(
            nn.Sequential(EqualConv(3, width[resolution], 1), Bias(width[resolution])),
            *(ResidualBlock(width[a], width[b]) for a, b in zip(sizes, sizes[1:])),
        )
        self.final_conv = nn.Sequential(EqualConv(width[4] + 1, width[4], 3), Bias(width[4]))
        self.final_linear = nn.Sequential(
            Linear(16 * width[4], width[4], active=True), Linear(width[4], 1)
        )

    def forward(self, images: Tensor) -> Tensor:
        x = self.convs(images)
        x = self.final_conv(torch.cat([x, batch_deviation(x)], 1))
        return self.final_linear(x.flatten(1))[:, 0].float()
