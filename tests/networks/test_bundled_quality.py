"""The shipped networks read faces that they were not trained on."""

from __future__ import annotations

import pytest

from editable_deepsc.evaluation.validation import predictor_figures, recogniser_figures
from editable_deepsc.networks.weights import load_bundled
from editable_deepsc.training.corpus import identity_corpus, labelled_corpus


@pytest.fixture(scope="module")
def faces():
    return labelled_corpus(300, 64, 991)


@pytest.mark.parametrize("name", ["predictor", "evaluator"])
def test_degrees_of_held_out_faces(name, faces):
    images, drawn = faces
    figures = predictor_figures(load_bundled(name), images, drawn.degrees)
    assert min(f["exact"] for f in figures.values()) >= 0.70, figures
    assert min(f["within_one"] for f in figures.values()) >= 0.97, figures


def test_verification_of_held_out_people():
    figures = recogniser_figures(load_bundled("recogniser"), *identity_corpus(60, 4, 64, 991))
    assert figures["auc"] >= 0.97, figures
