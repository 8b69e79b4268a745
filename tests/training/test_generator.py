"""The generator, its mapping and its critic learn when and what they should."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.networks.predictor import AttributePredictor
from editable_deepsc.networks.stylegan2 import Discriminator, Encoder, Generator
from editable_deepsc.training.corpus import paired_corpus
from editable_deepsc.training.generator import Fitted, Networks, train_generator
from editable_deepsc.training.picture_losses import pyramid_loss

from .small import LATENT, frozen, generator_recipe, moved, mse, tiny, tiny_generator


def tiny_networks(generator: Generator) -> Networks:
    return Networks(generator, Discriminator((8, 8, 8)), Encoder(LATENT, 16))


def generator_run(pairs, **recipe):
    """The average, what it makes of the encoder's latents, what moved in the critic, and calls for
    the predictor.
    """
    z, images = pairs
    networks = tiny_networks(tiny_generator())
    calls: list[int] = []
    drawn: list[torch.Tensor] = []

    def load_predictor() -> AttributePredictor:
        calls.append(1)
        return tiny(AttributePredictor, 4, 16)

    @torch.no_grad()
    def sample(step: int, average: Generator, encoder: nn.Module) -> None:
        drawn.append(average.synthesis(encoder(from_uint8(images))))

    before = frozen(networks.discriminator)[0]
    recipe = generator_recipe(batch=16, **recipe)
    average, critic, _ = train_generator(
        z, images, networks, load_predictor, recipe, seed=6, sample=sample
    )
    return average, drawn[-1], moved(critic, before), calls


def test_the_generator_learns_to_draw_and_its_mapping_to_name_faces(pairs):
    z, images = pairs
    average, drawn, critic_moved, calls = generator_run(
        pairs, steps=60, features_from=1.0, adversarial_from=1.0
    )
    real, fresh = from_uint8(images), tiny_generator()
    with torch.no_grad():
        assert pyramid_loss(drawn, real) < 0.5 * pyramid_loss(fresh(z), real)
        assert pyramid_loss(average(z), real) < 0.95 * pyramid_loss(fresh(z), real)
    assert critic_moved == [] and calls == []  # neither had its turn


def test_feature_and_adversarial_losses_set_in_when_their_share_is_done(pairs):
    average, _, critic_moved, calls = generator_run(
        pairs, steps=6, features_from=0.3, adversarial_from=0.5
    )
    assert calls == [1] and critic_moved
    assert all(p.isfinite().all() for p in average.parameters())


def test_a_finished_generator_trains_on(pairs):
    generator = tiny_generator().requires_grad_(False)  # as a training returns it
    before = copy.deepcopy(generator.state_dict())
    recipe = generator_recipe(steps=6, detail_weight=2.0)
    trained, _, _ = train_generator(*pairs, tiny_networks(generator), lambda: None, recipe, seed=0)
    assert "mapping.layers.0.weight" in moved(trained, before) and "convs.4.conv.weight" in moved(
        trained, before
    )


def test_fitted_latents_follow_the_generator_by_eq_8(pairs, tmp_path):
    z, images = pairs
    generator = tiny_generator()
    with torch.no_grad():
        latents = generator.mapping(z[:4])
    fit_to = Fitted(
        latents, lambda target: lambda y: (y - target).abs().mean((1, 2, 3)), perceptual_weight=0.5
    )
    recipe = generator_recipe(steps=60, rate=0.0)  # the generator stands still
    trained, _, _ = train_generator(
        z,
        images,
        tiny_networks(generator),
        lambda: None,
        recipe,
        0,
        tmp_path / "kept",
        fit_to=fit_to,
    )
    followed = torch.load(tmp_path / "kept", weights_only=True)["parts"]["fitted"]["weight"]

    def distortion(s: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            y, x = trained.synthesis(s), from_uint8(images[:4])
        return mse(y, x) + 0.5 * (y - x).abs().mean((1, 2, 3))

    assert (distortion(followed) < 0.95 * distortion(latents)).all()
    assert followed.square().mean(1).tolist() == pytest.approx([1] * 4, rel=1e-3)
    assert torch.equal(fit_to.latents, latents)  # of which a copy has moved


def test_a_generator_that_grows_trains_its_last_octaves_only():
    torch.manual_seed(8)
    small = Generator(latent=48, channels=(8, 8), mapping_hidden=16, mapping_layers=2)
    large, encoder = (
        Generator(latent=48, channels=(8, 8, 4), mapping_hidden=16, mapping_layers=2),
        Encoder(48, 8, width=4),
    )
    large.grow_from(small)
    before = {name: tensor.clone() for name, tensor in large.state_dict().items()}
    reader = [p.clone() for p in encoder.parameters()]
    z, images = paired_corpus(8, 48, 16, seed=3)
    recipe = generator_recipe(steps=3, trained_octaves=1, adversarial_from=0.4, ema=0.5)
    networks = Networks(large, Discriminator((8, 8, 4)), encoder)
    grown, _, _ = train_generator(z, images, networks, lambda: None, recipe, seed=1)
    changed = {
        name for name, tensor in grown.state_dict().items() if not torch.equal(tensor, before[name])
    }
    assert changed and all(name.startswith(("convs.3", "convs.4", "to_rgbs.2")) for name in changed)
    assert {"convs.3.conv.weight", "convs.4.conv.weight", "to_rgbs.2.weight"} <= changed
    assert all(map(torch.equal, reader, encoder.parameters()))
