"""The instruction grammar: counts, splits, equation 10, and sampling."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from editable_deepsc.data.attributes import ATTRIBUTES, MAX_DEGREE
from editable_deepsc.data.instructions import (
    DIRECTIONS,
    KINDS,
    SPLITS,
    Instruction,
    all_instructions,
    expected_degree,
    phrasings,
    sample_instruction,
    sample_instructions,
    templates,
)
from editable_deepsc.data.offtopic import OFF_TOPIC_DEV, OFF_TOPIC_TEST, sample_off_topic
from editable_deepsc.data.phrases import TEMPLATES


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_forty_distinct_templates_per_attribute(name):
    patterns = {p for d in DIRECTIONS for group in TEMPLATES[name, d] for p in group}
    assert len(patterns) >= 40


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_attribute_direction_and_kind_is_in_both_splits(split, kind):
    degrees = {"target": {5}, "definite": {1, 2, 3, 4}, "indefinite": {1}}[kind]
    for attribute in range(len(ATTRIBUTES)):
        for direction in DIRECTIONS:
            found = phrasings(attribute, direction, kind, split)
            assert {i.degree for i in found} == degrees
            assert {(i.attribute, i.direction) for i in found} == {(attribute, direction)}


def test_no_sentence_is_in_both_splits_or_has_two_meanings():
    sentences = [i.text for split in SPLITS for i in all_instructions(split)]
    assert len(sentences) == len(set(sentences))


def test_held_out_templates_use_known_words_only():
    assert 0.15 < len(templates("test")) / sum(len(templates(s)) for s in SPLITS) < 0.25
    for attribute in range(len(ATTRIBUTES)):
        known = {w for t in templates("train") if t.attribute == attribute for w in t.words}
        for template in templates("test"):
            if template.attribute == attribute:
                assert template.words <= known


def test_sentences_are_clean():
    for split in SPLITS:
        for instruction in all_instructions(split):
            assert not set("{}") & set(instruction.text)
            assert instruction.text == " ".join(instruction.text.split())


@given(st.integers(0, MAX_DEGREE), st.sampled_from(DIRECTIONS), st.integers(1, MAX_DEGREE))
def test_equation_10_is_counting_in_steps_that_stop_at_the_ends(current, direction, degree):
    reached = current
    for _ in range(degree):
        if 0 <= reached + direction <= MAX_DEGREE:
            reached += direction
    assert expected_degree(current, direction, degree) == reached
    of_tensors = expected_degree(
        torch.tensor([current]), torch.tensor([direction]), torch.tensor([degree])
    )
    assert of_tensors.tolist() == [reached]
    assert of_tensors.dtype == torch.int64


def test_a_target_reaches_the_extreme_from_everywhere():
    for current in range(MAX_DEGREE + 1):
        assert expected_degree(current, 1, MAX_DEGREE) == MAX_DEGREE
        assert expected_degree(current, -1, MAX_DEGREE) == 0


@given(st.integers(0, 4), st.sampled_from(DIRECTIONS), st.integers(1, 5), st.sampled_from(SPLITS))
def test_sample_instruction_says_what_it_was_asked_to_say(attribute, direction, degree, split):
    generator = torch.Generator().manual_seed(attribute)
    drawn = sample_instruction(attribute, direction, degree, split, generator)
    assert (drawn.attribute, drawn.direction, drawn.degree) == (attribute, direction, degree)


def test_sampled_edits_are_never_void_and_cover_everything():
    generator = torch.Generator().manual_seed(0)
    degrees = torch.randint(0, 2, (1000, 5), generator=generator) * 5.0  # every face at an extreme
    drawn = sample_instructions(degrees, "train", generator)
    for row, instruction in zip(degrees.long().tolist(), drawn, strict=True):
        current = row[instruction.attribute]
        moved = expected_degree(current, instruction.direction, instruction.degree)
        assert abs(moved - current) >= 1
    assert {i.attribute for i in drawn} == set(range(len(ATTRIBUTES)))
    assert {i.degree for i in drawn} == {1, 2, 3, 4, 5}


def test_sampling_depends_on_the_seed_alone():
    degrees = torch.rand(50, 5, generator=torch.Generator().manual_seed(3)) * 5

    def draw(seed):
        return sample_instructions(degrees, "test", torch.Generator().manual_seed(seed))

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    assert set(i.text for i in draw(1)) <= set(i.text for i in all_instructions("test"))


@pytest.mark.parametrize("values", [(5, 1, 1), (-1, 1, 1), (0, 0, 1), (0, 1, 0), (0, 1, 6)])
def test_values_out_of_range_are_refused(values):
    with pytest.raises(ValueError, match="must be"):
        Instruction("", *values)
    with pytest.raises(ValueError, match="must be"):
        sample_instruction(*values, "train", torch.Generator())


def test_unknown_split_and_kind_are_refused():
    with pytest.raises(ValueError, match="choose one of: train, test"):
        templates("validation")
    with pytest.raises(ValueError, match="choose one of: target, definite, indefinite"):
        phrasings(0, 1, "vague", "train")


def test_off_topic_sentences():
    assert len(set(OFF_TOPIC_TEST)) == 200
    assert not set(OFF_TOPIC_TEST) & set(OFF_TOPIC_DEV)
    drawn = sample_off_topic(2000, seed=0)
    assert drawn == sample_off_topic(2000, seed=0)
    assert drawn != sample_off_topic(2000, seed=1)
    assert not set(drawn) & {i.text for split in SPLITS for i in all_instructions(split)}
