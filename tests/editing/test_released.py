"""Talk-to-Edit as released: its walk against the release's bookkeeping face by face, its fitting
on a small generator, and the editor as a part of a system.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest
import torch
from tqdm import tqdm

from editable_deepsc.codecs.build import build_codec
from editable_deepsc.data.instructions import Instruction
from editable_deepsc.editing.inversion import InversionRecipe, invert
from editable_deepsc.editing.matching import edit_step
from editable_deepsc.editing.released.editor import ReleasedEditor, ReleasedSettings
from editable_deepsc.editing.released.fitting import (
    FittingRecipe,
    compared,
    draw_noise,
    fit_generators,
    rate_of,
)
from editable_deepsc.editing.released.space import Fitted, Space
from editable_deepsc.editing.released.walk import Walker
from editable_deepsc.networks.jecc import SemanticFields
from editable_deepsc.networks.stylegan2 import Generator, rms_normalise
from editable_deepsc.systems.build import SystemNetworks, build_receiver, build_transmitter

AS_RELEASED = {
    "iterations": 600,
    "rate": 0.1,
    "generator_rate": 1e-4,
    "mse_weight": 1.0,
    "noise": 0.05,
    "noise_share": 0.75,
    "max_steps": 100,
}
MOST = 6  # steps at one degree in the made-up walks


# --- the walk, where degrees and confidences are given for every step --------------------------


@dataclass
class Script:
    """What a predictor would see of each face after so many steps: degree and confidence
    [N, T].
    """

    degree: torch.Tensor
    confidence: torch.Tensor

    generator = SimpleNamespace(layers=2)

    def step(self, fields, w, w_plus, attribute, direction):
        """w is the face's number and its steps."""
        moved = w + torch.tensor([0.0, 1.0])
        return moved, moved[:, None].expand_as(w_plus)

    def images(self, w_plus, parameters):
        assert torch.equal(parameters["face"], w_plus[:, 0, 0])  # each face has its own generator
        return w_plus[:, 0]

    def predict(self, images):
        """Logits [N, 1, 6]: the given degree with the given probability, the others share."""
        face, t = images.long().unbind(1)
        p = self.confidence[face, t][:, None].repeat(1, 6)
        others = (1 - p) / 5
        hit = torch.arange(6)[None] == self.degree[face, t][:, None]
        return torch.where(hit, p, others).log()[:, None]


def released_walk(degree, confidence, target):
    """What the release keeps of one face: its number of steps, written from its bookkeeping."""
    now = degree[0]
    if now == target:
        return 0
    up = now < target
    before, changes, tries, t = now, 0, 0, 0
    stage: list[int] = []  # steps at the degree that is being seen
    kept = 0
    while (now <= target and now < 5) if up else (now >= target and now > 0):
        tries, t = tries + 1, t + 1
        now = degree[t]
        if (up and now > target) or (not up and now < target):
            kept = t if changes == 0 else kept
            break
        if now != before:
            changes, stage, tries = changes + 1, [], 0
        if changes:
            stage.append(t)
        before = now
        if tries > MOST or t == 6 * MOST:  # the latter is ours
            break
    return max(stage, key=lambda step: confidence[step]) if stage else kept


@pytest.mark.parametrize("seed", range(4))
def test_a_walk_keeps_what_the_release_keeps(seed, monkeypatch):
    rng = torch.Generator().manual_seed(seed)
    n, length = 400, 80
    steps = torch.randint(-1, 2, (n, length), generator=rng)
    steps *= torch.rand(n, length, generator=rng) < 0.5  # degrees last for a while
    degree = (torch.randint(6, (n, 1), generator=rng) + steps.cumsum(1)).clamp(0, 5)
    jump = torch.rand(n, length, generator=rng) < 0.03
    degree = torch.where(jump, torch.randint(6, (n, length), generator=rng), degree)
    confidence = 0.3 + 0.69 * torch.rand(n, length, generator=rng)
    target = torch.randint(6, (n,), generator=rng)
    script = Script(degree, confidence)
    w = torch.stack([torch.arange(float(n)), torch.zeros(n)], 1)
    fitted = Fitted(w, {"face": torch.arange(float(n))})
    walker = Walker(script, script.predict, None, MOST)
    monkeypatch.setattr(torch.Tensor, "clamp", lambda x, low, high: x)  # w is no image
    start, attribute = w[:, None].repeat(1, 2, 1), torch.zeros(n).long()
    walked = walker.walk(fitted, start, attribute, walker.look(fitted, start, attribute), target)
    for i in range(n):
        expected = released_walk(degree[i].tolist(), confidence[i].tolist(), int(target[i]))
        assert int(walked.w[i, 1]) == expected, (i, degree[i].tolist(), int(target[i]))
        assert int(walked.degree[i]) == int(degree[i, expected])
    assert torch.equal(walked.w_plus, walked.w[:, None].expand(-1, 2, -1))
    assert torch.equal(walked.images, walked.w)


# --- the fitting ---------------------------------------------------------------------------------


def test_the_rate_rises_and_falls_as_released():
    assert rate_of(0) == 0 and rate_of(0.025) == pytest.approx(0.5)
    assert rate_of(0.05) == rate_of(0.5) == rate_of(0.75) == 1
    assert rate_of(0.875) == pytest.approx(0.5 - 0.5 * math.cos(math.pi / 2))
    assert rate_of(599 / 600) < 2e-4


def test_noise_fades_and_images_are_compared_at_256_pixels():
    recipe = ReleasedSettings.of(AS_RELEASED).fitting
    noise = draw_noise(recipe, 512, torch.Generator().manual_seed(0))
    strength = noise.square().mean(1).sqrt()
    assert strength[0] == pytest.approx(0.05, rel=0.2)
    assert strength[225] == pytest.approx(0.05 / 4, rel=0.2)  # half of the way
    assert noise[450:].abs().max() == 0
    image = torch.randn(1, 3, 1024, 1024)
    assert compared(image).shape[-1] == 256
    close = torch.testing.assert_close
    close(compared(image)[0, :, 3, 5], image[0, :, 12:16, 20:24].mean((1, 2)))
    assert compared(image[..., :128, :128]).shape[-1] == 128


@pytest.fixture(scope="module")
def generator():
    torch.manual_seed(0)
    return Generator(latent=12, channels=(8, 8), mapping_hidden=12, mapping_layers=2).eval()


def squared(target):
    """A perceptual distance that is none."""
    return lambda images: (images - target).square().mean((1, 2, 3))


RECIPE = FittingRecipe(40, 0.1, 1e-2, 1.0, 0.05, 0.75)


def fitted_alone_and_together(generator):
    space, rng = Space(generator), torch.Generator().manual_seed(2)
    images = torch.tanh(generator.synthesis(generator.mapping(torch.randn(3, 12, generator=rng))))
    mean, distance = space.statistics(torch.Generator().manual_seed(3))
    noise = distance * draw_noise(RECIPE, 12, torch.Generator().manual_seed(4))

    def fit(x):
        with tqdm(disable=True) as bar:
            return fit_generators(x, space, squared, RECIPE, mean, noise, bar)

    return space, images.detach(), fit(images.detach()), [fit(x[None]) for x in images.detach()]


def test_each_image_has_a_generator_of_its_own(generator):
    before = [p.clone() for p in generator.parameters()]
    space, images, together, alone = fitted_alone_and_together(generator)
    drawn = space.images(together.w, together.parameters)
    for i, one in enumerate(alone):  # what others are fitted beside it changes nothing
        torch.testing.assert_close(together.w[i], one.w[0], atol=2e-3, rtol=1e-2)
        torch.testing.assert_close(
            drawn[i], space.images(one.w, one.parameters)[0], atol=2e-3, rtol=1e-2
        )
    tuned = together.parameters["generator.convs.0.conv.weight"]
    assert (tuned[0] - tuned[1]).abs().max() > 1e-3
    assert all(torch.equal(p, old) for p, old in zip(generator.parameters(), before))
    untuned = space.images(together.w, space.parameters(3))
    error = [(y - images).square().mean() for y in (drawn, untuned)]
    assert error[0] < 0.5 * error[1]  # the tuning is part of the fit


def test_images_of_one_generator_are_the_generators_own(generator):
    space, w = Space(generator), torch.randn(3, 12, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        own = generator.synthesis(rms_normalise(w))
    torch.testing.assert_close(space.images(w, space.parameters(3)), own, atol=1e-5, rtol=1e-5)
    plus = w[:, None].expand(-1, generator.layers, -1)
    torch.testing.assert_close(space.images(plus, space.parameters(3)), own, atol=1e-5, rtol=1e-5)


def test_it_fits_better_than_the_latent_alone(generator):
    space, images, fitted, _ = fitted_alone_and_together(generator)
    images = images + 0.3 * torch.randn(images.shape, generator=torch.Generator().manual_seed(6))
    mean, _ = space.statistics(torch.Generator().manual_seed(3))
    noise = torch.zeros(RECIPE.iterations, 12)
    with tqdm(disable=True) as bar:
        fitted = fit_generators(images, space, squared, RECIPE, mean, noise, bar)
    drawn = space.images(fitted.w, fitted.parameters)
    recipe = InversionRecipe(RECIPE.iterations, 0.1, 1.0)
    latents = invert(images, generator, squared, recipe, torch.Generator().manual_seed(7))[40]
    plain = generator.synthesis(latents)
    assert (drawn - images).square().mean() < (plain - images).square().mean()


# --- the editor ----------------------------------------------------------------------------------


class Reader:
    """One wish for all sentences, none for an empty one."""

    def read(self, texts):
        return [[Instruction(t, 0, 1, 0, target=5)] if t else [] for t in texts]


class Brightness(torch.nn.Module):
    """Degree of all attributes: how bright an image is."""

    def forward(self, images):
        level = 3 + 3 * images.mean((1, 2, 3)).tanh()
        distance = (level[:, None] - torch.arange(6) - 0.5).abs()
        return (-distance)[:, None].expand(-1, 5, -1)

    def degrees(self, images):
        return self(images).argmax(-1)


@pytest.fixture
def editor(generator):
    torch.manual_seed(1)
    fields = SemanticFields(latent=12, hidden=6, layers=2).eval()
    settings = ReleasedSettings.of(AS_RELEASED | {"iterations": 6, "max_steps": 3, "batch": 2})
    return ReleasedEditor(generator, Brightness(), fields, Reader(), squared, settings)


def faces(generator, n=3):
    z = torch.randn(n, 12, generator=torch.Generator().manual_seed(8))
    return torch.tanh(generator.synthesis(generator.mapping(z))).detach()


def test_an_edit_in_batches_continues_and_leaves_refused_faces(editor, generator, tmp_path):
    images, sentences = faces(generator), ["brighter", "", "brighter"]
    edited = editor.edited(images, sentences, torch.Generator().manual_seed(9))
    assert edited["images"].shape == images.shape and edited["latents"].shape == (3, 12)
    assert edited["expected"].tolist() == [5, -1, 5] and not edited["reached"][1]
    torch.testing.assert_close(edited["images"][1], edited["inverted"][1])
    # the same with the inversion known before, and from a checkpoint of the first batch
    fitted = editor.invert(images, torch.Generator().manual_seed(9))
    again = editor.edit(images, sentences, torch.Generator().manual_seed(9), fitted)
    torch.testing.assert_close(again, edited["images"])
    kept = replace(editor, checkpoint=tmp_path / "c")
    calls = []
    whole_match = ReleasedEditor.match

    def stops(self, own, texts, inverted):
        calls.append(len(own))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole_match(self, own, texts, inverted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ReleasedEditor, "match", stops)
        with pytest.raises(KeyboardInterrupt):
            kept.edited(images, sentences, torch.Generator().manual_seed(9))
        patch.setattr(ReleasedEditor, "match", whole_match)
        more = kept.edited(images, sentences, torch.Generator().manual_seed(9))
    assert calls == [2, 1]
    assert all(torch.equal(more[key], edited[key]) for key in edited)


def test_no_images_are_no_work(editor, generator):
    none = editor.edited(faces(generator)[:0], [], torch.Generator())
    assert {key: len(value) for key, value in none.items()} == dict.fromkeys(none, 0)


def test_both_places_of_editing_take_it(editor, generator):
    networks = SystemNetworks(
        generator, editor.predictor, editor.fields, editor.text_encoder, editor.perceptual
    )
    options = dict(bpp=20.0, qam_order=16, d_v=3, d_c=12, max_block_length=1032)
    codec = build_codec("jpeg_ldpc", 8, options | {"bp_iterations": 5, "seed": 0})
    name = "{}+{}".format
    before = build_transmitter(
        name("talk2edit_released", "jpeg_ldpc"), networks, codec, editor.settings
    )
    after = build_receiver(
        name("jpeg_ldpc", "talk2edit_released"), networks, codec, editor.settings
    )
    assert isinstance(before.editor, ReleasedEditor)
    assert isinstance(after.editor, ReleasedEditor)
    with pytest.raises(ValueError, match="not with a released editor"):
        build_transmitter("editable_deepsc", networks, None, editor.settings)
    images = faces(generator, 2)
    edited = before.prepare(images, ["brighter"] * 2, torch.Generator().manual_seed(9))
    assert edited.shape == images.shape
    fitted = editor.invert(images[:1], torch.Generator().manual_seed(9))
    everyone = editor.spread(fitted, torch.tensor([False, True]))
    torch.testing.assert_close(editor.draw(everyone)[1], editor.draw(fitted)[0])


def test_steps_of_trained_fields_stay_on_the_sphere(editor, generator):
    space, w = editor.space, rms_normalise(torch.randn(2, 12))
    plus = w[:, None].repeat(1, generator.layers, 1)
    attribute, direction = torch.tensor([0, 3]), torch.tensor([1, -1])
    moved, moved_plus = space.step(editor.fields, w, plus, attribute, direction)
    torch.testing.assert_close(moved, edit_step(editor.fields, w, attribute, direction))
    assert torch.equal(moved_plus, moved[:, None].expand_as(moved_plus))
