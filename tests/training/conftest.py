"""What the tests of training learn from."""

from __future__ import annotations

import pytest

from editable_deepsc.training.corpus import paired_corpus

from .small import LATENT


@pytest.fixture(scope="session")
def pairs():
    """64 latents and the faces of 16 pixels that they stand for."""
    return paired_corpus(64, LATENT, 16, seed=0)
