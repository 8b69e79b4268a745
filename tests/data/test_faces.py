"""The renderer: one face is one picture, whatever the seed's neighbours, the resolution or the
chunking.
"""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from editable_deepsc.data.attributes import ATTRIBUTES, MAX_DEGREE
from editable_deepsc.data.faces import (
    FACTORS,
    PERSON_FACTORS,
    STYLES,
    Faces,
    render,
    same_person,
    sample_faces,
)
from editable_deepsc.data.pixels import from_uint8, to_uint8


def draw(n: int, seed: int = 0) -> Faces:
    return sample_faces(n, torch.Generator().manual_seed(seed))


def at_degree(faces: Faces, attribute: int, degree: float) -> Faces:
    return faces.with_degree(
        torch.full((len(faces),), attribute), torch.full((len(faces),), degree)
    )


def test_a_seed_is_a_face():
    assert torch.equal(render(draw(3), 32), render(draw(3), 32))
    assert not torch.equal(render(draw(3), 32), render(draw(3, seed=1), 32))


@pytest.mark.parametrize("style", STYLES)
def test_images_use_their_range_and_never_leave_it(style):
    images = render(draw(16), 32, style)
    assert images.shape == (16, 3, 32, 32) and images.dtype == torch.float32
    assert -1 <= images.min() < -0.5 and 0.3 < images.max() <= 1


@pytest.mark.parametrize("style", STYLES)
def test_a_face_is_the_same_picture_at_64_and_at_128_pixels(style):
    faces = draw(8)
    small, large = render(faces, 64, style), F.avg_pool2d(render(faces, 128, style), 2)
    other_face = (small - large.roll(1, 0)).abs().mean()
    assert (small - large).abs().mean() < min(0.02, other_face / 10)


@pytest.mark.parametrize("attribute", range(len(ATTRIBUTES)), ids=ATTRIBUTES)
def test_the_picture_moves_away_as_the_degree_grows(attribute):
    faces = draw(8)
    none = render(at_degree(faces, attribute, 0), 32)
    changes = [render(at_degree(faces, attribute, d), 32) - none for d in range(MAX_DEGREE + 1)]
    distances = torch.stack([change.flatten(1).norm(dim=1).mean() for change in changes])
    assert (distances.diff() > 0).all(), distances


# Rows of a 32 pixel picture that an attribute has no business in; ageing whitens hair and lines the
# whole face, but not the wall.
FAR_AWAY = {
    "bangs": (slice(21, 32), slice(0, 32)),
    "eyeglasses": (slice(22, 32), slice(0, 32)),
    "beard": (slice(0, 12), slice(0, 32)),
    "smiling": (slice(0, 6), slice(0, 32)),
    "young": (slice(0, 2), slice(0, 4)),
}


@pytest.mark.parametrize("attribute", range(len(ATTRIBUTES)), ids=ATTRIBUTES)
def test_an_attribute_leaves_the_rest_of_the_picture_alone(attribute):
    faces = draw(8)
    change = (
        (render(at_degree(faces, attribute, 5), 32) - render(at_degree(faces, attribute, 0), 32))
        .abs()
        .amax(1)
    )
    rows, columns = FAR_AWAY[ATTRIBUTES[attribute]]
    assert change[:, rows, columns].max() < 1e-3
    assert (change.amax((1, 2)) > 0.3).all()


def test_the_true_edit_changes_one_degree_of_the_faces_it_names():
    faces = draw(2)
    edited = faces.with_degree(torch.tensor([3, 0]), torch.tensor([4, 1]))
    expected = faces.degrees.clone()
    expected[0, 3], expected[1, 0] = 4, 1
    assert torch.equal(edited.degrees, expected) and torch.equal(edited.factors, faces.factors)


def test_paintings_have_other_statistics_than_photographs():
    faces = draw(32)
    photo, painting = (render(faces, 32, style) for style in ("photo", "painting"))
    assert painting.mean() < photo.mean() - 0.2  # darker grounds
    warmth = [(x[:, 0] - x[:, 2]).mean() for x in (photo, painting)]
    assert warmth[1] > warmth[0] + 0.1  # amber varnish
    spread = [x.mean((2, 3)).std(0).mean() for x in (photo, painting)]
    assert spread[1] < 0.8 * spread[0]  # one palette for all


def test_unknown_style_names_the_known_ones():
    with pytest.raises(ValueError, match="'sketch'.*photo, painting"):
        render(draw(1), 16, "sketch")


def test_factors_and_degrees_are_uniform_and_independent():
    n = 4000
    faces = draw(n)
    values = torch.cat([faces.factors, faces.degrees / MAX_DEGREE], 1)
    assert 0 <= values.min() < 0.01 and 0.99 < values.max() <= 1
    # The mean of n uniform numbers deviates by sqrt(1 / 12 n), a correlation by sqrt(1 / n).
    assert (values.mean(0) - 0.5).abs().max() < 5 * (1 / 12 / n) ** 0.5
    assert (torch.corrcoef(values.T) - torch.eye(values.shape[1])).abs().max() < 5 / n**0.5


def test_people_differ_in_many_ways():
    assert len(PERSON_FACTORS) >= 20


def test_every_factor_shows_in_the_picture():
    plain = Faces(torch.full((1, len(FACTORS)), 0.5), torch.full((1, len(ATTRIBUTES)), 1.0))
    plain.degrees[:, ATTRIBUTES.index("young")] = 4.0  # the colour of grey hair does not show
    n = len(FACTORS)
    low, high = (plain.factors.repeat(n, 1).fill_diagonal_(value) for value in (0.05, 0.95))
    degrees = plain.degrees.repeat(n, 1)
    change = (
        (render(Faces(high, degrees), 64) - render(Faces(low, degrees), 64)).abs().amax((1, 2, 3))
    )
    assert change.min() > 0.03, FACTORS[int(change.argmin())]


def test_same_person_keeps_the_person_and_changes_the_scene():
    faces = draw(4)
    again = same_person(faces, torch.Generator().manual_seed(5))
    person = len(PERSON_FACTORS)
    assert torch.equal(again.factors[:, :person], faces.factors[:, :person])
    assert (again.factors[:, person:] != faces.factors[:, person:]).all() and (
        again.degrees != faces.degrees
    ).all()


@pytest.mark.parametrize("style", STYLES)
def test_chunking_does_not_change_pixels(style):
    faces = draw(5)
    whole, single = (
        render(faces, 32, style, chunk_pixels=1 << 20),
        render(faces, 32, style, chunk_pixels=1),
    )
    torch.testing.assert_close(whole, single, atol=1e-4, rtol=0)


@given(st.lists(st.integers(0, 255), min_size=1, max_size=50))
def test_bytes_survive_the_trip_to_floats_and_back(values):
    pixels = torch.tensor(values, dtype=torch.uint8)
    floats = from_uint8(pixels)
    assert -1 <= floats.min() and floats.max() <= 1
    assert torch.equal(to_uint8(floats), pixels)


@given(st.lists(st.floats(-1.5, 1.5, width=32), min_size=1, max_size=50))
def test_floats_lose_at_most_half_a_grey_level_and_saturate(values):
    floats = torch.tensor(values, dtype=torch.float32)
    before = floats.clone()
    error = from_uint8(to_uint8(floats)) - floats.clamp(-1, 1)
    assert error.abs().max() <= 1 / 255 + 1e-6
    assert torch.equal(floats, before)  # the argument is not written to
