"""Sentences that name the degree to arrive at."""

from __future__ import annotations

import pytest
import torch

from editable_deepsc.data.attributes import ATTRIBUTES, attribute_index
from editable_deepsc.data.instructions import (
    Instruction,
    all_instructions,
    expected_degree,
    settled,
)
from editable_deepsc.data.targets import read_target

SAID = {
    "Bangs of degree 4.": ("bangs", 4),
    "I'd like bangs of level two": ("bangs", 2),
    "Hi. Set the bangs to 3, please!": ("bangs", 3),
    "a degree 1 smile": ("smiling", 1),
    "make it a level 5 beard": ("beard", 5),
    "bring his beard to level zero": ("beard", 0),
    "set her age to degree 4": ("young", 1),
    "Hello. Add short bangs that cover only a small portion of the forehead.": ("bangs", 2),
    "How about trying a fringe of medium length?": ("bangs", 3),
    "Nope. I would like extremely long bangs.": ("bangs", 5),
    "The glasses should have thin frame.": ("eyeglasses", 2),
    "What about trying thick frame sunglasses": ("eyeglasses", 5),
    "give him thin glasses": ("eyeglasses", 2),
    "put thin-rimmed glasses on her": ("eyeglasses", 2),
    "There should be stubble covering his cheeks and chin.": ("beard", 1),
    "He should have a bushy mustache.": ("beard", 4),
    "The corners of the mouth should curve up and show some teeth.": ("smiling", 2),
    "I want the face to be smiling with the mouth a little bit open": ("smiling", 4),
    "Yep sure. The person should be in the thirties. Thanks!": ("young", 3),
    "Let's make the face the one of a senior": ("young", 1),
    "It could be a young adult": ("young", 3),
}


@pytest.mark.parametrize("sentence", SAID)
def test_a_degree_is_named(sentence):
    attribute, degree = SAID[sentence]
    assert read_target(sentence) == (attribute_index(attribute), degree)


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "make the bangs longer",
        "give her thinner glasses",
        "two degrees more beard",
        "the bangs by 2 degrees",
        "bangs of degree 7",
        "short hair",
        "she has short bangs and a smile",
        "don't give her short bangs",
        "no short bangs",
        "bangs of degree 4 and a smile",
        "a big smile in the garden",
        "turn up the corners of the mouth",  # a change in our own grammar
    ],
)
def test_what_names_none(sentence):
    assert read_target(sentence) is None


def test_no_change_of_our_own_grammar_is_taken_for_a_target():
    for split in ("train", "test"):
        for wish in all_instructions(split):
            if (named := read_target(wish.text)) is None:
                continue
            every = [expected_degree(p, wish.direction, wish.degree) for p in range(6)]
            assert named == (wish.attribute, every[0]) and len(set(every)) == 1


def test_the_edit_is_sign_and_size_of_target_minus_current_degree():
    wish = Instruction("bangs of degree 4", 0, 1, 0, target=4)
    faces = [wish.settled(p) for p in range(6)]
    assert [(f.direction, f.degree) for f in faces] == [
        (1, 4),
        (1, 3),
        (1, 2),
        (1, 1),
        (1, 0),
        (-1, 1),
    ]
    assert [expected_degree(p, f.direction, f.degree) for p, f in enumerate(faces)] == [4] * 6
    degrees = torch.zeros(2, len(ATTRIBUTES)).long()
    degrees[1, 0] = 5
    change = Instruction("longer bangs", 0, 1, 2)
    assert settled([change, wish], degrees) == [change, wish.settled(5)]


@pytest.mark.parametrize(
    ("degree", "target", "message"),
    [(0, None, "degree must be"), (6, 3, "degree must be"), (0, 6, "target must be")],
)
def test_what_cannot_be_is_refused(degree, target, message):
    with pytest.raises(ValueError, match=message):
        Instruction("", 0, 1, degree, target)
