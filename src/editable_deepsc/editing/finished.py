"""The batches of an inversion that are done, kept in a file so that a killed run continues."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from torch import Tensor

from ..data.storage import whole


class FinishedBatches:
    """{iterations: latents} of the images that are inverted, batch after batch.

    With ``checkpoint``, the stem of a file's name, they are written after every batch, and those of
    a killed run are read. The name carries the images and the state of ``rng``, so that several
    inversions of one job do not take each other's. The caller removes the file.
    """

    def __init__(
        self, stops: list[int], checkpoint: Path | None, images: Tensor, rng: torch.Generator
    ):
        self.file: Path | None = None
        self.parts: dict[int, list[Tensor]] = {q: [] for q in stops}
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

    def add(self, latents: dict[int, Tensor]) -> None:
        """Take over the latents [n, k] of a batch for every count, and write all of them."""
        for q, parts in self.parts.items():
            parts.append(latents[q])
        if self.file is not None:
            with whole(self.file) as temporary:
                torch.save({"kept": self.parts}, temporary)

    def latents(self, none: Tensor) -> dict[int, Tensor]:
        """All latents [N, k] for every count; ``none`` [0, k] where there are no images."""
        return {q: torch.cat(parts) if parts else none for q, parts in self.parts.items()}
