"""Editing instructions: free English sentences that name one attribute, a direction and a degree.

After CelebA-Dialog and Talk-to-Edit, a phrasing is of one of three kinds:

    target      to an extreme          "take the glasses off completely"   degree 5 (eq 10 clamps)
    definite    by a stated amount     "make the bangs slightly longer"    degree 1, 2, 3 or 4
    indefinite  by an unstated amount  "make the bangs longer"             degree 1

A sentence is an opening ("can you", may be empty) and a phrasing; a phrasing is a template whose
slot is filled with an adverb (definite) or left out (indefinite). About a fifth of the *templates*
is held out for testing, with every adverb, so that no test phrasing differs from a training
phrasing by its adverb alone; every word of a held-out template does occur in the training templates
of its attribute.
"""

from __future__ import annotations

import functools
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from .attributes import ATTRIBUTES, MAX_DEGREE
from .phrases import ADVERBS, REQUEST_OPENINGS, TEMPLATES, WISH_OPENINGS

KINDS = ("target", "definite", "indefinite")
SPLITS = ("train", "test")
DIRECTIONS = (-1, 1)
INDEFINITE_DEGREE = 1  # Talk-to-Edit: an unstated amount is one degree
DEFINITE_DEGREES = (1, 2, 3, 4)
HELD_OUT_SHARE = 0.2
SPLIT_SEED = 2024


@dataclass(frozen=True)
class Instruction:
    """What equation 2 extracts from a sentence: attribute ``a``, direction ``d``, degree ``m``.

    ``attribute`` indexes ``ATTRIBUTES``, ``direction`` is -1 or +1, ``degree`` is 1..5.

    A sentence that names a degree to arrive at ("bangs of degree 4") has that as its ``target``,
    0..5. Which way that is and how far depends on the face: until it is :meth:`settled`, its
    direction is 1 and its degree 0.
    """

    text: str
    attribute: int
    direction: int
    degree: int
    target: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.attribute < len(ATTRIBUTES):
            raise ValueError(f"attribute must be 0..{len(ATTRIBUTES) - 1}, not {self.attribute}")
        if self.direction not in DIRECTIONS:
            raise ValueError(f"direction must be -1 or 1, not {self.direction}")
        if not (self.target is None) <= self.degree <= MAX_DEGREE:
            raise ValueError(f"degree must be 1..{MAX_DEGREE}, not {self.degree}")
        if self.target is not None and not 0 <= self.target <= MAX_DEGREE:
            raise ValueError(f"target must be 0..{MAX_DEGREE}, not {self.target}")

    def settled(self, current: int) -> Instruction:
        """The same for a face of degree ``current``: towards a target by as much as lacks, as
        Talk-to-Edit's released code has it; degree 0 where it is there already.
        """
        if self.target is None:
            return self
        change = self.target - current
        return replace(self, direction=1 if change >= 0 else -1, degree=abs(change))


def settled(instructions: Sequence[Instruction], degrees: Tensor) -> list[Instruction]:
    """Instructions for faces of integer ``degrees`` [N, 5]: targets as changes (eq 10)."""
    rows = degrees.tolist()
    return [wish.settled(row[wish.attribute]) for wish, row in zip(instructions, rows, strict=True)]


def expected_degree(current, direction, degree):
    """Equation 10: ``e = min(max(p_a + d m, 0), C)``, for integers or for tensors of one shape."""
    moved = current + direction * degree
    if isinstance(moved, Tensor):
        return moved.clamp(0, MAX_DEGREE)
    return min(max(moved, 0), MAX_DEGREE)


class _Template(NamedTuple):
    pattern: str
    attribute: int
    direction: int
    is_target: bool
    is_request: bool

    @property
    def words(self) -> frozenset[str]:
        return frozenset(re.sub(r"\{.\}|[^a-z' ]", "", self.pattern).split())


def _fill(pattern: str, adverb: str) -> str:
    """The template with its slot filled; an empty adverb leaves no double space."""
    return " ".join(re.sub(r"\{.\}", adverb, pattern).split())


@functools.cache
def templates(split: str) -> tuple[_Template, ...]:
    """Templates of ``split`` ("train" or "test"); ``ValueError`` for another name."""
    if split not in SPLITS:
        raise ValueError(f"split {split!r} is unknown; choose one of: {', '.join(SPLITS)}")
    shuffler = random.Random(SPLIT_SEED)
    held_out: list[_Template] = []
    kept: list[_Template] = []
    for attribute, name in enumerate(ATTRIBUTES):
        groups = []
        for direction in DIRECTIONS:
            entry = TEMPLATES[name, direction]
            for is_target, requests, wishes in (
                (False, entry.changes, entry.change_wishes),
                (True, entry.targets, entry.target_wishes),
            ):
                groups.append(
                    [_Template(p, attribute, direction, is_target, True) for p in requests]
                    + [_Template(p, attribute, direction, is_target, False) for p in wishes]
                )
        # A template may be held out only while each of its words stays in the training templates
        # of the attribute: what is tested is new sentences, not new words.
        uses = Counter(word for group in groups for t in group for word in t.words)
        for group in groups:
            wanted = max(1, round(HELD_OUT_SHARE * len(group)))
            chosen: list[_Template] = []
            for template in shuffler.sample(group, len(group)):
                if len(chosen) < wanted and all(uses[word] > 1 for word in template.words):
                    uses.subtract(template.words)
                    chosen.append(template)
            held_out += chosen
            kept += [template for template in group if template not in chosen]
    return tuple(kept if split == "train" else held_out)


def _realise(template: _Template, kind: str) -> list[Instruction]:
    """Every phrasing of ``kind`` that the template yields, without an opening."""
    make = functools.partial(
        Instruction, attribute=template.attribute, direction=template.direction
    )
    if template.is_target != (kind == "target"):
        return []
    if kind == "target":
        return [make(template.pattern, degree=MAX_DEGREE)]
    if kind == "indefinite":
        return [make(_fill(template.pattern, ""), degree=INDEFINITE_DEGREE)]
    return [
        make(_fill(template.pattern, adverb), degree=degree)
        for slot in re.findall(r"\{(.)\}", template.pattern)
        for degree, adverbs in ADVERBS[slot].items()
        for adverb in adverbs
    ]


@functools.cache
def _sentences(
    attribute: int, direction: int, kind: str, split: str
) -> tuple[tuple[Instruction, bool], ...]:
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is unknown; choose one of: {', '.join(KINDS)}")
    return tuple(
        (instruction, template.is_request)
        for template in templates(split)
        if (template.attribute, template.direction) == (attribute, direction)
        for instruction in _realise(template, kind)
    )


def phrasings(attribute: int, direction: int, kind: str, split: str) -> tuple[Instruction, ...]:
    """Phrasings, without opening, of one attribute (0..4), direction (-1, +1), kind and split."""
    return tuple(instruction for instruction, _ in _sentences(attribute, direction, kind, split))


@functools.cache
def plain_sentence(attribute: int, direction: int, degree: int) -> str:
    """A sentence that means (attribute 0..4, direction -1 or +1, degree 1..5), always the same:
    what to type for it. ``ValueError`` for values outside these ranges.
    """
    Instruction("", attribute, direction, degree)  # refuses values out of range
    kinds = {1: "indefinite", MAX_DEGREE: "target"}
    found = [
        instruction.text
        for instruction in phrasings(attribute, direction, kinds.get(degree, "definite"), "train")
        if instruction.degree == degree
    ]
    persons = {"her", "him", "his", "she", "he"}
    return min(found, key=lambda text: bool(persons & set(text.split())))


def _open(instruction: Instruction, opening: str) -> Instruction:
    return replace(instruction, text=f"{opening} {instruction.text}".strip())


def _openings(is_request: bool) -> tuple[str, ...]:
    return REQUEST_OPENINGS if is_request else WISH_OPENINGS


def all_instructions(split: str) -> list[Instruction]:
    """Every phrasing of ``split`` behind every opening that suits it."""
    return [
        _open(instruction, opening)
        for attribute in range(len(ATTRIBUTES))
        for direction in DIRECTIONS
        for kind in KINDS
        for instruction, is_request in _sentences(attribute, direction, kind, split)
        for opening in _openings(is_request)
    ]


def _pick(count: int, generator: torch.Generator) -> int:
    return int(torch.randint(count, (), generator=generator))


def _draw(
    attribute: int, direction: int, kind: str, degree: int, split: str, generator: torch.Generator
) -> Instruction:
    """One phrasing of the given kind and degree behind a random opening."""
    choices = [
        (instruction, is_request)
        for instruction, is_request in _sentences(attribute, direction, kind, split)
        if instruction.degree == degree
    ]
    instruction, is_request = choices[_pick(len(choices), generator)]
    openings = _openings(is_request)
    return _open(instruction, openings[_pick(len(openings), generator)])


def sample_instruction(
    attribute: int, direction: int, degree: int, split: str, generator: torch.Generator
) -> Instruction:
    """A random sentence that means (attribute 0..4, direction -1 or +1, degree 1..5).

    Degree 1 is said with an indefinite or a slight phrasing (even odds), degree 5 with a target.
    ``ValueError`` for values outside these ranges.
    """
    Instruction("", attribute, direction, degree)  # refuses values out of range
    if degree == MAX_DEGREE:
        kind = "target"
    elif degree == INDEFINITE_DEGREE and _pick(2, generator):
        kind = "indefinite"
    else:
        kind = "definite"
    return _draw(attribute, direction, kind, degree, split, generator)


def sample_instructions(
    degrees: Tensor, split: str, generator: torch.Generator
) -> list[Instruction]:
    """One random instruction per face of ``degrees`` [N, 5] in [0, 5], none of them void.

    Attribute and kind are uniform, the degree of a definite change is uniform on 1..4, and the
    direction is uniform among those that can move the rounded degree by at least one.
    """
    instructions = []
    for row in degrees.round().long().tolist():
        attribute = _pick(len(ATTRIBUTES), generator)
        roomy = [d for d in DIRECTIONS if expected_degree(row[attribute], d, 1) != row[attribute]]
        direction = roomy[_pick(len(roomy), generator)]
        kind = KINDS[_pick(len(KINDS), generator)]
        degree = {
            "target": MAX_DEGREE,
            "indefinite": INDEFINITE_DEGREE,
            "definite": DEFINITE_DEGREES[_pick(len(DEFINITE_DEGREES), generator)],
        }[kind]
        instructions.append(_draw(attribute, direction, kind, degree, split, generator))
    return instructions
