"""Every trainer lowers what it should lower, moves what it should move and nothing else; losses
against closed forms.
"""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import nn

from editable_deepsc.channel.noise import awgn
from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.networks.jecc import ChannelAdapters, SemanticFields
from editable_deepsc.networks.jscc import DeepJSCC, DeepSC
from editable_deepsc.networks.predictor import AttributePredictor
from editable_deepsc.networks.recogniser import ArcFaceLoss, FaceRecogniser
from editable_deepsc.networks.stylegan2 import Discriminator, Encoder, Generator, rms_normalise
from editable_deepsc.training.adapters import finetune_adapters
from editable_deepsc.training.classifiers import train_predictor
from editable_deepsc.training.codecs import train_codec
from editable_deepsc.training.corpus import (
    faces_of_z,
    identity_corpus,
    labelled_corpus,
    paired_corpus,
)
from editable_deepsc.training.generator import (
    Fitted,
    GeneratorRecipe,
    contrast_loss,
    detail_loss,
    focus_map,
    pyramid_loss,
    train_generator,
)
from editable_deepsc.training.jecc import FieldRecipe, train_fields

LATENT = 40


def tiny_generator() -> Generator:
    torch.manual_seed(0)
    return Generator(LATENT, (12, 12, 12), mapping_hidden=24, mapping_layers=2).eval()


def tiny(kind: type[nn.Module], *arguments) -> nn.Module:
    torch.manual_seed(0)
    return kind(*arguments).eval().requires_grad_(False)


def frozen(*networks: nn.Module) -> list[dict]:
    return [copy.deepcopy(network.state_dict()) for network in networks]


def moved(network: nn.Module, before: dict) -> list[str]:
    return [
        name
        for name, tensor in network.state_dict().items()
        if not torch.equal(tensor, before[name])
    ]


@pytest.fixture(scope="module")
def pairs():
    return paired_corpus(64, LATENT, 16, seed=0)


def mse(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a.float() - b.float()).square().mean((1, 2, 3))


def tiny_judges() -> list[nn.Module]:
    """Generator, predictor, recogniser and discriminator, frozen."""
    return [
        tiny_generator().requires_grad_(False),
        tiny(AttributePredictor, 4, 16),
        tiny(FaceRecogniser, 4, 8, 16),
        tiny(Discriminator, (8, 8, 8)),
    ]


def test_fields_learn_and_the_networks_that_judge_them_do_not():
    judges = tiny_judges()
    before = frozen(*judges)
    config, latents = (
        {"latent": LATENT, "hidden": 16, "layers": 2},
        rms_normalise(torch.randn(16, LATENT)),
    )
    fields = train_fields(latents, *judges, config, FieldRecipe(steps=3, batch=8), seed=4)
    for judge, state in zip(judges, before):
        assert moved(judge, state) == []
    torch.manual_seed(4)
    assert len(moved(fields, SemanticFields(**config).state_dict())) == 4  # two weights, two biases


def test_the_channel_is_part_of_training_fields():
    judges = tiny_judges()
    config, latents = (
        {"latent": LATENT, "hidden": 16, "layers": 2},
        rms_normalise(torch.randn(16, LATENT)),
    )
    trained = [
        train_fields(latents, *judges, config, FieldRecipe(steps=2, batch=8, snr_db=snr), seed=4)
        for snr in (None, (0.0, 0.0))
    ]
    assert moved(trained[0], trained[1].state_dict())


def test_the_latents_that_fields_learn_from_are_jittered():
    judges = tiny_judges()
    config, latents = (
        {"latent": LATENT, "hidden": 16, "layers": 2},
        rms_normalise(torch.randn(16, LATENT)),
    )
    alike, other = (
        train_fields(
            latents,
            *judges,
            config,
            FieldRecipe(steps=2, batch=8, snr_db=None, jitter=jitter),
            seed=4,
        )
        for jitter in (0.0, 0.5)
    )
    assert moved(alike, other.state_dict())
    again = train_fields(
        latents, *judges, config, FieldRecipe(steps=2, batch=8, snr_db=None, jitter=0.0), seed=4
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
    generator, _, recogniser, discriminator = tiny_judges()
    config, latents = (
        {"latent": LATENT, "hidden": 16, "layers": 2},
        rms_normalise(torch.randn(16, LATENT)),
    )
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
            AlwaysAtTheTop(),
            recogniser,
            discriminator,
            config,
            FieldRecipe(steps=8, batch=32),
            seed=4,
        )
    targets = torch.cat(seen)
    lowered = (targets == 4).sum(1)
    assert (
        set(targets.unique().tolist()) == {4, 5} and lowered.max() == 1
    )  # never more than the one attribute
    assert 0.35 < lowered.float().mean() < 0.65  # both ways are drawn, and kept


def test_adapters_get_better_at_their_snr_and_leave_the_generator_alone():
    generator = (
        tiny_generator()
    )  # its parameters take gradients: the optimiser must still not have them
    latents = rms_normalise(torch.randn(16, LATENT, generator=torch.Generator().manual_seed(1)))
    with torch.no_grad():
        originals = generator.synthesis(latents).clamp(-1, 1)
    images = originals.add(1).mul(127.5).round().to(torch.uint8)
    before, snr_db = frozen(generator)[0], 0.0
    adapters = finetune_adapters(
        latents,
        images,
        generator,
        lambda target: lambda x: mse(x, target),
        {"latent": LATENT, "hidden": 64},
        snr_db,
        steps=80,
        seed=2,
        batch=16,
        rate=5e-3,
    )
    assert moved(generator, before) == []

    def loss(model: ChannelAdapters) -> float:
        with torch.no_grad():
            many = latents.repeat(8, 1)
            received = awgn(model.transmit(many), snr_db, torch.Generator().manual_seed(3))
            return float(
                mse(
                    generator.synthesis(model.receive(received)), originals.repeat(8, 1, 1, 1)
                ).mean()
            )

    torch.manual_seed(2)
    fresh = ChannelAdapters(LATENT, 64)
    assert len(moved(adapters, fresh.state_dict())) == 8  # both adapters, every layer
    assert loss(adapters) < 0.95 * loss(fresh)


@pytest.mark.parametrize("network, ratio", [(DeepSC, 0.6), (DeepJSCC, 0.75)])
def test_learned_codecs_learn(pairs, network, ratio):
    _, images = pairs
    config = {"resolution": 16, "width": 8}
    torch.manual_seed(3)
    fresh, trained = (
        network(**config).eval(),
        train_codec(network, images, config, (0.0, 20.0), steps=60, seed=3, batch=16, rate=5e-3),
    )

    def error(model: nn.Module) -> float:
        with torch.no_grad():
            x, snr = from_uint8(images), torch.full((len(images),), 10.0)
            return float(
                mse(
                    model.receive(
                        awgn(model.transmit(x, snr), 10.0, torch.Generator().manual_seed(0)), snr
                    ),
                    x,
                ).mean()
            )

    assert error(trained) < ratio * error(fresh)


def test_predictor_learns():
    images, faces = labelled_corpus(64, 16, 0)
    model = train_predictor(images, faces.degrees, width=8, steps=60, seed=5, batch=32)
    exact = (model.degrees(from_uint8(images)) == faces.degrees.round()).float().mean()
    assert exact > 0.45  # guessing the commonest degree gives 0.2
    assert not model.training


def generator_run(pairs, **recipe):
    """The averaged generator, what it makes of the encoder's latents, what moved in the critic,
    calls for the predictor.
    """
    z, images = pairs
    generator, critic = tiny_generator(), Discriminator((8, 8, 8))
    calls: list[int] = []
    drawn: list[torch.Tensor] = []

    def load_predictor() -> AttributePredictor:
        calls.append(1)
        return tiny(AttributePredictor, 4, 16)

    @torch.no_grad()
    def sample(step: int, average: Generator, encoder: nn.Module) -> None:
        drawn.append(average.synthesis(encoder(from_uint8(images))))

    before = frozen(critic)[0]
    recipe = GeneratorRecipe(batch=16, **recipe)
    average, critic, _ = train_generator(
        z, images, load_predictor, generator, critic, recipe, seed=6, sample=sample
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


def test_pyramid_loss_is_zero_only_for_equal_images_and_counts_edges():
    a = torch.rand(2, 3, 16, 16)
    assert float(pyramid_loss(a, a)) == 0
    assert float(pyramid_loss(a, a + 0.1)) == pytest.approx(
        4 * 0.1, rel=1e-3
    )  # a shift has no gradients: once a scale
    stripes = 0.1 * (torch.arange(16) % 2).float().mul(2).sub(1).expand_as(
        a
    )  # the finest scale sees them, the others their mean
    assert float(pyramid_loss(a, a + stripes)) == pytest.approx(0.1 + 0.2, rel=1e-3)
    assert float(pyramid_loss(a, a + 0.1, torch.full((16, 16), 3.0))) == pytest.approx(
        3 * 4 * 0.1, rel=1e-3
    )


def test_the_focus_lies_on_the_face():
    weight = focus_map(32, 4.0)
    assert float(weight.max()) == pytest.approx(5, abs=0.01) and float(
        weight[:2].max()
    ) == pytest.approx(1, abs=0.01)
    assert weight.argmax() // 32 in (15, 16, 17) and torch.equal(
        focus_map(8, 0.0), torch.ones(8, 8)
    )


def test_contrast_loss_forgives_a_shifted_texture_and_not_a_blurred_one():
    torch.manual_seed(0)
    texture, ones = torch.randn(2, 3, 32, 32), torch.ones(32, 32)
    shifted, blurred = texture.roll(2, dims=3), nn.functional.avg_pool2d(texture, 3, 1, 1)
    assert float(contrast_loss(texture, texture, ones)) == 0
    assert float(contrast_loss(shifted, texture, ones)) < 0.5 * float(
        contrast_loss(blurred, texture, ones)
    )


def test_detail_loss_asks_for_the_amplitude_of_fine_edges_and_for_nothing_else():
    torch.manual_seed(0)
    noise, ones = torch.randn(2, 3, 32, 32), torch.ones(32, 32)
    assert float(detail_loss(noise, noise, ones)) == 0
    assert float(detail_loss(noise + 0.3, noise, ones)) == pytest.approx(
        0, abs=1e-5
    )  # brightness is no detail
    half = [float(detail_loss(gain * noise, noise, ones)) for gain in (0.5, 1.5)]
    deviation = (
        8 / 27
    ) ** 0.5  # of brightness less its mean over nine, of three independent colours
    assert half == pytest.approx([0.5 * deviation + 0.25] * 2, rel=0.03)
    assert float(detail_loss(noise.roll(8, dims=3), noise, ones)) < 0.2 * half[0]
    assert float(detail_loss(1.5 * noise, noise, ones, amplitude=1.5)) == pytest.approx(0, abs=1e-4)


def test_a_finished_generator_trains_on(pairs):
    generator = tiny_generator().requires_grad_(False)  # as a training returns it
    before = copy.deepcopy(generator.state_dict())
    recipe = GeneratorRecipe(
        steps=6, batch=8, features_from=1.0, adversarial_from=1.0, detail_weight=2.0
    )
    trained, _, _ = train_generator(
        *pairs, lambda: None, generator, Discriminator((8, 8, 8)), recipe, seed=0
    )
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
    recipe = GeneratorRecipe(
        steps=60, batch=8, rate=0.0, features_from=1.0, adversarial_from=1.0
    )  # the generator stands still
    trained, _, _ = train_generator(
        z,
        images,
        lambda: None,
        generator,
        Discriminator((8, 8, 8)),
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
    recipe = GeneratorRecipe(
        steps=3, batch=8, trained_octaves=1, features_from=1.0, adversarial_from=0.4, ema=0.5
    )
    grown, _, _ = train_generator(
        z, images, lambda: None, large, Discriminator((8, 8, 4)), recipe, seed=1, encoder=encoder
    )
    changed = {
        name for name, tensor in grown.state_dict().items() if not torch.equal(tensor, before[name])
    }
    assert changed and all(name.startswith(("convs.3", "convs.4", "to_rgbs.2")) for name in changed)
    assert {"convs.3.conv.weight", "convs.4.conv.weight", "to_rgbs.2.weight"} <= changed
    assert all(map(torch.equal, reader, encoder.parameters()))


def test_a_codec_trained_on_crops_codes_whole_images():
    images = paired_corpus(8, 48, 32, seed=3)[1]
    model = train_codec(
        DeepSC, images, {"resolution": 32, "width": 8}, (0, 10), 2, seed=1, batch=4, crop=16
    )
    symbols = model.transmit(torch.rand(2, 3, 32, 32), torch.zeros(2))
    assert symbols.shape == (2, 4 * 8 * 8) and model.receive(symbols, torch.zeros(2)).shape == (
        2,
        3,
        32,
        32,
    )
