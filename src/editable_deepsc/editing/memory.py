"""How many images an inversion can take at once in the memory at hand."""

from __future__ import annotations

import os

import torch

from ..networks.precision import precision
from ..networks.published.stylegan2 import channels, octaves
from ..networks.stylegan2 import Generator

MIB = 2**20
MOST_IMAGES = 32  # at once: more are not faster
NETWORKS_BYTES = 220 * MIB  # generator and LPIPS trunk in float32, and a step's copies of them
KEPT = 10  # values that a step keeps for every output of a convolution


def affordable_batch(generator: torch.nn.Module, device: torch.device) -> int:
    """A number of images that fits: ``MOST_IMAGES`` of the embedded generator, which is small, and
    what memory allows of a published one.
    """
    if isinstance(generator, Generator):
        return MOST_IMAGES
    free = (
        torch.cuda.mem_get_info(device)[0]
        if device.type == "cuda"
        else os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    )
    resolution = generator.resolution
    assert isinstance(resolution, int)
    return batch_for(resolution, free, bytes_per_value=precision(device).itemsize)


def batch_for(
    resolution: int,
    bytes_available: int,
    channel_multiplier: int | None = None,
    most: int = MOST_IMAGES,
    bytes_per_value: int = 2,
) -> int:
    """How many images fit into ``bytes_available``, free before the networks are loaded: 1 to
    ``most``.

    For the published StyleGAN2 (multiplier 1 up to 128 pixels and 2 above, unless given) and LPIPS
    on AlexNet. Memory is 220 MiB for the networks and ten values per activation of the generator
    for each image, of two bytes in bfloat16 (146 MiB at 128 pixels, 2,506 MiB at 1024), of four in
    float32.
    Measured: 139 MiB for each further image at 128 (peak resident memory, CPU, bfloat16); 1024
    follows by the count of activations. The paper's figures for one image, 1,600 and 3,000 MiB on
    its GPU, suffice for 9 images and for 1. ``ValueError`` if not even one image fits.
    """
    width = channels(channel_multiplier or (1 if resolution <= 128 else 2))
    activations = sum(
        width[size] * size**2 * (1 if size == 4 else 2) for size in octaves(resolution)
    )
    per_image = KEPT * bytes_per_value * activations
    fits = (bytes_available - NETWORKS_BYTES) // per_image
    if fits < 1:
        raise ValueError(
            f"inversion: one image of {resolution} pixels takes "
            f"{(NETWORKS_BYTES + per_image) // MIB + 1} MiB and {bytes_available // MIB} MiB are "
            "free; free some memory, or take a lower resolution"
        )
    return min(most, fits)
