"""The predictor learns, and the recogniser's loss is what it is called."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.networks.recogniser import ArcFaceLoss
from editable_deepsc.training.classifiers import ClassifierRecipe, train_predictor
from editable_deepsc.training.corpus import labelled_corpus


def test_predictor_learns():
    images, faces = labelled_corpus(64, 16, 0)
    recipe = ClassifierRecipe(width=8, steps=60, batch=32)
    model = train_predictor(images, faces.degrees, recipe, 5, "predictor")
    exact = (model.degrees(from_uint8(images)) == faces.degrees.round()).float().mean()
    assert exact > 0.45  # guessing the commonest degree gives 0.2
    assert not model.training


def test_arcface_equals_its_closed_form():
    torch.manual_seed(7)
    loss = ArcFaceLoss(6, 4, scale=10.0, margin=0.3)
    embeddings, identity = (
        nn.functional.normalize(torch.randn(5, 6), dim=1),
        torch.tensor([0, 3, 1, 1, 2]),
    )
    terms = []
    for x, y in zip(embeddings.tolist(), identity.tolist()):
        cosines = [
            sum(a * b for a, b in zip(x, c)) / math.sqrt(sum(b * b for b in c))
            for c in loss.centres.tolist()
        ]
        true = math.exp(10 * math.cos(math.acos(cosines[y]) + 0.3))
        terms.append(
            -math.log(
                true / (true + sum(math.exp(10 * c) for j, c in enumerate(cosines) if j != y))
            )
        )
    assert float(loss(embeddings, identity).detach()) == pytest.approx(
        sum(terms) / len(terms), rel=1e-4
    )
