"""One factory: every system, and each of its ends, from its name, its networks, codec and settings.

The sweep, the ablations, Table VI, the information study, the command line and the tests build
here, so that all of them mean the same system.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..codecs.base import Codec
from ..editing.editor import Editor, EditSettings, ImageEditor
from ..editing.inversion import DistanceTo
from ..editing.released.editor import ReleasedEditor, ReleasedSettings
from ..networks.encoder import LatentEncoder
from ..networks.jecc import SemanticFields
from ..networks.predictor import AttributePredictor
from ..networks.stylegan2 import Generator
from ..networks.text_encoder import TextEncoder
from .editable_deepsc import ENDS, Adapters, EditableReceiver, EditableTransmitter
from .names import SystemName, parse_system
from .separate import CodecReceiver, CodecTransmitter, EditingReceiver
from .system import System

Settings = EditSettings | ReleasedSettings

EDITOR_NETWORKS = ("generator", "predictor", "fields", "text_encoder", "perceptual")


@dataclass(frozen=True)
class SystemNetworks:
    """The networks of a system, all on one device. An end needs some of them only; None elsewhere.

    ``fields`` are those of the system's editor, ``perceptual`` is LPIPS to a target (eq 8),
    ``encoder`` is for inversions that start from one, ``adapters`` are by the SNR in dB that they
    were fine-tuned for.
    """

    generator: Generator | None = None
    predictor: AttributePredictor | None = None
    fields: SemanticFields | None = None
    text_encoder: TextEncoder | None = None
    perceptual: DistanceTo | None = None
    encoder: LatentEncoder | None = None
    adapters: Adapters = field(default_factory=dict)


def build_editor(
    networks: SystemNetworks, settings: EditSettings, checkpoint: Path | None = None
) -> Editor:
    """The editor that ``networks`` make up. ``ValueError`` on a part of one: it names what is
    missing.
    """
    parts = _parts_of_editor(networks, settings)
    return Editor(**parts, settings=settings, encoder=networks.encoder, checkpoint=checkpoint)


def build_released_editor(
    networks: SystemNetworks, settings: ReleasedSettings, checkpoint: Path | None = None
) -> ReleasedEditor:
    """Talk-to-Edit as released, of ``networks``; ``ValueError`` as for :func:`build_editor`."""
    parts = _parts_of_editor(networks, settings)
    return ReleasedEditor(**parts, settings=settings, checkpoint=checkpoint)


def _any_editor(
    networks: SystemNetworks, settings: Settings | None, checkpoint: Path | None
) -> ImageEditor | None:
    """The editor whose ``settings`` these are; None without ``fields``."""
    if networks.fields is None:
        return None
    if isinstance(settings, ReleasedSettings):
        return build_released_editor(networks, settings, checkpoint)
    _parts_of_editor(networks, settings)
    assert settings is not None
    return build_editor(networks, settings, checkpoint)


def _parts_of_editor(networks: SystemNetworks, settings: Settings | None) -> dict[str, Any]:
    given = {f.name: getattr(networks, f.name) for f in fields(networks)}
    missing = [name for name in EDITOR_NETWORKS if given[name] is None]
    if missing or settings is None:
        absent = ", ".join(missing) or "settings"
        raise ValueError(f"an editor needs {', '.join(EDITOR_NETWORKS)} and settings; not {absent}")
    return {name: given[name] for name in EDITOR_NETWORKS}


def build_transmitter(
    name: str,
    networks: SystemNetworks = SystemNetworks(),
    codec: Codec | None = None,
    settings: Settings | None = None,
    checkpoint: Path | None = None,
    repeats: int = 1,
) -> EditableTransmitter | CodecTransmitter:
    """The transmitter of a system, of what it needs and nothing else.

    Editable-DeepSC takes ``adapters``, the others a ``codec``. Where this end edits, ``networks``
    with ``fields`` give it an editor; without, it sends what was edited already (``send``).
    ``repeats``: how often Editable-DeepSC sends its symbols. ``ValueError`` on an unknown name or a
    missing part.
    """
    system = parse_system(name)
    editor = None
    if system.edits_at != "receiver":
        editor = _any_editor(networks, settings, checkpoint)
    if system.codec is not None:
        return CodecTransmitter(_codec(system, codec), editor)
    if isinstance(editor, ReleasedEditor):
        raise ValueError(f"{name} edits the latents that it sends, not with a released editor")
    assert editor is None or isinstance(editor, Editor)
    transmitter, _ = ENDS.get(name, (EditableTransmitter, EditableReceiver))
    return transmitter(editor, _adapters(system, networks), repeats)


def build_receiver(
    name: str,
    networks: SystemNetworks = SystemNetworks(),
    codec: Codec | None = None,
    settings: Settings | None = None,
    checkpoint: Path | None = None,
    repeats: int = 1,
) -> EditableReceiver | CodecReceiver | EditingReceiver:
    """The receiver of a system, of what it needs and nothing else.

    Editable-DeepSC takes ``generator`` and ``adapters``, the others a ``codec``, and the one that
    edits at the receiver an editor's networks and ``settings``. ``repeats``: as at the transmitter.
    ``ValueError`` on an unknown name or a missing part.
    """
    system = parse_system(name)
    if system.codec is None:
        if networks.generator is None:
            raise ValueError(f"the receiver of {name} needs a generator")
        _, receiver = ENDS.get(name, (EditableTransmitter, EditableReceiver))
        return receiver(networks.generator, _adapters(system, networks), repeats)
    if system.edits_at == "transmitter":
        return CodecReceiver(_codec(system, codec))
    editor = _any_editor(networks, settings, checkpoint)
    if editor is None:
        raise ValueError(f"the receiver of {name} edits: it needs fields")
    return EditingReceiver(_codec(system, codec), editor)


def build_system(
    name: str,
    networks: SystemNetworks,
    codec: Codec | None = None,
    settings: Settings | None = None,
    *,
    snr_db: float,
    seed: int = 0,
    repeats: int = 1,
) -> System:
    """Both ends of a system for a link whose average SNR is ``snr_db`` (dB).

    ``seed``: of the random starts of inversions; ``repeats``: how often Editable-DeepSC sends its
    symbols. ``ValueError`` as for either end, or without ``fields``.
    """
    transmitter = build_transmitter(name, networks, codec, settings, repeats=repeats)
    receiver = build_receiver(name, networks, codec, settings, repeats=repeats)
    return System(parse_system(name), transmitter, receiver, snr_db, seed)


def _adapters(system: SystemName, networks: SystemNetworks) -> Adapters:
    if not networks.adapters:
        raise ValueError(f"{system.name} needs the adapters of at least one SNR")
    return networks.adapters


def _codec(system: SystemName, codec: Codec | None) -> Codec:
    if codec is None:
        raise ValueError(f"{system.name} needs a codec: {system.codec}")
    return codec
