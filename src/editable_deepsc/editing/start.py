"""Where an inversion starts.

"random": at a face of the prior, as in the paper. "searched": of many faces of the prior each image
takes the nearest ones. "encoder": at an encoder's guess.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..networks.encoder import LatentEncoder
from ..networks.precision import computing, lowered
from ..networks.stylegan2 import Generator

STARTS = ("random", "searched", "encoder")

CANDIDATES = 12  # searched: random faces per image; all images choose from all of them
MOST_CANDIDATES = 2048
NEAREST = 8  # of them in the mean square, which are compared by eq 8

Loss = Callable[[Tensor], Tensor]  # latents [N, k] -> eq 8 for each image [N]


def draw_candidates(start: str, n: int, latent: int, rng: torch.Generator) -> Tensor:
    """z [M, k] of the random faces that ``n`` images start from or choose from."""
    count = {"random": n, "searched": min(CANDIDATES * n, MOST_CANDIDATES), "encoder": 0}[start]
    return torch.randn(count, latent, generator=rng)


@torch.no_grad()
def first_latents(
    start: str,
    images: Tensor,
    generator: Generator,
    z: Tensor,
    encoder: LatentEncoder | None,
    batch: int,
    most: int,
) -> Tensor:
    """Latents [C, N, k] that images [N, 3, R, R] may start from: the ``most`` nearest ones of the
    faces G(z) where they are searched, else one each. Only a guess takes the ``encoder``.
    """
    if start == "searched":
        return nearest_faces(images, generator, z, batch, most)
    if start == "random":
        return generator.mapping(z.to(images.device))[None]
    if encoder is None:
        raise ValueError("inversion: this recipe starts from an encoder; give one")
    with computing(images.device):
        return torch.cat([encoder(part) for part in images.split(batch)])[None]


def nearest_faces(images: Tensor, generator: Generator, z: Tensor, batch: int, most: int) -> Tensor:
    """Latents [most, N, k] of those of the faces G(z) that are nearest to each image in the mean
    square, in no order of eq 8; drawn ``batch`` at a time.
    """
    latents, flat, distances = generator.mapping(z.to(images.device)), images.flatten(1), []
    for part in latents.split(batch):
        with computing(images.device):
            faces = generator.synthesis(lowered(part)).float().flatten(1)
        # Without the image's own square, which is the same for all faces.
        distances.append(faces.square().sum(1) - 2 * flat @ faces.T)
    return latents[torch.cat(distances, 1).topk(min(most, len(z)), largest=False).indices.T]


@torch.no_grad()
def ranked(latents: Tensor, loss: Loss) -> Tensor:
    """Indices [M, N] of latents [M, N, k] by each image's loss, the lowest first."""
    return torch.stack([loss(s) for s in latents]).argsort(0)
