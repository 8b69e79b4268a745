"""GAN-based image semantic coding in two layers (Huang et al., "Deep learning-based image semantic
coding for semantic communications", 2021).

    base:         x -> encoder -> y -> quantizer -> ky ~> y^ -> SPADE generator -> b
    enhancement:  x - b -> encoder -> r -> quantizer -> kr ~> r^ -> decoder -> e          x^ = b + e

The base layer is generated altogether and carries what the picture shows; the enhancement layer
restores what differs. Only the integers ky and kr are sent (entropy-coded, ``codecs.gan``). Each
layer has its own quantizer step, chosen per image out of :data:`LEVELS`, so one model serves every
rate of either layer and every split between them.

The source gives no sizes; those here are ours, for faces and two cores.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

# quantizer steps, 1 the coarsest; a level fits in half a byte, and 0 means that a layer is not sent
LEVELS = 15
RATIO = 1.25  # of neighbouring steps, and of neighbouring scales in the prior's table
LARGEST = 24  # symbols are clipped to -LARGEST .. LARGEST
_SCALES = 48  # rows of the prior's table
_LEAST_SCALE = 0.02  # of the first row, in quantizer steps
_TOTAL = 1 << 20  # of a row's frequencies, about
_STRIDE = 8  # pixels per position of a latent grid


def quantizer_step(level: Tensor | int) -> Tensor:
    """Step of quantizer levels 1 .. LEVELS; the middle one has step 1."""
    return RATIO ** (0.5 * (LEVELS + 1) - torch.as_tensor(level, dtype=torch.float32))


class FactorisedPrior(nn.Module):
    """An independent logistic distribution for every channel and position of a latent y [N, C, h,
    w], on integers k = round((y - mean) / step).

    Training uses the distribution itself (:meth:`bits`). :meth:`freeze` turns it into integers:
    ``table`` [rows, 2 LARGEST + 1], frequencies of k for a row of scales, and ``index`` [C, h, w],
    the row at level 1. Steps and scales are on one grid, so every level up is one row on. Entropy
    coding reads the integers alone: both ends agree to the bit, on any machine.
    """

    table: Tensor
    index: Tensor

    def __init__(self, channels: int, side: int):
        super().__init__()
        self.mean = nn.Parameter(torch.zeros(channels, side, side))
        self.log_scale = nn.Parameter(torch.zeros(channels, side, side))
        self.register_buffer("table", _frequencies())
        self.register_buffer("index", torch.zeros(channels, side, side, dtype=torch.int32))
        self.freeze()

    @torch.no_grad()
    def freeze(self) -> None:
        """Fix the integer tables to what the distribution has become."""
        rows = (self.log_scale - quantizer_step(1).log() - math.log(_LEAST_SCALE)) / math.log(RATIO)
        self.index.copy_(rows.round())

    def symbols(self, y: Tensor, level: Tensor) -> Tensor:
        """Latents [N, C, h, w] at levels [N] -> (y - mean) / step, unrounded."""
        return (y - self.mean) / quantizer_step(level).to(y)[:, None, None, None]

    def latents(self, k: Tensor, level: Tensor) -> Tensor:
        """The inverse of :meth:`symbols`."""
        return k * quantizer_step(level).to(k)[:, None, None, None] + self.mean

    def bits(self, k: Tensor, level: Tensor) -> Tensor:
        """-log2 of the probability of symbols k [N, C, h, w] (or of k plus uniform noise, in
        training), summed: [N].
        """
        scale = self.log_scale.exp() / quantizer_step(level).to(k)[:, None, None, None]
        k = -k.abs()  # symmetric: the left tail does not cancel
        mass = torch.sigmoid((k + 0.5) / scale) - torch.sigmoid((k - 0.5) / scale)
        return -mass.clamp_min(1 / _TOTAL).log2().flatten(1).sum(1)

    def frequencies(self, level: int) -> np.ndarray:
        """Integer frequencies [C h w, 2 LARGEST + 1] of the symbols -LARGEST .. LARGEST at a
        level.
        """
        rows = (self.index.flatten() + level - 1).clamp(0, _SCALES - 1).long()
        return self.table[rows].cpu().numpy()


def _frequencies() -> Tensor:
    """int32 [_SCALES, 2 LARGEST + 1]: logistic distributions of growing scale; every symbol can be
    coded.
    """
    edge = torch.arange(-LARGEST, LARGEST + 2, dtype=torch.float64) - 0.5
    scale = _LEAST_SCALE * RATIO ** torch.arange(_SCALES, dtype=torch.float64)[:, None]
    return (torch.sigmoid(edge / scale).diff(dim=1) * _TOTAL).round().clamp_min(1).int()


def _with_level(y: Tensor, level: Tensor) -> Tensor:
    """One more plane, which says how coarse the quantizer was."""
    plane = (level.to(y) / LEVELS)[:, None, None, None].expand(-1, 1, *y.shape[2:])
    return torch.cat([y, plane], 1)


class _Encoder(nn.Sequential):
    def __init__(self, inputs: int, width: int, channels: int):
        super().__init__(
            nn.Conv2d(inputs, width // 2, 5, stride=2, padding=2),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width // 2, width, 5, stride=2, padding=2),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 5, stride=2, padding=2),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, channels, 3, padding=1),
        )


class Spade(nn.Module):
    """Spatially adaptive normalisation (Park et al., CVPR 2019): features lose their own mean and
    scale and get those that a map tells, position by position.

    x [N, width, h, w], condition [N, C, h', w'] -> norm(x) (1 + gamma(condition)) + beta(condition)
    """

    def __init__(self, width: int, condition: int, hidden: int = 32):
        super().__init__()
        self.shared = nn.Conv2d(condition, hidden, 3, padding=1)
        self.gamma_beta = nn.Conv2d(hidden, 2 * width, 3, padding=1)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        condition = F.interpolate(condition, size=x.shape[2:], mode="nearest")
        gamma, beta = self.gamma_beta(F.relu(self.shared(condition))).chunk(2, 1)
        return F.instance_norm(x) * (1 + gamma) + beta


class _SpadeBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, condition: int):
        super().__init__()
        self.norm = Spade(inputs, condition)
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.skip = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        return self.skip(x) + self.conv(F.leaky_relu(self.norm(x, condition), 0.2))


class SpadeGenerator(nn.Module):
    """Condition [N, C, h, w] -> image [N, 3, 8 h, 8 w]: SPADE blocks at h, 2 h and 4 h, then one
    more doubling.
    """

    def __init__(self, condition: int, width: int):
        super().__init__()
        self.seed = nn.Conv2d(condition, 2 * width, 3, padding=1)
        widths = [(2 * width, 2 * width), (2 * width, width), (width, width), (width, width)]
        self.blocks = nn.ModuleList(_SpadeBlock(a, b, condition) for a, b in widths)
        self.out = nn.Sequential(
            nn.Conv2d(width, 2 * width, 3, padding=1),
            nn.PixelShuffle(2),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width // 2, 3, 3, padding=1),
        )

    def forward(self, condition: Tensor) -> Tensor:
        x = self.blocks[0](self.seed(condition), condition)
        x = self.blocks[1](F.interpolate(x, scale_factor=2, mode="nearest"), condition)
        x = self.blocks[2](x, condition)
        x = self.blocks[3](F.interpolate(x, scale_factor=2, mode="nearest"), condition)
        return torch.tanh(self.out(x).float())


class _ResidualDecoder(nn.Module):
    """Quantised residual latents and the base picture -> the residual."""

    def __init__(self, condition: int, width: int):
        super().__init__()
        self.up = nn.Sequential(
            nn.Conv2d(condition, 2 * width, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 3, padding=1),
            nn.PixelShuffle(2),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 4 * width, 3, padding=1),
            nn.PixelShuffle(2),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 3, padding=1),
            nn.PixelShuffle(2),
            nn.LeakyReLU(0.2),
        )
        self.out = nn.Sequential(
            nn.Conv2d(width // 2 + 3, width // 2, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width // 2, 3, 3, padding=1),
        )

    def forward(self, condition: Tensor, base: Tensor) -> Tensor:
        return self.out(torch.cat([self.up(condition), base], 1)).float()


class LayeredCodec(nn.Module):
    """The networks of both layers. Images [N, 3, R, R] in [-1, 1]; levels long [N] in 1 .. LEVELS;
    symbols [N, C, R/8, R/8], whole numbers.
    """

    def __init__(
        self,
        resolution: int = 64,
        width: int = 48,
        base_channels: int = 12,
        enhancement_channels: int = 16,
    ):
        super().__init__()
        if resolution % _STRIDE:
            raise ValueError(
                f"the layered codec needs a resolution divisible by {_STRIDE}, {resolution} is not"
            )
        self.resolution, self.width = resolution, width
        side = resolution // _STRIDE
        self.base_prior = FactorisedPrior(base_channels, side)
        self.base_encoder = _Encoder(3, width, base_channels)
        self.generator = SpadeGenerator(base_channels + 1, width)
        self.enhancement_prior = FactorisedPrior(enhancement_channels, side)
        self.enhancement_encoder = _Encoder(6, width, enhancement_channels)
        self.enhancement_decoder = _ResidualDecoder(enhancement_channels + 1, width)

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``LayeredCodec(**config)`` fits this state dict."""
        return {
            "resolution": self.resolution,
            "width": self.width,
            "base_channels": len(self.base_prior.mean),
            "enhancement_channels": len(self.enhancement_prior.mean),
        }

    def analyse_base(self, images: Tensor) -> Tensor:
        """y [N, C, R/8, R/8], before quantization."""
        return self.base_encoder(images).float()

    def analyse_residual(self, images: Tensor, base: Tensor) -> Tensor:
        """r [N, C', R/8, R/8], before quantization."""
        return self.enhancement_encoder(torch.cat([images - base, base], 1)).float()

    def base_picture(self, symbols: Tensor, level: Tensor) -> Tensor:
        """b in [-1, 1]."""
        return self.generator(_with_level(self.base_prior.latents(symbols, level), level))

    def residual(self, symbols: Tensor, level: Tensor, base: Tensor) -> Tensor:
        """e, to be added to b."""
        return self.enhancement_decoder(
            _with_level(self.enhancement_prior.latents(symbols, level), level), base
        )


class PatchDiscriminator(nn.Module):
    """Image [N, 3, H, W] -> a score for every patch, [N, 1, H/8, W/8]; spectral normalisation
    (Miyato et al., ICLR 2018). Training only.
    """

    def __init__(self, width: int = 32):
        super().__init__()

        def conv(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Module:
            return nn.utils.parametrizations.spectral_norm(
                nn.Conv2d(inputs, outputs, kernel, stride, padding=1)
            )

        self.layers = nn.ModuleList(
            [conv(3, width, 4, 2), conv(width, 2 * width, 4, 2), conv(2 * width, 3 * width, 4, 2)]
        )
        self.score = conv(3 * width, 1, 3, 1)

    def forward(self, images: Tensor) -> Tensor:
        x = images
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
        return self.score(x).float()
