"""Data sets of embedded faces: four splits with disjoint identities, and an instruction for every test face."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .attributes import MAX_DEGREE
from .faces import Faces, render, sample_faces, to_uint8
from .instructions import Instruction, sample_instructions
from .seeds import seeded

SPLITS = ("train", "validation", "finetune", "test")


@dataclass(frozen=True)
class Split:
    """images and truths uint8 [N, 3, R, R]; truths are the true edited images of the instructions."""

    faces: Faces
    images: Tensor
    truths: Tensor
    instructions: list[Instruction]


def embedded_split(dataset: str, split: str, n: int, resolution: int, style: str, seed: int) -> Split:
    """Draw ``n`` faces of a split. The draw depends on the data set's name and the split's, so no two splits share a face."""
    if split not in SPLITS:
        raise ValueError(f"split {split!r} is unknown; choose one of: {', '.join(SPLITS)}")
    rng = seeded(seed, dataset, split)
    faces = sample_faces(n, rng)
    instructions = sample_instructions(faces.degrees, "test" if split == "test" else "train", rng)
    attribute, direction, degree = columns(instructions)
    current = faces.degrees[torch.arange(n), attribute]
    edited = faces.with_degree(attribute, (current + direction * degree).clamp(0, MAX_DEGREE))  # eq 10, on true degrees
    return Split(faces, to_uint8(render(faces, resolution, style)), to_uint8(render(edited, resolution, style)), instructions)


def columns(instructions: list[Instruction]) -> tuple[Tensor, Tensor, Tensor]:
    """attribute, direction and degree of instructions, each long [N]."""
    table = torch.tensor([[i.attribute, i.direction, i.degree] for i in instructions], dtype=torch.long).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]
