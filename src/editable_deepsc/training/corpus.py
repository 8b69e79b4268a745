"""What the networks learn from: rendered faces, drawn by seed."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from tqdm import tqdm

from ..data.attributes import ATTRIBUTES, MAX_DEGREE
from ..data.faces import FACTORS, Faces, render, same_person, sample_faces
from ..data.pixels import to_uint8
from ..data.seeds import seeded
from ..networks.stylegan2 import rms_normalise

FREE = len(FACTORS) + len(ATTRIBUTES)  # degrees of freedom of a face


def faces_of_z(z: Tensor) -> Faces:
    """The face that latent z [N, latent] stands for.

    z is normalised to the sphere; the normal distribution function then makes its first 39
    components uniform, so that z ~ N(0, I) draws faces exactly as :func:`sample_faces` does, up to
    the sphere's O(1/latent) correction.
    """
    uniform = 0.5 * (1 + torch.erf(rms_normalise(z)[:, :FREE] / math.sqrt(2)))
    return Faces(uniform[:, : len(FACTORS)], uniform[:, len(FACTORS) :] * MAX_DEGREE)


def _draw(faces: Faces, resolution: int, label: str, step: int = 1024) -> Tensor:
    out = torch.empty(len(faces), 3, resolution, resolution, dtype=torch.uint8)
    for start in tqdm(range(0, len(faces), step), desc=f"render {label}", mininterval=5):
        out[start : start + step] = to_uint8(render(faces[start : start + step], resolution))
    return out


def paired_corpus(n: int, latent: int, resolution: int, seed: int) -> tuple[Tensor, Tensor]:
    """n latents z [n, latent] and the faces they stand for, uint8 [n, 3, resolution,
    resolution].
    """
    z = torch.randn(n, latent, generator=seeded(seed, "paired corpus"))
    return z, _draw(faces_of_z(z), resolution, "pairs")


def labelled_corpus(n: int, resolution: int, seed: int) -> tuple[Tensor, Faces]:
    """n faces and their pictures uint8 [n, 3, resolution, resolution]."""
    faces = sample_faces(n, seeded(seed, "labelled corpus"))
    return _draw(faces, resolution, "labelled"), faces


def identity_corpus(
    people: int, pictures: int, resolution: int, seed: int
) -> tuple[Tensor, Tensor]:
    """``pictures`` pictures of each of ``people`` people: uint8 [people * pictures, 3, R, R],
    identity [people * pictures].
    """
    generator = seeded(seed, "identity corpus")
    person = sample_faces(people, generator)
    identity = torch.arange(people).repeat_interleave(pictures)
    return _draw(same_person(person[identity], generator), resolution, "people"), identity
