"""The shipped text encoder reads new phrasings and refuses what it cannot edit."""

from __future__ import annotations

import pytest

from editable_deepsc.networks.weights import load_bundled
from editable_deepsc.training.text import evaluate_text_encoder


@pytest.fixture(scope="module")
def report():
    return evaluate_text_encoder(load_bundled("text_encoder"))


def test_held_out_phrasings_are_read_exactly(report):
    assert report["exact"] >= 0.99, report


def test_off_topic_sentences_are_refused(report):
    assert report["rejected"] >= 0.95, report
