"""Data sets: nobody is in two splits, the truth is the true edit, and test sentences are new."""

from __future__ import annotations

import pytest
import torch

from editable_deepsc.data.faces import Faces, render
from editable_deepsc.data.instructions import Instruction, all_instructions
from editable_deepsc.data.pixels import to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.splits import SPLITS, columns, embedded_split

N, RESOLUTION = 24, 16


def split(dataset: str = "faces", name: str = "test", style: str = "photo", seed: int = 1):
    return embedded_split(dataset, name, N, RESOLUTION, style, seed)


@pytest.fixture(scope="module")
def test_split():
    return split()


def test_no_two_splits_and_no_two_data_sets_share_a_face():
    factors = torch.cat(
        [
            split(dataset, name).faces.factors
            for dataset in ("faces", "paintings")
            for name in SPLITS
        ]
    )
    assert len(factors.unique(dim=0)) == 2 * len(SPLITS) * N
    # Not only whole rows: single factors of the same index must not repeat from a shared draw
    # either.
    assert len(factors[:, 0].unique()) > 0.95 * len(factors)


def test_the_truth_is_the_same_face_with_the_expected_degree(test_split):
    assert torch.equal(test_split.images, to_uint8(render(test_split.faces, RESOLUTION)))
    degrees = test_split.faces.degrees.clone()
    for row, instruction in zip(degrees, test_split.instructions):  # eq 10, written out
        moved = float(row[instruction.attribute]) + instruction.direction * instruction.degree
        row[instruction.attribute] = min(max(moved, 0.0), 5.0)
    assert torch.equal(
        test_split.truths, to_uint8(render(Faces(test_split.faces.factors, degrees), RESOLUTION))
    )


def test_every_instruction_has_a_visible_truth(test_split):
    assert (test_split.images != test_split.truths).flatten(1).any(1).all()


def test_test_sentences_are_not_in_the_training_phrasings(test_split):
    training = {i.text for i in all_instructions("train")}
    assert not training & {i.text for i in test_split.instructions}
    assert {i.text for i in split(name="train").instructions} <= training


def test_the_seed_decides_everything(test_split):
    again, other = split(), split(seed=2)
    assert torch.equal(again.images, test_split.images) and torch.equal(
        again.truths, test_split.truths
    )
    assert again.instructions == test_split.instructions
    assert (
        not torch.equal(other.images, test_split.images)
        and other.instructions != test_split.instructions
    )


def test_the_style_reaches_image_and_truth(test_split):
    painting = split(style="painting")
    assert torch.equal(painting.faces.factors, test_split.faces.factors)
    for a, b in ((painting.images, test_split.images), (painting.truths, test_split.truths)):
        assert (a.float() - b.float()).abs().mean() > 10


def test_unknown_split_names_the_known_ones():
    with pytest.raises(ValueError, match="'dev'.*train, validation, finetune, test"):
        split(name="dev")


def test_columns_take_instructions_apart():
    attribute, direction, degree = columns([Instruction("a", 2, -1, 3), Instruction("b", 4, 1, 5)])
    assert (attribute.tolist(), direction.tolist(), degree.tolist()) == ([2, 4], [-1, 1], [3, 5])


def test_columns_of_no_instructions_can_still_index():
    for column in columns([]):
        assert column.shape == (0,) and column.dtype == torch.long


def test_seeds_by_name_are_the_same_on_every_machine():
    draws = torch.randint(1 << 30, (3,), generator=seeded(7, "faces", "test"))
    assert draws.tolist() == [132149902, 956413410, 544676810]


def test_different_names_are_different_seeds():
    names = [
        (7, "faces", "test"),
        (7, "faces", "train"),
        (8, "faces", "test"),
        (7, "test", "faces"),
    ]
    assert len({seeded(*parts).initial_seed() for parts in names}) == len(names)
