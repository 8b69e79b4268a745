"""StyleGAN2 generator and discriminator (Karras et al. 2020).

    z [N, 128] -> mapping -> w [N, 128] -> synthesis -> image [N, 3, H, W] in [-1, 1]

    synthesis:  const 4x4 -> conv -> (conv, upsample, conv) per octave, each modulated by w, plus
                noise; every octave adds its toRGB to an up-sampled skip image

Three formulations keep a small machine busy: modulation scales the *activations* and demodulation
is one matrix product, ``rsqrt(s**2 @ sum(W**2))``, so that one shared convolution serves the whole
batch; an octave's first convolution runs before its up-sampling (bilinear, which is the FIR filter
[1, 3, 3, 1]); and demodulation is applied after it together with the bias, since passes over the
activations cost more here than convolutions do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .activations import halved
from .sizes import unusual


def rms_normalise(x: Tensor) -> Tensor:
    """Scale each row of x [N, k] to mean square 1."""
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-8)


class EqualLinear(nn.Module):
    """Linear layer with equalised learning rate: weights ~ N(0, 1), scaled by 1/sqrt(fan-in) at run
    time.
    """

    def __init__(self, inputs: int, outputs: int, bias: float = 0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs))
        self.bias = nn.Parameter(torch.full((outputs,), bias))
        self.scale = 1 / math.sqrt(inputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight * self.scale, self.bias)


class EqualConv(nn.Module):
    """Convolution with equalised learning rate."""

    def __init__(self, inputs: int, outputs: int, kernel: int, bias: bool = True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.scale = 1 / math.sqrt(inputs * kernel**2)
        self.padding = kernel // 2

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight * self.scale, self.bias, padding=self.padding)


class ModulatedConv(nn.Module):
    """Weight-modulated convolution, written on the activations so that the batch shares one
    kernel.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, latent: int):
        super().__init__()
        self.affine = EqualLinear(latent, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.scale = 1 / math.sqrt(inputs * kernel**2)
        self.padding = kernel // 2

    def forward(self, x: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        """x [N, inputs, h, w], latent w [N, latent] -> the convolution before demodulation, and the
        factors [N, outputs] that demodulate it.
        """
        style = self.affine(w)  # [N, inputs]
        weight = self.weight * self.scale
        y = F.conv2d(x * style[:, :, None, None], weight, padding=self.padding)
        return y, torch.rsqrt(F.linear(style.square(), weight.square().sum(dim=(2, 3))) + 1e-8)


class ToRGB(nn.Module):
    """Modulated 1 by 1 convolution to colours, without demodulation: one small matrix product per
    image.
    """

    def __init__(self, inputs: int, latent: int):
        super().__init__()
        self.affine = EqualLinear(latent, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(3, inputs, 1, 1))
        self.scale = 1 / math.sqrt(inputs)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        n, _, height, width = x.shape
        kernels = self.affine(w)[:, :, None] * (self.weight * self.scale)[:, :, 0, 0].T.to(
            w.dtype
        )  # [N, inputs, 3]
        colours = torch.bmm(x.permute(0, 2, 3, 1).flatten(1, 2), kernels.to(x.dtype))
        return colours.unflatten(1, (height, width)).permute(0, 3, 1, 2)


class Activated(torch.autograd.Function):
    """``leaky_relu(shift + factor * y, 0.2)`` of y [N, C, h, w], factor [N, C, 1, 1] and a shift
    [C, 1, 1] that is not trained.

    The gradient is PyTorch's to the last bit, without the pass over y that ``addcmul`` takes to
    multiply it by 1.
    """

    @staticmethod
    def forward(ctx, y: Tensor, factor: Tensor, shift: Tensor) -> Tensor:
        x = F.leaky_relu_(torch.addcmul(shift, y, factor), 0.2)
        ctx.save_for_backward(x, y, factor, shift)
        return x

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        x, y, factor, _ = ctx.saved_tensors
        gradient = torch.ops.aten.leaky_relu_backward(gradient, x, 0.2, True)
        return gradient * factor, (gradient * y).sum((2, 3), keepdim=True), None


class StyledConv(nn.Module):
    """Modulated convolution, optional up-sampling, demodulation, noise, bias, leaky ReLU with gain
    sqrt(2). ``activated``: for a frozen network without noise, y, factor and shift to the output.
    """

    activated: Callable[[Tensor, Tensor, Tensor], Tensor] = staticmethod(Activated.apply)

    def __init__(self, inputs: int, outputs: int, latent: int, up: bool):
        super().__init__()
        self.conv = ModulatedConv(inputs, outputs, 3, latent)
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.up = up

    def forward(self, x: Tensor, w: Tensor, noise: Tensor | None) -> Tensor:
        y, demodulation = self.conv(x, w)
        if self.up:  # linear in every channel: demodulation may follow it
            y = F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)
        # The gain goes into the two small factors: leaky ReLU is homogeneous.
        gain = math.sqrt(2)
        shift = (gain * self.bias).to(y.dtype)[:, None, None]
        factor = (gain * demodulation).to(y.dtype)[:, :, None, None]
        if noise is None and y.requires_grad and not shift.requires_grad:
            return self.activated(y, factor, shift)
        y = torch.addcmul(shift, y, factor)
        if noise is not None:
            y = y + (gain * self.noise_strength).to(y.dtype) * noise.to(y.dtype)
        return F.leaky_relu(y, 0.2)


class Mapping(nn.Module):
    """z [N, latent] -> w [N, latent] with mean square 1.

    Input and output are normalised per vector. The output normalisation is ours: with the latent on
    a sphere, the power constraint of the channel (eq 4) takes nothing away from it.
    """

    def __init__(self, latent: int, hidden: int, layers: int):
        super().__init__()
        sizes = [latent] + [hidden] * (layers - 1) + [latent]
        self.layers = nn.ModuleList(EqualLinear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, z: Tensor) -> Tensor:
        x = rms_normalise(z)
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.2) * math.sqrt(2)
        return rms_normalise(self.layers[-1](x))


class Generator(nn.Module):
    """StyleGAN2 generator.

    ``channels`` gives the width at 4, 8, 16, ... pixels; its length sets the resolution.
    ``synthesis(w)`` takes w [N, latent], or [N, layers, latent] for style mixing.
    """

    def __init__(
        self,
        latent: int = 128,
        channels: tuple[int, ...] = (192, 192, 160, 96, 48),
        mapping_hidden: int = 256,
        mapping_layers: int = 4,
    ):
        super().__init__()
        self.latent = latent
        self.resolution = 4 * 2 ** (len(channels) - 1)
        self.mapping = Mapping(latent, mapping_hidden, mapping_layers)
        self.const = nn.Parameter(torch.randn(1, channels[0], 4, 4))
        self.convs = nn.ModuleList([StyledConv(channels[0], channels[0], latent, up=False)])
        self.to_rgbs = nn.ModuleList([ToRGB(channels[0], latent)])
        for narrow, wide in zip(channels, channels[1:]):
            self.convs.append(StyledConv(narrow, wide, latent, up=True))
            self.convs.append(StyledConv(wide, wide, latent, up=False))
            self.to_rgbs.append(ToRGB(wide, latent))
        self.rgb_bias = nn.Parameter(torch.zeros(3))

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``Generator(**config)`` fits this state dict."""
        channels = [to_rgb.get_parameter("weight").shape[1] for to_rgb in self.to_rgbs]
        hidden = self.mapping.layers[0].get_parameter("weight").shape[0]
        return {"latent": self.latent, "channels": channels} | unusual(
            type(self), mapping_hidden=hidden, mapping_layers=len(self.mapping.layers)
        )

    @property
    def layers(self) -> int:
        return len(self.convs)

    def grow_from(self, smaller: "Generator") -> None:
        """Take over everything of a generator of fewer octaves. The new octaves' toRGB start near
        zero, so that at first the picture is the smaller one's, up-sampled by the skip connection.
        """
        self.load_state_dict(self.state_dict() | smaller.state_dict())
        with torch.no_grad():
            for new in self.to_rgbs[len(smaller.to_rgbs) :]:
                new.get_parameter("weight").mul_(0.01)

    def freeze_below(self, octaves: int) -> None:
        """Train only the last ``octaves`` octaves from here on: everything before them, the mapping
        too, stays as it is.
        """
        first = len(self.to_rgbs) - octaves
        trained = [*self.convs[2 * first - 1 :], *self.to_rgbs[first:]]
        self.requires_grad_(False)
        for module in trained:
            module.requires_grad_(True)

    def draw_noise(self, n: int, generator: torch.Generator) -> list[Tensor]:
        """Per-pixel noise inputs for n images, one [n, 1, h, w] for each layer."""
        sizes = [4 * 2 ** ((i + 1) // 2) for i in range(self.layers)]
        return [
            torch.randn(n, 1, size, size, generator=generator).to(self.const.device)
            for size in sizes
        ]

    def synthesis(
        self,
        w: Tensor,
        noise: list[Tensor] | None = None,
        layout: torch.memory_format = torch.channels_last,
    ) -> Tensor:
        """w to images. ``noise``: the per-pixel inputs of :meth:`draw_noise`; None leaves them out
        (their mean). ``layout`` of the activations in memory: ``torch.vmap`` knows contiguous ones
        only.
        """
        noises: Sequence[Tensor | None] = noise or [None] * self.layers
        if w.ndim == 2:
            w = w[:, None].expand(-1, self.layers, -1)
        x = self.const.to(w.dtype).expand(len(w), -1, -1, -1).contiguous(memory_format=layout)
        x = self.convs[0](x, w[:, 0], noises[0])
        rgb = self.to_rgbs[0](x, w[:, 0])
        for octave in range(1, len(self.to_rgbs)):
            x = self.convs[2 * octave - 1](x, w[:, 2 * octave - 1], noises[2 * octave - 1])
            x = self.convs[2 * octave](x, w[:, 2 * octave], noises[2 * octave])
            rgb = F.interpolate(rgb, scale_factor=2, mode="bilinear", align_corners=False)
            rgb = rgb + self.to_rgbs[octave](x, w[:, 2 * octave])
        return rgb.float() + self.rgb_bias[:, None, None]

    def forward(self, z: Tensor, noise: list[Tensor] | None = None) -> Tensor:
        return self.synthesis(self.mapping(z), noise)


class Encoder(nn.Module):
    """images [N, 3, R, R] -> w [N, latent] of mean square 1; larger images are first brought to R
    by area averaging.

    It helps to train generators and is then discarded: the image semantic encoder of the paper is
    inversion, not a network (eq 1).
    """

    def __init__(self, latent: int, resolution: int, width: int = 48):
        super().__init__()
        self.resolution, self.width = resolution, width
        layers: list[nn.Module] = []
        inputs, size = 3, resolution
        while size > 4:
            outputs = min(4 * width, width if inputs == 3 else 2 * inputs)
            layers += [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.LeakyReLU(0.2)]
            inputs, size = outputs, size // 2
        self.convs = nn.Sequential(*layers)
        self.out = nn.Linear(16 * inputs, latent)

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``Encoder(**config)`` fits this state dict."""
        sizes = {"latent": self.out.out_features, "resolution": self.resolution}
        return sizes | unusual(type(self), width=self.width)

    def forward(self, images: Tensor) -> Tensor:
        if images.shape[-1] != self.resolution:
            images = F.interpolate(images, size=self.resolution, mode="area")
        return rms_normalise(self.out(self.convs(images).flatten(1)).float())


def batch_deviation(x: Tensor, group: int = 4) -> Tensor:
    """x [N, C, h, w] -> [N, 1, h, w]: mean standard deviation over groups of images.

    Groups of 4, or of all images if fewer. Published code refuses other batches; here the group is
    the largest common divisor.
    """
    n, c, h, w = x.shape
    group = n if n < group else math.gcd(n, group)
    deviation = (
        x.float()
        .reshape(group, -1, c, h, w)
        .var(0, unbiased=False)
        .add(1e-8)
        .sqrt()
        .mean((1, 2, 3))
    )
    return deviation.repeat(group)[:, None, None, None].expand(-1, 1, h, w).to(x)


class Discriminator(nn.Module):
    """Residual StyleGAN2 discriminator with minibatch standard deviation: image [N, 3, H, W] ->
    score [N].
    """

    def __init__(self, channels: tuple[int, ...] = (160, 160, 128, 80, 40)):
        super().__init__()
        widths = channels[::-1]  # from full resolution down to 4 pixels
        self.from_rgb = EqualConv(3, widths[0], 1)
        self.blocks = nn.ModuleList()  # of ModuleDicts
        for wide, narrow in zip(widths, widths[1:]):
            self.blocks.append(
                nn.ModuleDict(
                    {
                        "first": EqualConv(wide, wide, 3),
                        "second": EqualConv(wide, narrow, 3),
                        "skip": EqualConv(wide, narrow, 1, bias=False),
                    }
                )
            )
        self.last = EqualConv(widths[-1] + 1, widths[-1], 3)
        self.hidden = EqualLinear(widths[-1] * 16, widths[-1])
        self.score = EqualLinear(widths[-1], 1)

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``Discriminator(**config)`` fits this state dict."""
        firsts = [block.get_submodule("first") for block in self.blocks]
        widths = [first.get_parameter("weight").shape[0] for first in firsts]
        return {"channels": [*widths, self.hidden.weight.shape[0]][::-1]}

    def forward(self, images: Tensor) -> Tensor:
        def act(x: Tensor) -> Tensor:
            return F.leaky_relu(x, 0.2) * math.sqrt(2)

        x = act(self.from_rgb(images))
        for block in self.blocks:
            small = halved(x)
            first, second, skip = map(block.get_submodule, ("first", "second", "skip"))
            y = act(second(halved(act(first(x)))))
            x = (y + skip(small)) / math.sqrt(2)
        x = torch.cat([x, batch_deviation(x)], 1)
        x = act(self.last(x)).flatten(1)
        return self.score(act(self.hidden(x)))[:, 0].float()
