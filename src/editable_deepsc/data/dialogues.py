"""Dialogues about rendered faces, whose true pictures are known after every turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .attributes import ATTRIBUTES, MAX_DEGREE
from .faces import Faces
from .instructions import (
    DEFINITE_DEGREES,
    DIRECTIONS,
    INDEFINITE_DEGREE,
    Instruction,
    expected_degree,
    sample_instruction,
)


@dataclass(frozen=True)
class Script:
    """T turns about each of N faces, each turn about another attribute.

    ``wishes``: T times N instructions; ``expected`` long [T, N]: degree of the attribute of a turn
    behind it (eq 10, from the true degrees); ``faces``: T times the N true faces behind a turn.
    """

    wishes: list[list[Instruction]]
    expected: Tensor
    faces: list[Faces]

    @property
    def attribute(self) -> Tensor:
        """Long [T, N]: what each turn is about."""
        return torch.tensor([[wish.attribute for wish in turn] for turn in self.wishes])


def sample_script(
    faces: Faces, first: Sequence[Instruction], turns: int, generator: torch.Generator
) -> Script:
    """``turns`` turns about ``faces``, the first of them given, in held-out phrasings of the
    grammar.

    No wish is void; kinds and degrees are drawn as in
    :func:`.instructions.sample_instructions`, attributes without repetition. ``ValueError`` on
    more turns than attributes.
    """
    if not 1 <= turns <= len(ATTRIBUTES):
        raise ValueError(f"{turns} turns; from 1 to {len(ATTRIBUTES)} are possible")
    orders = [_order(wish.attribute, generator) for wish in first]
    wishes, expected, states = [], [], []
    for turn in range(turns):
        said = list(first)
        if turn:
            said = [
                _sample_wish(order[turn], row, generator)
                for order, row in zip(orders, faces.degrees.round().long().tolist(), strict=True)
            ]
        attribute = torch.tensor([wish.attribute for wish in said])
        before = faces.degrees.round().long()[torch.arange(len(said)), attribute]
        target = torch.tensor(
            [
                expected_degree(p, wish.direction, wish.degree)
                for p, wish in zip(before.tolist(), said)
            ]
        )
        faces = faces.with_degree(attribute, target)
        wishes.append(said)
        expected.append(target)
        states.append(faces)
    return Script(wishes, torch.stack(expected), states)


def _order(first: int, generator: torch.Generator) -> list[int]:
    """All attributes, ``first`` first."""
    others = torch.randperm(len(ATTRIBUTES), generator=generator).tolist()
    return [first, *(attribute for attribute in others if attribute != first)]


def _sample_wish(attribute: int, degrees: list[int], generator: torch.Generator) -> Instruction:
    def pick(values: Sequence[int]) -> int:
        return values[int(torch.randint(len(values), (), generator=generator))]

    p = degrees[attribute]
    direction = pick([d for d in DIRECTIONS if expected_degree(p, d, 1) != p])
    degree = pick([pick(DEFINITE_DEGREES), INDEFINITE_DEGREE, MAX_DEGREE])
    return sample_instruction(attribute, direction, degree, "test", generator)
