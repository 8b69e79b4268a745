"""Whether the networks know a face: figures against direct ones, and the range by its rule."""

from __future__ import annotations

import functools
import json

import pytest
import torch
from torch import Tensor, nn

from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.seeds import seeded
from editable_deepsc.editing.inversion import InversionRecipe
from editable_deepsc.editing.known import Judges, Known, KnownRange, Unlike, rendered_range
from editable_deepsc.networks.perceptual import lpips_to
from editable_deepsc.networks.stylegan2 import Generator
from editable_deepsc.networks.weights import load_bundled

R = 64


class Score(nn.Module):
    """The mean colour, as a discriminator would score: [N, 1]."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean((1, 2, 3))[:, None]


@pytest.fixture(scope="module")
def judges() -> Judges:
    perceptual = functools.partial(lpips_to, load_bundled("perceptual"))
    return Judges(perceptual, load_bundled("recogniser"), Score())


@pytest.fixture(scope="module")
def faces() -> Tensor:
    return render(sample_faces(5, seeded(3, "known")), R)


def test_the_figures_are_those_of_the_networks(judges, faces, monkeypatch):
    others = faces.roll(1, 0)
    figures = judges.figures(faces, others)
    assert torch.allclose(figures["realism"], others.mean((1, 2, 3)))
    assert torch.allclose(figures["lpips"], judges.perceptual(faces)(others), atol=1e-5)
    cosine = torch.cosine_similarity(judges.recogniser(faces), judges.recogniser(others))
    assert torch.allclose(figures["identity"], cosine, atol=1e-5)
    monkeypatch.setattr("editable_deepsc.editing.known.PIXELS", 2 * R * R)  # two at once
    for name, values in judges.figures(faces, others).items():
        assert torch.allclose(values, figures[name], atol=1e-5)
    same = judges.figures(faces, faces)
    assert same["lpips"].abs().max() < 1e-4 and (same["identity"] - 1).abs().max() < 1e-5


def test_the_limits_are_by_their_rule():
    figures = {
        "lpips": torch.tensor([0.01, 0.02, 0.05, 0.01, 0.03]),  # median 0.02, farthest 0.03 above
        "identity": torch.tensor([0.99, 0.9, 0.98, 0.97, 0.99]),  # 0.98, 0.08 below
        "realism": torch.tensor([0.0, 1.0, -1.0, 0.5, 0.2]),  # 0.2, 1.2 below
    }
    known = KnownRange.around(figures)
    assert known.lpips == pytest.approx(0.02 + 1.5 * 0.03)
    assert known.identity == pytest.approx(0.98 - 1.5 * 0.08)
    assert known.realism == pytest.approx(0.2 - 1.5 * 1.2)
    assert known.faces == 5 and not Unlike(figures, known).outside.any()
    for name, step in (("lpips", 1e-4), ("identity", -1e-4), ("realism", -1e-4)):
        limit = torch.full((5,), getattr(known, name))
        for value, expected in ((limit + step, True), (limit - step, False)):
            assert Unlike(figures | {name: value}, known).outside.tolist() == [expected] * 5


def test_what_is_outside_is_said_in_words_and_numbers():
    figures = {
        "lpips": torch.tensor([0.2, 0.01]),
        "identity": torch.tensor([0.99, 0.99]),
        "realism": torch.tensor([-3.25, 0.1]),
    }
    unlike = Unlike(figures, KnownRange(0.03, 0.95, -0.5, 256))
    assert unlike.outside.tolist() == [True, False]
    assert unlike.why(1) is None
    assert unlike.why(0) == (
        "this picture is unlike what the networks know, so expect little of the edit: its "
        "inversion has LPIPS 0.2 (at most 0.03), discriminator score -3.25 (at least -0.5); in "
        "brackets the limits that 256 inverted rendered faces set"
    )
    report = json.loads(json.dumps(unlike.report(0)))
    assert report["outside"] is True and report["known"]["faces"] == 256
    assert report["lpips"] == pytest.approx(0.2) and report["why"] == unlike.why(0)


def test_what_was_not_inverted_is_not_judged(judges, faces):
    range_ = KnownRange(0.0, 1.0, 10.0, 1)  # everything is outside
    unlike = Known(judges, range_).judge(
        faces, faces.roll(1, 0), torch.tensor([True] * 4 + [False])
    )
    assert unlike.outside.tolist() == [True] * 4 + [False]
    assert unlike.report(4)["lpips"] is None and unlike.why(4) is None


def test_the_range_of_rendered_faces_is_that_of_its_seed(judges):
    torch.manual_seed(0)
    generator = Generator(16, (16, 16, 16, 16, 16), mapping_hidden=16, mapping_layers=2)
    generator = generator.eval().requires_grad_(False)
    recipe = InversionRecipe(iterations=2, rate=0.1, perceptual_weight=0.1)
    first, again, other = (
        rendered_range(generator, judges, recipe, None, 6, seed) for seed in (1, 1, 2)
    )
    assert first == again and first != other and first.faces == 6
