"""The faces that latents stand for, and the pictures of a person."""

from __future__ import annotations

import math

import torch

from editable_deepsc.training.corpus import faces_of_z, identity_corpus


def test_latents_stand_for_uniform_faces():
    n = 4000
    faces = faces_of_z(torch.randn(n, 128, generator=torch.Generator().manual_seed(8)))
    values = torch.cat([faces.factors, faces.degrees / 5], 1).sort(dim=0).values
    steps = (torch.arange(n)[:, None] + 0.5) / n
    # Kolmogorov-Smirnov at 1e-4 per column, plus what the sphere bends: the components of a
    # unit-power vector are not quite normal.
    assert (values - steps).abs().max() < 2.2 / math.sqrt(n) + 0.005


def test_the_face_of_a_latent_does_not_depend_on_its_length():
    z = torch.randn(3, 128)
    torch.testing.assert_close(faces_of_z(7 * z).factors, faces_of_z(z).factors, atol=1e-4, rtol=0)


def test_pictures_of_a_person_differ_and_belong_together():
    images, identity = identity_corpus(3, 4, 16, 0)
    assert images.shape == (12, 3, 16, 16) and identity.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert len(images.flatten(1).unique(dim=0)) == 12
