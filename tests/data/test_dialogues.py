"""Scripts of dialogues: what turns are about, what they ask for, and the true faces behind them."""

from __future__ import annotations

import pytest
import torch

from editable_deepsc.data.dialogues import sample_script
from editable_deepsc.data.faces import sample_faces
from editable_deepsc.data.instructions import expected_degree, sample_instructions
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.wishes import read_request

N, TURNS = 60, 4


@pytest.fixture(scope="module")
def faces():
    return sample_faces(N, seeded("script"))


def script_of(faces, seed="turns"):
    first = sample_instructions(faces.degrees, "test", seeded("first"))
    return first, sample_script(faces, first, TURNS, seeded(seed))


def test_each_turn_is_about_another_attribute_and_moves_it_from_where_it_is(faces):
    first, script = script_of(faces)
    assert script.wishes[0] == first
    assert script.attribute.shape == script.expected.shape == (TURNS, N)
    assert all(len(set(column)) == TURNS for column in script.attribute.T.tolist())
    before = faces.degrees.round().long()
    for turn, said in enumerate(script.wishes):
        after = script.faces[turn].degrees.round().long()
        for i, wish in enumerate(said):
            p = int(before[i, wish.attribute])
            e = expected_degree(p, wish.direction, wish.degree)
            assert e != p and e == script.expected[turn, i] == after[i, wish.attribute]
            others = [a for a in range(5) if a != wish.attribute]
            assert torch.equal(after[i, others], before[i, others])
        assert torch.equal(script.faces[turn].factors, faces.factors)
        before = after


def test_what_is_said_means_it(faces):
    _, script = script_of(faces)
    for said in script.wishes[1:]:
        for wish in said:
            (read,) = read_request(wish.text).wishes
            assert (read.attribute, read.direction) == (wish.attribute, wish.direction), wish.text


def test_a_script_is_drawn_by_its_seed(faces):
    scripts = [script_of(faces, seed)[1].wishes for seed in ("a", "a", "b")]
    assert scripts[0] == scripts[1] != scripts[2]


@pytest.mark.parametrize("turns", [0, 6])
def test_more_turns_than_attributes_are_refused(faces, turns):
    first = sample_instructions(faces.degrees, "test", seeded("first"))
    with pytest.raises(ValueError, match=f"{turns} turns; from 1 to 5"):
        sample_script(faces, first, turns, seeded("turns"))
