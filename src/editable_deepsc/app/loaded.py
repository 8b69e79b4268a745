"""What the page loads once and everybody reads: the systems of a data set, and judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import lpips
import torch
from torch import Tensor

from ..editing.editor import Editor
from ..evaluation.measure.distances import lpips_of
from ..evaluation.publish.names import system_order
from ..networks.manifest import systems as bundled
from ..systems.names import EDITABLE, EDITOR
from ..systems.system import System
from ..zoo import load_network, load_systems, system_names


@dataclass(frozen=True)
class Judges:
    """``lpips``: distance of two images in [-1, 1]. ``evaluator``: images to degree logits
    [N, 5, 6]; it never guided an edit. ``recogniser``: images to unit embeddings [N, E].
    """

    lpips: lpips.LPIPS
    evaluator: Callable[[Tensor], Tensor]
    recogniser: Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class LoadedSystems:
    """``systems`` by name, all of one data set and on one device, in the order of the page.

    ``style``: of the renderer; None where only photographs fit the networks. ``snrs``: those in dB
    that adapters were fine-tuned for. ``example`` [1, 3, R, R]: what the page opens with where no
    face can be drawn.
    """

    dataset: str
    systems: Mapping[str, System]
    judges: Judges
    style: str | None
    snrs: tuple[float, ...]
    example: Tensor | None = None

    @property
    def editors(self) -> dict[str, Editor]:
        """The distinct editors: that of Editable-DeepSC, and Talk-to-Edit's, which all baselines
        share. All invert alike; their fields differ.
        """
        editors: dict[str, Editor] = {}
        for name, system in self.systems.items():
            if not isinstance(system.editor, Editor):
                raise ValueError(f"app: {name} does not edit wish by wish; leave it out")
            editors[editor_name(name)] = system.editor
        return editors

    @property
    def reporter(self) -> str:
        """The editor whose degrees are reported: Editable-DeepSC's where it is loaded."""
        return EDITABLE if EDITABLE in self.systems else EDITOR

    @property
    def editor(self) -> Editor:
        """The editor of :attr:`reporter`."""
        return self.editors[self.reporter]

    @property
    def resolution(self) -> int:
        """Side of an image, in pixels."""
        return self.editor.generator.resolution

    @property
    def device(self) -> torch.device:
        return next(self.editor.generator.parameters()).device


def editor_name(system: str) -> str:
    """Whose fields a system edits with."""
    return EDITABLE if system == EDITABLE else EDITOR


def page_order(names: Mapping | list[str]) -> list[str]:
    """Editable-DeepSC first, then the others in the paper's order."""
    return sorted(system_order(names), key=lambda name: name != EDITABLE)


def load(
    dataset: str = "faces",
    device: str | torch.device = "cpu",
    weights: str | Path | None = None,
    inversion: str | None = None,
) -> LoadedSystems:
    """The systems of a data set that ship with the package, and its judges.

    Arguments as for :func:`~editable_deepsc.zoo.load_system`; ``ValueError`` as there.
    """
    names = page_order(system_names(dataset))
    systems = load_systems(names, dataset, 6, device, weights, inversion)
    entry = bundled()[dataset]
    roles = {
        role: load_network(entry["networks"][role], device)
        for role in ("perceptual", "evaluator", "recogniser")
    }
    judges = Judges(lpips_of(roles["perceptual"]), roles["evaluator"], roles["recogniser"])
    return LoadedSystems(dataset, systems, judges, entry["style"], tuple(entry["snr_db"]))
