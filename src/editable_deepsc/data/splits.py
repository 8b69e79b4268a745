"""Data sets: embedded faces in four splits with disjoint identities, and the images of a folder; an
instruction for every face.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from .albums import least_side
from .annotations import of_image, read_boxes, read_labels
from .attributes import MAX_DEGREE
from .edit_requests import read_requests, requested
from .faces import Faces, render, sample_faces
from .instructions import Instruction, sample_instructions
from .photographs import read_image
from .pixels import to_uint8
from .seeds import seeded

SPLITS = ("train", "validation", "finetune", "test")


@dataclass(frozen=True)
class Split:
    """images and truths uint8 [N, 3, R, R]; truths are the true edited images of the
    instructions.
    """

    faces: Faces
    images: Tensor
    truths: Tensor
    instructions: list[Instruction]


def embedded_split(
    dataset: str, split: str, n: int, resolution: int, style: str, seed: int
) -> Split:
    """Draw ``n`` faces of a split. The draw depends on the data set's name and the split's, so no
    two splits share a face.
    """
    if split not in SPLITS:
        raise ValueError(f"split {split!r} is unknown; choose one of: {', '.join(SPLITS)}")
    rng = seeded(seed, dataset, split)
    faces = sample_faces(n, rng)
    instructions = sample_instructions(faces.degrees, "test" if split == "test" else "train", rng)
    attribute, direction, degree = columns(instructions)
    current = faces.degrees[torch.arange(n), attribute]
    edited = faces.with_degree(
        attribute, (current + direction * degree).clamp(0, MAX_DEGREE)
    )  # eq 10, on true degrees
    return Split(
        faces,
        to_uint8(render(faces, resolution, style)),
        to_uint8(render(edited, resolution, style)),
        instructions,
    )


def read_images(
    names: list[str], entry: Mapping, framings: Mapping[str, Mapping] | None = None
) -> Tensor:
    """The images ``names`` of a data set entry, uint8 [N, 3, R, R]; ``ValueError`` names the first
    that cannot be used.

    ``framings``: name -> how it is aligned, as :func:`.reframing.frame_files` says; the others are
    cut as the entry says.
    """
    from .reframing import read_cut  # with scipy, which rendered faces do not need

    framings = framings or {}
    resolution, boxes = entry["resolution"], read_boxes(entry["boxes"]) if "boxes" in entry else {}
    images = torch.empty(len(names), 3, resolution, resolution, dtype=torch.uint8)
    for image, name in zip(images, tqdm(names, desc="images", mininterval=5)):
        if "square" in framings.get(name, {}):
            aligned = read_cut(Path(entry["path"]) / name, framings[name], resolution)
            image.copy_(to_uint8(aligned))
            continue
        pixels = read_image(
            Path(entry["path"]) / name,
            resolution,
            entry.get("crop"),
            of_image(boxes, name),
            least_side(entry["source"], resolution),
        )
        image.copy_(to_uint8(pixels))
    return images


def published_degrees(names: list[str], entry: Mapping) -> Tensor:
    """The labels of images, float [N, 5] of whole numbers in 0..5."""
    labels = read_labels(entry["labels"], entry.get("turned", ()))
    degrees = [of_image(labels, name) for name in names]
    if None in degrees:
        raise ValueError(
            f"data: {entry['labels']} has no labels of {names[degrees.index(None)]} any more; "
            "choose the images again (delete their files.json)"
        )
    return torch.tensor(degrees).float()


def instructions_for(
    names: list[str], degrees: Tensor, entry: Mapping, dataset: str, split: str, seed: int
) -> list[Instruction | None]:
    """The published requests of images where the entry gives them, otherwise sentences of our
    grammar that suit ``degrees`` [N, 5].
    """
    if "requests" not in entry:
        rng = seeded(seed, dataset, split, "instructions")
        return [*sample_instructions(degrees, "test" if split == "test" else "train", rng)]
    requests = read_requests(entry["requests"], entry.get("sentences"))
    instructions = [
        requested(of_image(requests, name) or {}, tuple(row))
        for name, row in zip(names, degrees.long().tolist())
    ]
    if None in instructions:
        raise ValueError(
            f"data: {entry['requests']} asks nothing of {names[instructions.index(None)]} any "
            "more; choose the images again (delete their files.json)"
        )
    return instructions


def columns(instructions: list[Instruction]) -> tuple[Tensor, Tensor, Tensor]:
    """attribute, direction and degree of instructions, each long [N]."""
    table = torch.tensor(
        [[i.attribute, i.direction, i.degree] for i in instructions], dtype=torch.long
    ).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]
