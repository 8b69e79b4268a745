"""Eight distortions at five strengths. A perceptual distance must grow with each of them.

Each function takes images [N, 3, R, R] in [-1, 1] and a strength 1..5 and returns images of the
same shape.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ...data.pixels import from_uint8, to_uint8
from ...data.seeds import seeded
from ...networks.stylegan2 import Generator, rms_normalise

STRENGTHS = (1, 2, 3, 4, 5)


def blur(x: Tensor, strength: int) -> Tensor:
    """Gaussian blur, deviation 0.5 pixel (of a 64-pixel image) for each strength."""
    sigma = 0.5 * strength * x.shape[-1] / 64
    radius = math.ceil(3 * sigma)
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma) ** 2)
    taps = (taps / taps.sum()).repeat(3, 1)
    x = F.conv2d(
        F.pad(x, (radius, radius, 0, 0), mode="replicate"), taps[:, None, None, :], groups=3
    )
    return F.conv2d(
        F.pad(x, (0, 0, radius, radius), mode="replicate"), taps[:, None, :, None], groups=3
    )


def noise(x: Tensor, strength: int) -> Tensor:
    """White Gaussian noise of deviation 0.06 per strength; the same noise, louder."""
    return (
        x + 0.06 * strength * torch.randn(x.shape, generator=seeded(0, "distortion noise"))
    ).clamp(-1, 1)


def jpeg(x: Tensor, strength: int) -> Tensor:
    """JPEG at quality 40, 25, 15, 8, 4."""
    quality = (40, 25, 15, 8, 4)[strength - 1]
    decoded = []
    for image in to_uint8(x).permute(0, 2, 3, 1):
        file = io.BytesIO()
        Image.fromarray(image.contiguous().numpy()).save(file, "JPEG", quality=quality)
        decoded.append(
            torch.frombuffer(
                bytearray(Image.open(file).convert("RGB").tobytes()), dtype=torch.uint8
            ).view(image.shape)
        )
    return from_uint8(torch.stack(decoded).permute(0, 3, 1, 2))


def downsample(x: Tensor, strength: int) -> Tensor:
    """Area averaging by 1.25, 1.6, 2, 3, 4, and back by bilinear interpolation."""
    size = round(x.shape[-1] / (1.25, 1.6, 2, 3, 4)[strength - 1])
    return F.interpolate(
        F.interpolate(x, size=size, mode="area"),
        size=x.shape[-2:],
        mode="bilinear",
        align_corners=False,
    )


def colour_shift(x: Tensor, strength: int) -> Tensor:
    """Red up and blue down, by 0.08 per strength."""
    return (x + 0.08 * strength * torch.tensor([1.0, 0.0, -1.0])[:, None, None]).clamp(-1, 1)


def warp(x: Tensor, strength: int) -> Tensor:
    """A smooth displacement of up to 0.5 pixel (of a 64-pixel image) per strength."""
    axis = (torch.arange(x.shape[-1]) + 0.5) / x.shape[-1] * 2 - 1
    py, px = torch.meshgrid(axis, axis, indexing="ij")
    reach = strength / 64
    grid = torch.stack([px + reach * torch.sin(7 * py + 1), py + reach * torch.sin(7 * px)], -1)
    return F.grid_sample(
        x,
        grid.expand(len(x), -1, -1, -1),
        mode="bilinear",
        padding_mode="border",
        align_corners=False,
    )


def occlusion(x: Tensor, strength: int) -> Tensor:
    """A grey square over the middle, wider by an eleventh of the width for each strength."""
    half = x.shape[-1] * strength // 22
    middle = x.shape[-1] // 2
    x = x.clone()
    x[..., middle - half : middle + half, middle - half : middle + half] = 0
    return x


def latent_perturbation(generator: Generator, latents: Tensor) -> Callable[[Tensor, int], Tensor]:
    """A distortion of G(latents) [N, 3, R, R]: G of the latents moved by 0.15 per strength."""
    direction = torch.randn(latents.shape, generator=seeded(0, "distortion latents"))
    device = next(generator.parameters()).device

    @torch.inference_mode()
    def distort(x: Tensor, strength: int) -> Tensor:
        moved = rms_normalise(latents.cpu() + 0.15 * strength * direction)
        return generator.synthesis(moved.to(device)).clamp(-1, 1).to(x.device)

    return distort


PIXELS: dict[str, Callable[[Tensor, int], Tensor]] = {
    "blur": blur,
    "noise": noise,
    "jpeg": jpeg,
    "downsample": downsample,
    "colour_shift": colour_shift,
    "warp": warp,
    "occlusion": occlusion,
}
