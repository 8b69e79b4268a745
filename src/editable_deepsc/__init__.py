"""Editable-DeepSC: a face and a sentence go in, the edited face comes out at a receiver behind a
noisy channel (Chen et al., arXiv 2411.15702).

>>> import torch
>>> import editable_deepsc as ed
>>> images = ed.draw_faces(1, seed=7)
>>> system = ed.load_system("editable_deepsc", dataset="faces", snr_db=6)
>>> symbols = system.transmit(images, ["add a wide smile"])
>>> noisy, snr_db = ed.Channel()(symbols, 6.0, torch.Generator().manual_seed(0))
>>> edited = system.receive(noisy, snr_db)
>>> symbols.shape, edited.images.shape
(torch.Size([1, 128]), torch.Size([1, 3, 64, 64]))

``images`` may also be a path or a PIL image. ``system.deliver(images, sentences)`` does all three
steps and tells everything about them: how the sentence was understood, degrees before, expected and
reached, channel uses, seconds by stage.

The names: :data:`SYSTEMS`, :data:`CODECS` and :data:`DATASETS`.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .channel.fading import Channel as Channel
    from .data.draw import draw_faces as draw_faces
    from .systems.delivery import Delivery as Delivery
    from .systems.system import System as System
    from .zoo import load_network as load_network
    from .zoo import load_system as load_system

    SYSTEMS: tuple[str, ...]
    CODECS: tuple[str, ...]
    DATASETS: tuple[str, ...]

__all__ = [
    "CODECS",
    "DATASETS",
    "SYSTEMS",
    "Channel",
    "Delivery",
    "System",
    "__version__",
    "draw_faces",
    "load_network",
    "load_system",
]

try:
    __version__ = version("editable-deepsc")
except PackageNotFoundError:  # a copy of the source that nobody installed
    __version__ = "0+unknown"

_HOMES = {  # imported when first asked for: PyTorch takes seconds, and names need none of it
    "Channel": "channel.fading",
    "Delivery": "systems.delivery",
    "System": "systems.system",
    "draw_faces": "data.draw",
    "load_network": "zoo",
    "load_system": "zoo",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    if name in ("SYSTEMS", "CODECS", "DATASETS"):
        from .networks.manifest import systems
        from .systems.names import names_of

        entries = systems()
        codecs = dict.fromkeys(codec for entry in entries.values() for codec in entry["codecs"])
        return {
            "DATASETS": tuple(entries),
            "CODECS": tuple(codecs),
            "SYSTEMS": tuple(names_of(codecs)),
        }[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
