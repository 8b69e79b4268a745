"""The batches of an inversion that are done, kept in a file so that a killed run continues."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

import torch
from torch import Tensor

from ..data.storage import whole

Key = TypeVar("Key", int, str)


class FinishedBatches(Generic[Key]):
    """What is known of the images that are inverted, batch after batch: tensors [N, ...] by
    ``keys``, such as the latents after so many iterations.

    With ``checkpoint``, the stem of a file's name, they are written after every batch, and those of
    a killed run are read. The name carries the images and the state of ``rng``, so that several
    inversions of one job do not take each other's. The caller removes the file.
    """

    def __init__(
        self, keys: Iterable[Key], checkpoint: Path | None, images: Tensor, rng: torch.Generator
    ):
        self.file: Path | None = None
        self.parts: dict[Key, list[Tensor]] = {key: [] for key in keys}
        if checkpoint is None:
            return
        digest = hashlib.sha256(rng.get_state().numpy().data)
        digest.update(images.cpu().contiguous().numpy().data)
        name = f"{checkpoint.name}.{digest.hexdigest()[:12]}.inversion"
        self.file = checkpoint.with_name(name)
        if self.file.exists():
            kept = torch.load(self.file, weights_only=True, map_location=images.device)["kept"]
            self.parts = kept

    def __len__(self) -> int:
        """The number of images that are done."""
        return sum(map(len, next(iter(self.parts.values()))))

    def add(self, batch: Mapping[Key, Tensor]) -> None:
        """Take over the tensors [n, ...] of a batch for every key, and write all of them."""
        for key, parts in self.parts.items():
            parts.append(batch[key])
        if self.file is not None:
            with whole(self.file) as temporary:
                torch.save({"kept": self.parts}, temporary)

    def of(self, key: Key, none: Tensor) -> Tensor:
        """The tensors of all batches, [N, ...]; ``none`` [0, ...] where there are no images."""
        return torch.cat(self.parts[key]) if self.parts[key] else none
