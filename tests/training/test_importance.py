from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from editable_deepsc.channel.power import normalise_power
from editable_deepsc.data.attributes import ATTRIBUTES, NUM_DEGREES
from editable_deepsc.networks.jscc import DeepJSCC
from editable_deepsc.networks.predictor import AttributePredictor
from editable_deepsc.training.codecs import train_codec
from editable_deepsc.training.importance import importance_weights, semantic_loss

from .small import codec_recipe


@pytest.fixture
def predictor() -> AttributePredictor:
    torch.manual_seed(0)
    return AttributePredictor(4, 16).eval().requires_grad_(False)


def test_weights_of_a_linear_reader_follow_the_closed_form(predictor):
    """y = sum over attributes of log p of the degree seen; d log p_m / df = W_m - sum_d p_d W_d."""
    inputs = predictor.head[0].in_features
    predictor.head = nn.Linear(inputs, len(ATTRIBUTES) * NUM_DEGREES).requires_grad_(False)
    features = torch.randn(3, inputs)
    p = predictor.read(features).softmax(-1)
    rows = predictor.head.weight.view(len(ATTRIBUTES), NUM_DEGREES, inputs)
    seen = rows[torch.arange(len(ATTRIBUTES)), p.argmax(-1)]  # [3, 5, F]
    gradient = (seen - torch.einsum("nad,adf->naf", p, rows)).sum(1).abs()
    torch.testing.assert_close(
        importance_weights(predictor, features),
        gradient / gradient.mean(1, keepdim=True),
        rtol=1e-3,
        atol=1e-4,
    )


def test_a_feature_that_the_task_does_not_read_weighs_nothing(predictor):
    predictor.head[0].weight[:, 5] = 0
    weights = importance_weights(predictor, torch.randn(4, predictor.head[0].in_features))
    assert (weights[:, 5] == 0).all() and (weights >= 0).all()
    torch.testing.assert_close(weights.mean(1), torch.ones(4))


def test_without_any_importance_all_features_count_alike(predictor):
    predictor.head[0].weight.zero_()
    assert (importance_weights(predictor, torch.randn(2, predictor.head[0].in_features)) == 1).all()


def test_the_semantic_loss_sees_only_what_the_predictor_sees(predictor):
    x = torch.rand(2, 3, 16, 16) * 2 - 1
    assert float(semantic_loss(predictor, x, x)) == 0
    y = (x + 0.1 * torch.randn_like(x)).requires_grad_()
    semantic_loss(predictor, x, y).backward()
    assert y.grad.abs().sum() > 0


def test_training_with_importance_lowers_the_semantic_loss_and_spares_the_predictor(predictor):
    images = torch.randint(0, 256, (16, 3, 16, 16), generator=torch.Generator().manual_seed(1)).to(
        torch.uint8
    )
    before, figures = copy.deepcopy(predictor.state_dict()), {}
    for weight in (
        0.0,
        1e7,
    ):  # the features of a random predictor hardly differ: the loss is near 1e-7
        model = train_codec(
            DeepJSCC,
            images,
            codec_recipe(steps=40, snr_range=(20.0, 20.0)),
            3,
            "deepsc",
            {"semantic": (weight, lambda x, y: semantic_loss(predictor, x, y))},
        )
        x, snr = images.float() / 127.5 - 1, torch.full((16,), 20.0)
        with torch.no_grad():
            y = model.receive(normalise_power(model.transmit(x, snr)), snr)
        figures[weight] = float(semantic_loss(predictor, x, y))
    assert figures[1e7] < 0.9 * figures[0.0]
    assert all(torch.equal(before[name], tensor) for name, tensor in predictor.state_dict().items())
