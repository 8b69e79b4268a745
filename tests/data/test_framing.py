"""Framing: squares against closed forms and the published scripts' formulas, cuts against their
own properties.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import skimage
import torch
from PIL import Image
from torch import Tensor

from editable_deepsc.data.cutting import cut_straight, cut_turned
from editable_deepsc.data.faces import Faces, _traits, render, sample_faces
from editable_deepsc.data.framing import (
    RENDERED,
    FoundFace,
    box_squares,
    ffhq_squares,
    rendered_squares,
    similarity,
    squares,
)
from editable_deepsc.data.pictures import to_pictures
from editable_deepsc.data.portrait.landmarks import landmarks
from editable_deepsc.data.reframing import NO_DETECTOR, NO_FACE, cut, framings
from editable_deepsc.data.seeds import seeded

R = 128


def some_faces(n: int, **fixed: float) -> Faces:
    from editable_deepsc.data.faces import FACTORS

    faces = sample_faces(n, seeded(7, "framing"))
    for name, value in fixed.items():
        faces.factors[:, FACTORS.index(name)] = value
    return faces


def pixels_of(points: Tensor, resolution: int = R) -> Tensor:
    """[-1, 1] from edge to edge -> pixels, with the first pixel's centre at 0."""
    return (points.double() + 1) / 2 * resolution - 0.5


def turned(points: Tensor, degrees: float, scale: float = 1.0, shift=(0.0, 0.0)) -> Tensor:
    a = math.radians(degrees)
    matrix = torch.tensor([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]]).double()
    return scale * points.double() @ matrix.T + torch.tensor(shift).double()


def some_points(n: int = 5) -> Tensor:
    """Five points of upright faces, none like the other."""
    mean = torch.tensor([[40.0, 50], [80, 50], [60, 70], [45, 95], [75, 95]]).double()
    return mean + 6 * torch.rand(n, 5, 2, generator=seeded(1, "points")).double()


def test_landmarks_are_where_the_renderer_paints():
    faces = some_faces(64)
    faces.degrees[:, 1] = 0  # no glasses
    faces.degrees[:, 2] = 0  # no beard
    points = pixels_of(landmarks(_traits(faces)), 256)
    images = (render(faces, 256) + 1) / 2
    grey = images.mean(1)
    x, y = points.round().long().unbind(2)
    for i in range(len(faces)):
        for eye in (0, 1):  # the iris is darker than the white beside it
            row = grey[i, y[i, eye]]
            middle, side = x[i, eye], 11
            iris = row[middle - 2 : middle + 3].min()
            assert iris < torch.minimum(row[middle - side], row[middle + side]) - 0.1


def test_the_points_of_rendered_faces_are_their_mean():
    points = landmarks(_traits(sample_faces(8192, seeded(1, "landmarks"))))
    mean = points.mean(0)[[0, 1, 3, 4]]
    assert (mean - torch.tensor(RENDERED)).abs().max() < 2e-3


def test_a_similarity_is_found_exactly():
    source = some_points()
    target = turned(source, 33, 1.7, (12.0, -5.0))
    matrix, shift = similarity(source, target)
    assert torch.allclose(source @ matrix.transpose(1, 2) + shift[:, None], target, atol=1e-9)
    size = torch.linalg.det(matrix).sqrt()
    assert torch.allclose(size, torch.full_like(size, 1.7))


def test_a_similarity_has_the_least_sum_of_squares():
    source, target = some_points(2)
    matrix, shift = similarity(source[None], target[None])
    best = (source @ matrix[0].T + shift[0] - target).square().sum()
    for degrees, scale, dx in [(1, 1, 0), (-1, 1, 0), (0, 1.01, 0), (0, 0.99, 0), (0, 1, 0.3)]:
        moved = turned(source @ matrix[0].T, degrees, scale, (dx, 0.0)) + shift[0]
        if dx == 0:  # the best shift of another turn and scale
            moved = moved + (target - moved).mean(0)
        assert (moved - target).square().sum() > best


@pytest.mark.parametrize("align", ["ffhq", "rendered"])
def test_squares_turn_with_the_face(align):
    points = some_points()
    find = ffhq_squares if align == "ffhq" else rendered_squares
    upright = find(points)
    moved = find(turned(points, 40, 2.5, (100.0, 30.0)))
    assert torch.allclose(turned(upright, 40, 2.5, (100.0, 30.0)), moved, atol=1e-9)
    sides = (upright - upright.roll(1, 1)).norm(dim=2)
    assert torch.allclose(sides, sides[:, :1].expand_as(sides))


def test_a_face_at_the_mean_of_rendered_ones_keeps_the_whole_picture():
    four = pixels_of(torch.tensor(RENDERED))
    points = torch.stack([four[0], four[1], four.mean(0), four[2], four[3]])[None]
    expected = torch.tensor([[0.0, 0], [0, R], [R, R], [R, 0]]).double() - 0.5
    assert torch.allclose(rendered_squares(points)[0], expected, atol=1e-6)
    # Aligned once more, an aligned picture stays as it is.
    points = some_points()
    corners = rendered_squares(points)
    matrix, shift = similarity(corners, expected.expand_as(corners))
    again = points @ matrix.transpose(1, 2) + shift[:, None]
    assert torch.allclose(rendered_squares(again), expected.expand_as(corners), atol=1e-6)


def test_the_square_of_the_release():
    # utils/crop_img.py, by hand: mean side 100, half side 55, the centre 8.25 below (100, 150)
    box = torch.tensor([[60.0, 90, 140, 210]]).double()
    (square,) = box_squares(box) + 0.5
    assert square[0].tolist() == [100 - 55, 158 - 55] and square[2].tolist() == [100 + 55, 158 + 55]


def reference_square(points: np.ndarray) -> np.ndarray:
    """The oriented square of FFHQ's script, with its complex arithmetic written out."""
    eye_left, eye_right, _, mouth_left, mouth_right = [complex(*p) for p in points]
    eyes, mouth = (eye_left + eye_right) / 2, (mouth_left + mouth_right) / 2
    x = (eye_right - eye_left) - 1j * (mouth - eyes)
    x *= max(abs(eye_right - eye_left) * 2.0, abs(mouth - eyes) * 1.8) / abs(x)
    centre = eyes + 0.1 * (mouth - eyes)
    corners = [centre - x - 1j * x, centre - x + 1j * x, centre + x + 1j * x, centre + x - 1j * x]
    return np.array([(c.real, c.imag) for c in corners])


def test_the_square_of_ffhq():
    points = turned(some_points(), -20)
    for mine, five in zip(ffhq_squares(points), points, strict=True):
        assert np.allclose(mine.numpy(), reference_square(five.numpy()))


def face_of(points: Tensor) -> FoundFace:
    return FoundFace((0, 0, 1, 1), tuple((x, y) for x, y in points.tolist()), 1.0)


def similar(picture: Image.Image, other: Image.Image) -> float:
    """PSNR in dB."""
    error = np.asarray(picture, float) - np.asarray(other, float)
    return float(10 * np.log10(255**2 / np.square(error).mean()))


def test_thirty_degrees_are_undone_on_a_rendered_face():
    """A face whose points are the mean ones, turned, scaled and shifted, comes out as it was."""
    faces = some_faces(1, zoom=0.5, yaw=0.5, roll=0.5, shift_x=0.5, shift_y=0.5)
    (drawn,) = to_pictures(render(faces, 512))
    points = pixels_of(landmarks(_traits(faces)), 512)[0]
    (plain,) = squares([face_of(points)], "rendered").tolist()
    expected = cut_turned(drawn, plain, R)
    for degrees in (30, -30):
        rotated = drawn.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
        middle = torch.tensor([255.5, 255.5]).double()
        new = torch.tensor([(rotated.width - 1) / 2, (rotated.height - 1) / 2]).double()
        moved = turned(points - middle, -degrees) + new
        (square,) = squares([face_of(moved)], "rendered").tolist()
        undone = cut_turned(rotated, square, R)
        inner = (24, 8, R - 24, R - 24)
        assert similar(undone.crop(inner), expected.crop(inner)) > 32
        assert similar(rotated.resize((R, R)).crop(inner), expected.crop(inner)) < 20


def test_a_square_that_is_the_picture_gives_the_picture():
    (drawn,) = to_pictures(render(some_faces(1), R))
    whole = [(-0.5, -0.5), (-0.5, R - 0.5), (R - 0.5, R - 0.5), (R - 0.5, -0.5)]
    assert np.array_equal(np.asarray(cut_straight(drawn, whole, R)), np.asarray(drawn))
    assert similar(cut_turned(drawn, whole, R), drawn) > 30


def test_edges_are_replicated_beyond_a_straight_square():
    noise = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    square = [(-10.5, -5.5), (-10.5, 44.5), (39.5, 44.5), (39.5, -5.5)]  # 50 pixels
    shown = np.asarray(cut_straight(picture, square, 50))
    rows, columns = np.clip(np.arange(-5, 45), 0, 19), np.clip(np.arange(-10, 40), 0, 29)
    assert np.array_equal(shown, noise[rows][:, columns])
    inside = [(4.5, 2.5), (4.5, 12.5), (14.5, 12.5), (14.5, 2.5)]
    assert np.array_equal(np.asarray(cut_straight(picture, inside, 10)), noise[3:13, 5:15])


def test_reflections_blur_and_fade_beyond_a_turned_square():
    y, x = np.mgrid[:64, :64]
    stripes = np.uint8(127 + 127 * np.sign(np.sin(x * 1.7)))
    picture = Image.fromarray(np.repeat(stripes[..., None], 3, 2))
    square = [(-64.5, -0.5), (-64.5, 63.5), (-0.5, 63.5), (-0.5, -0.5)]  # all of it is outside
    shown = np.asarray(cut_turned(picture, square, 64), float)[..., 0]
    contrast = shown.std(0)
    assert shown[:, -6:].std() > 3 * shown[:, :16].std()  # stripes only near the picture
    assert contrast.max() < 40  # along the stripes nothing changes but by the blur
    # what is inside is only resampled
    inside = [(15.5, 15.5), (15.5, 47.5), (47.5, 47.5), (47.5, 15.5)]
    kept = np.asarray(cut_turned(picture, inside, 32), float)[..., 0]
    assert np.corrcoef(kept.ravel(), np.asarray(picture)[16:48, 16:48, 0].ravel())[0, 1] > 0.9


def test_a_turned_square_is_cut_as_ffhq_was():
    """Pixels that download_ffhq.py makes of five points near a corner, averaged to 4 x 4."""
    picture = Image.open(Path(skimage.__file__).parent / "data/astronaut.png").convert("RGB")
    points = torch.tensor([[60.0, 40], [120, 10], [110, 60], [95, 100], [150, 75]])
    (square,) = ffhq_squares(points[None].double()).tolist()
    shown = cut_turned(picture, square, 64).resize((4, 4), Image.Resampling.BOX)
    expected = [
        [114.7, 85.0, 147.0, 151.3],
        [70.3, 116.7, 173.0, 149.7],
        [57.3, 151.3, 171.0, 163.0],
        [91.0, 186.0, 151.0, 133.0],
    ]
    assert np.allclose(np.asarray(shown, float).mean(2), expected, atol=0.7)


def test_what_is_done_without_a_detector_or_a_face_is_said():
    picture = Image.new("RGB", (100, 60), (200, 10, 10))
    (framing,) = framings([picture], "rendered", None)
    assert framing.align == "none" and framing.note == NO_DETECTOR
    (framing,) = framings([picture], "box", lambda pictures: [None] * len(pictures))
    assert framing.align == "none" and framing.note == NO_FACE
    assert cut(picture, framing, 32).shape == (3, 32, 32)
    (framing,) = framings([picture], "none", None)
    assert framing.note is None
    with pytest.raises(ValueError, match="none, box, ffhq, rendered"):
        framings([picture], "sideways", None)


def test_the_record_of_a_framing():
    face = FoundFace((10.123456, 20, 50, 70), ((1.0, 2.0),) * 5, 0.987654, 2)
    points = some_points(1)[0]
    face = FoundFace(face.box, face_of(points).points, face.score, 2)
    (framing,) = framings([Image.new("RGB", (200, 200))], "ffhq", lambda pictures: [face])
    about = framing.about()
    assert about["face"]["box"][0] == 10.12 and about["face"]["score"] == 0.99
    assert about["note"] == "2 faces were found: the largest is kept"
    assert len(about["square"]) == 4
