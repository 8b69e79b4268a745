"""Iterative attributes matching in a world where everything is known.

A latent is five points, one on a circle for each attribute; the angle on circle a is the
attribute's degree, DEGREE radians apart. F_a turns point a by one degree. Images carry the latent
in their pixels, and the predictor reads the angles back.
"""

from __future__ import annotations

import math

import pytest
import torch

from editable_deepsc.data.instructions import Instruction
from editable_deepsc.editing.editor import Editor, EditSettings
from editable_deepsc.editing.inversion import InversionRecipe
from editable_deepsc.editing.matching import MatchingRecipe, edit_step, match, synthesise
from editable_deepsc.networks.jecc import SemanticFields
from editable_deepsc.networks.stylegan2 import rms_normalise

DEGREE = 0.2


class CircleGenerator:
    resolution = 2

    def synthesis(self, w: torch.Tensor) -> torch.Tensor:
        return torch.cat([w / 4, torch.zeros(len(w), 2)], 1).unflatten(1, (3, 2, 2))


class CirclePredictor:
    def degrees(self, images: torch.Tensor) -> torch.Tensor:
        return angles(images.flatten(1)[:, :10]).round().clamp(0, 5).long()


def circle_fields(z: torch.Tensor, attribute: torch.Tensor) -> torch.Tensor:
    step, rows = torch.zeros_like(z), torch.arange(len(z))
    step[rows, 2 * attribute] = -math.tan(DEGREE) * z[rows, 2 * attribute + 1]
    step[rows, 2 * attribute + 1] = math.tan(DEGREE) * z[rows, 2 * attribute]
    return step


def latents(degrees: list[list[float]]) -> torch.Tensor:
    angle = DEGREE * torch.tensor(degrees)
    return rms_normalise(torch.stack([angle.cos(), angle.sin()], 2).flatten(1))


def angles(z: torch.Tensor) -> torch.Tensor:
    """Angles [N, 5], in degrees of the attributes."""
    points = z.unflatten(1, (5, 2))
    return torch.atan2(points[..., 1], points[..., 0]) / DEGREE


def run(
    start: list[list[float]],
    attribute: list[int],
    direction: list[int],
    degree: list[int],
    before: list[list[int]] | None = None,
    *,
    max_steps: int = 24,
    step_size: float = 0.5,
    iterative: bool = True,
):
    """``before``: what the predictor says of the originals, where it differs from what it says of
    G(s).
    """
    z = latents(start)
    p = (
        torch.tensor(before)
        if before
        else CirclePredictor().degrees(CircleGenerator().synthesis(z))
    )
    result = match(
        z,
        p,
        (torch.tensor(attribute), torch.tensor(direction), torch.tensor(degree)),
        CircleGenerator(),
        CirclePredictor(),
        circle_fields,
        MatchingRecipe(max_steps=max_steps, step_size=step_size),
        iterative,
    )
    torch.testing.assert_close(
        result.latents.square().mean(1), torch.ones(len(z)), atol=1e-4, rtol=0
    )
    return z, result


START = [1.0, 4.0, 0.0, 3.0, 2.0]
HALF_STEP = math.atan(0.5 * math.tan(DEGREE)) / DEGREE


def test_walks_until_the_predictor_reports_the_expected_degree_and_stops_there():
    _, result = run([START, START], [0, 1], [1, -1], [2, 3])
    assert result.expected.tolist() == [3, 1] and result.reached.tolist() == [True, True]
    found = angles(result.latents)
    # 3 is reported from 2.5 on, and 1 from 1.5 down: the fewest half steps that get there.
    assert result.steps.tolist() == [math.ceil(1.5 / HALF_STEP), math.ceil(2.5 / HALF_STEP)]
    assert float(found[0, 0]) == pytest.approx(1 + int(result.steps[0]) * HALF_STEP, abs=1e-3)
    assert float(found[1, 1]) == pytest.approx(4 - int(result.steps[1]) * HALF_STEP, abs=1e-3)


def test_other_attributes_stay():
    _, result = run([START], [0], [1], [3])
    torch.testing.assert_close(
        angles(result.latents)[0, 1:], torch.tensor(START[1:]), atol=1e-3, rtol=0
    )


def test_faces_that_are_there_already_do_not_move():
    # Row 0 cannot smile more; row 1 was read as 2 before inversion and as 3 after it, which is what
    # is asked for; row 2 walks.
    z, result = run(
        [[5.0] * 5, [3.0] * 5, [1.0] * 5],
        [3, 0, 0],
        [1, 1, 1],
        [2, 1, 1],
        before=[[5] * 5, [2] * 5, [1] * 5],
    )
    assert torch.equal(result.latents[:2], z[:2]) and result.steps.tolist()[:2] == [0, 0]
    assert result.reached.all() and result.steps[2] > 0


def test_the_expected_degree_is_clamped_to_the_scale():
    _, result = run([START, START], [1, 0], [1, -1], [4, 5])
    assert result.expected.tolist() == [5, 0] and result.reached.all()


def test_turns_round_and_halves_the_step_after_passing_the_goal():
    stride = (
        math.atan(2 * math.tan(DEGREE)) / DEGREE
    )  # nearly two degrees: from 2 past 3 to 4, then one back
    _, result = run([[2.0] * 5], [0], [1], [1], step_size=2.0)
    assert result.steps.tolist() == [2] and result.reached.all()
    assert float(angles(result.latents)[0, 0]) == pytest.approx(2 + stride - 1, abs=1e-3)


@pytest.mark.parametrize("max_steps", [0, 2])
def test_gives_up_after_the_largest_number_of_steps(max_steps):
    _, result = run([[0.0] * 5, [0.0] * 5], [0, 1], [1, 1], [5, 1], max_steps=max_steps)
    assert result.steps.tolist() == [max_steps, min(max_steps, 1)]
    assert result.reached.tolist() == [False, max_steps > 0]


def test_without_matching_m_whole_steps_are_taken_unseen():
    # Row 1 passes its expected degree, because nobody looks.
    _, result = run(
        [START, START], [0, 1], [1, -1], [2, 3], before=[[1] * 5, [2] * 5], iterative=False
    )
    assert result.steps.tolist() == [2, 3] and result.expected.tolist() == [3, 0]
    assert angles(result.latents)[[0, 1], [0, 1]].tolist() == pytest.approx([3, 1], abs=1e-3)
    assert result.reached.tolist() == [True, False]


def test_no_faces():
    none = torch.zeros(0).long()
    result = match(
        torch.zeros(0, 10),
        torch.zeros(0, 5).long(),
        (none, none, none),
        CircleGenerator(),
        CirclePredictor(),
        circle_fields,
        MatchingRecipe(max_steps=24, step_size=0.5),
    )
    assert result.latents.shape == (0, 10) and result.steps.shape == (0,)


def test_several_wishes_are_walked_in_their_order_each_from_where_the_last_one_ended():
    recipe = MatchingRecipe(max_steps=24, step_size=0.5)
    settings = EditSettings(InversionRecipe(1, 0.1, 0.1), recipe)
    world = CircleGenerator(), CirclePredictor(), circle_fields
    editor = Editor(*world, text_encoder=None, perceptual=None, settings=settings)
    start = latents([[0, 1, 2, 3, 4], [2, 2, 2, 2, 2], [1, 1, 1, 1, 1]])
    degrees = editor.degrees(synthesise(world[0], start))
    longer, off, too_far = (
        Instruction("", 0, 1, 2),
        Instruction("", 1, -1, 5),
        Instruction("", 4, 1, 5),
    )
    result = editor.walk(start, degrees, [[longer, off, too_far], [off], []])
    assert angles(result.latents)[0].round().tolist() == [2, 0, 2, 3, 5]
    assert angles(result.latents)[1].round().tolist() == [2, 0, 2, 2, 2]
    assert torch.equal(result.latents[2], start[2])
    assert result.reached.tolist() == [True, True, False]
    assert result.expected.tolist() == [5, 0, -1]
    # One after the other is the same, and each face by itself too.
    step = editor.walk(start[:1], degrees[:1], [[longer, off]])
    last = editor.walk(step.latents, degrees[:1], [[too_far]])
    torch.testing.assert_close(last.latents, result.latents[:1])
    assert int(step.steps + last.steps) == int(result.steps[0])


def test_a_wish_that_is_not_reached_is_not_forgotten_by_the_next():
    settings = EditSettings(InversionRecipe(1, 0.1, 0.1), MatchingRecipe(2, 0.5))
    world = CircleGenerator(), CirclePredictor(), circle_fields
    editor = Editor(*world, text_encoder=None, perceptual=None, settings=settings)
    start = latents([[0, 1, 2, 3, 4]])
    wishes = [Instruction("", 0, 1, 4), Instruction("", 1, 1, 1)]  # two half steps: one degree
    result = editor.walk(start, editor.degrees(synthesise(world[0], start)), [wishes])
    assert result.reached.tolist() == [False] and result.expected.tolist() == [2]


@torch.no_grad()
def test_an_edit_step_stays_on_the_sphere_and_goes_where_the_field_points():
    torch.manual_seed(0)
    fields, z = SemanticFields(12, 16, 2), rms_normalise(torch.randn(6, 12))
    attribute, direction = torch.arange(6) % 5, torch.tensor([1, -1, 1, -1, 1, -1])
    size = torch.tensor([1.0, 1.0, 0.5, 0.5, 0.0, 0.0])
    moved = edit_step(fields, z, attribute, direction, size)
    torch.testing.assert_close(moved.square().mean(1), torch.ones(6), atol=1e-4, rtol=0)
    free = z + (size * direction)[:, None] * fields(z, attribute)
    torch.testing.assert_close(
        moved, free / free.square().mean(1, keepdim=True).sqrt(), atol=1e-4, rtol=0
    )
    torch.testing.assert_close(moved[4:], z[4:], atol=1e-4, rtol=0)


def test_images_are_clamped_and_drawn_in_order_whatever_the_batch():
    z = 10 * torch.randn(5, 10, generator=torch.Generator().manual_seed(0))
    images = synthesise(CircleGenerator(), z, batch=2)
    assert torch.equal(images, CircleGenerator().synthesis(z).clamp(-1, 1))
    assert synthesise(CircleGenerator(), z[:0]).shape == (0, 3, 2, 2)
