"""The shipped text encoder reads new phrasings and refuses what it cannot edit."""

from __future__ import annotations

import pytest

from editable_deepsc.networks.weights import load_bundled
from editable_deepsc.training.text import evaluate_text_encoder


@pytest.fixture(scope="module")
def report():
    return evaluate_text_encoder(load_bundled("text_encoder"))


def test_held_out_phrasings_are_read_exactly(report):
    assert report["exact"] >= 0.998, report


def test_off_topic_sentences_are_refused(report):
    assert report["rejected"] >= 0.95, report


@pytest.mark.parametrize("part", ["studied", "held_out"])
def test_sentences_as_people_type_them_are_read_and_never_turned_round(report, part):
    figures = report["sentences"][part]
    assert figures["count"] >= 200
    assert figures["right"] >= 0.95, figures
    assert figures["opposite"] == 0, figures
