"""Names of systems: ``editable_deepsc`` and its variants ``editable_deepsc_WORD``,
``talk2edit+CODEC`` (edit first), ``CODEC+talk2edit``.

With ``talk2edit_released`` for ``talk2edit`` the editor is the one that its authors released.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

EDITABLE = "editable_deepsc"
EDITOR = "talk2edit"
RELEASED = "talk2edit_released"


@dataclass(frozen=True)
class SystemName:
    """``codec``: None for Editable-DeepSC; ``edits_at``: "both", "transmitter" or "receiver";
    ``editor``: ``EDITABLE``, ``EDITOR`` or ``RELEASED``.
    """

    name: str
    codec: str | None
    edits_at: str
    editor: str = EDITABLE


def parse_system(name: str) -> SystemName:
    """Take a system's name apart; ``ValueError`` says how names are made.

    Whether the codec, or the variant, exists is not asked here.
    """
    if name == EDITABLE or (name.startswith(f"{EDITABLE}_") and "+" not in name):
        return SystemName(name, None, "both")
    parts = name.split("+")
    editors = [part for part in parts if part in (EDITOR, RELEASED)]
    if len(parts) == 2 and len(editors) == 1 and all(parts):
        first, second = parts
        before = first == editors[0]
        place = "transmitter" if before else "receiver"
        return SystemName(name, second if before else first, place, editors[0])
    raise ValueError(
        f"system {name!r} is unknown; use {EDITABLE!r}, '{EDITOR}+CODEC' or 'CODEC+{EDITOR}'"
    )


def names_of(codecs: Iterable[str]) -> list[str]:
    """Editable-DeepSC, and of each codec both baselines: send, then edit; edit, then send."""
    codecs = list(codecs)
    return [EDITABLE, *(f"{c}+{EDITOR}" for c in codecs), *(f"{EDITOR}+{c}" for c in codecs)]
