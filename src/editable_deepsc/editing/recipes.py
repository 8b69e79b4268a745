"""The named recipes of inversion, and where each of them starts. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RECIPES = {  # name -> its start
    "paper": "random",
    "searched": "searched",
    "refined": "encoder",
    "encoder": "encoder",
}


def inversion_options(section: Mapping[str, Any], name: str | None = None) -> dict[str, Any]:
    """Arguments of :class:`.inversion.InversionRecipe` for a recipe of these ``RECIPES``.

    ``section``: ``rate`` and ``perceptual_weight`` of all of them, the arguments of each by its
    name, and under ``recipe`` the one that a ``name`` of None stands for. ``ValueError`` lists the
    known names.
    """
    name = name or section["recipe"]
    if name not in RECIPES:
        known = ", ".join(RECIPES)
        raise ValueError(f"inversion recipe {name!r} is unknown; choose one of: {known}")
    common = {key: section[key] for key in ("rate", "perceptual_weight")}
    return common | {"start": RECIPES[name]} | section[name]
