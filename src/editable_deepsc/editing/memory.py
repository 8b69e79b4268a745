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
MOST_GENERATORS = 8  # of images that have one each, at once
OWN_COPIES = 4  # of the parameters of such a generator


def free_bytes(device: torch.device) -> int:
    """Memory of ``device`` that nobody uses."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def affordable_batch(generator: torch.nn.Module, device: torch.device) -> int:
    """A number of images that fits: ``MOST_IMAGES`` of the embedded generator, which is small, and
    what memory allows of a published one.
    """
    if isinstance(generator, Generator):
        return MOST_IMAGES
    resolution = generator.resolution
    assert isinstance(resolution, int)
    return batch_for(resolution, free_bytes(device), bytes_per_value=precision(device).itemsize)


def affordable_own_generators(generator: torch.nn.Module, device: torch.device) -> int:
    """How many images that have a generator each, tuned with Adam in float32, fit: 1 to
    ``MOST_GENERATORS``, beyond which a batch is no faster.

    An image takes its parameters four times (with their gradient and its two moments) and ten
    values of four bytes for every activation, as in :func:`batch_for`.
    """
    resolution = generator.resolution
    assert isinstance(resolution, int)
    if isinstance(generator, Generator):
        return MOST_GENERATORS
    parameters = sum(p.numel() for p in generator.parameters())
    values = OWN_COPIES * parameters + KEPT * activations(resolution)
    return max(1, min(MOST_GENERATORS, (free_bytes(device) - NETWORKS_BYTES) // (4 * values)))


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
    per_image = KEPT * bytes_per_value * activations(resolution, channel_multiplier)
    fits = (bytes_available - NETWORKS_BYTES) // per_image
    if fits < 1:
        raise ValueError(
            f"inversion: one image of {resolution} pixels takes "
            f"{(NETWORKS_BYTES + per_image) // MIB + 1} MiB and {bytes_available // MIB} MiB are "
            "free; free some memory, or take a lower resolution"
        )
    return min(most, fits)


def activations(resolution: int, channel_multiplier: int | None = None) -> int:
    """Values that the convolutions of a published generator put out for one image."""
    width = channels(channel_multiplier or (1 if resolution <= 128 else 2))
    return sum(width[size] * size**2 * (1 if size == 4 else 2) for size in octaves(resolution))
