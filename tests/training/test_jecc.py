"""Fields learn through the channel from jittered latents, and their judges do not."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from editable_deepsc.networks.jecc import SemanticFields
from editable_deepsc.networks.stylegan2 import rms_normalise
from editable_deepsc.training.jecc import train_fields

from .small import LATENT, field_recipe, frozen, moved, tiny_guides


def test_fields_learn_and_the_networks_that_judge_them_do_not():
    generator, guides = tiny_guides()
    networks = generator, *guides
    before = frozen(*networks)
    latents = rms_normalise(torch.randn(16, LATENT))
    fields = train_fields(latents, generator, guides, field_recipe(steps=3), 4, "fields")
    for network, state in zip(networks, before):
        assert moved(network, state) == []
    torch.manual_seed(4)
    assert (
        len(moved(fields, SemanticFields(LATENT).state_dict())) == 6
    )  # three weights, three biases


def test_fields_go_on_from_those_that_they_start_from():
    networks = tiny_guides()
    latents = rms_normalise(torch.randn(16, LATENT))
    start = train_fields(latents, *networks, field_recipe(steps=3), 4, "first")
    state = {name: value.clone() for name, value in start.state_dict().items()}

    def go_on(rate: float) -> SemanticFields:
        recipe = field_recipe(steps=1, rate=rate)
        return train_fields(latents, *networks, recipe, 4, "second", start=start)

    assert moved(go_on(0.0), state) == []
    assert len(moved(go_on(0.001), state)) == 6
    assert moved(start, state) == []


def test_the_channel_is_part_of_training_fields():
    networks = tiny_guides()
    latents = rms_normalise(torch.randn(16, LATENT))
    trained = [
        train_fields(latents, *networks, field_recipe(steps=2, snr_db=snr), 4, "fields")
        for snr in (None, (0.0, 0.0))
    ]
    assert moved(trained[0], trained[1].state_dict())


def test_the_latents_that_fields_learn_from_are_jittered():
    networks = tiny_guides()
    latents = rms_normalise(torch.randn(16, LATENT))
    alike, other = (
        train_fields(
            latents,
            *networks,
            field_recipe(steps=2, snr_db=None, jitter=jitter),
            4,
            "fields",
        )
        for jitter in (0.0, 0.5)
    )
    assert moved(alike, other.state_dict())
    again = train_fields(
        latents, *networks, field_recipe(steps=2, snr_db=None, jitter=0.0), 4, "fields"
    )
    assert moved(alike, again.state_dict()) == []


class AlwaysAtTheTop(nn.Module):
    """A predictor that sees degree 5 of everything in every face."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.one_hot(torch.full((len(images), 5), 5), 6).float()

    def degrees(self, images: torch.Tensor) -> torch.Tensor:
        return self(images).argmax(-1)


def test_at_an_end_of_the_scale_half_of_the_steps_are_asked_to_stay_there():
    """Eq 10: from degree 5, a step up is to arrive at 5 and a step down at 4."""
    generator, guides = tiny_guides()
    latents = rms_normalise(torch.randn(16, LATENT))
    seen = []
    real = torch.nn.functional.cross_entropy
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "editable_deepsc.training.jecc.F.cross_entropy",
            lambda logits, target: seen.append(target.view(-1, 5)) or real(logits, target),
        )
        train_fields(
            latents,
            generator,
            guides._replace(predictor=AlwaysAtTheTop()),
            field_recipe(steps=8, batch=32),
            4,
            "fields",
        )
    targets = torch.cat(seen)
    lowered = (targets == 4).sum(1)
    assert (
        set(targets.unique().tolist()) == {4, 5} and lowered.max() == 1
    )  # never more than the one attribute
    assert 0.35 < lowered.float().mean() < 0.65  # both ways are drawn, and kept
