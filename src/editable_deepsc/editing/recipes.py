"""The named recipes of inversion, and where each of them starts. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RECIPES = {  # name -> its start; a searched one is the guess of an encoder where there is one
    "paper": "random",
    "searched": "searched",
    "refined": "encoder",
    "encoder": "encoder",
}


UNGUIDED = ("starts", "trial", "noise")  # what only the search among random faces has


def inversion_options(
    section: Mapping[str, Any], name: str | None = None, *, guided: bool = True
) -> dict[str, Any]:
    """Arguments of :class:`.inversion.InversionRecipe` for a recipe of these ``RECIPES``.

    ``section``: ``rate`` and ``perceptual_weight`` of all of them, the arguments of each by its
    name, and under ``recipe`` the one that a ``name`` of None stands for. ``guided``: an encoder
    belongs to the generator, and nothing is searched for: by eq 8 the best of many random faces was
    at least three times as far from each of 768 pictures as its guess. ``ValueError`` lists the
    known names.
    """
    name = name or section["recipe"]
    if name not in RECIPES:
        known = ", ".join(RECIPES)
        raise ValueError(f"inversion recipe {name!r} is unknown; choose one of: {known}")
    common = {key: section[key] for key in ("rate", "perceptual_weight")}
    options = common | {"start": RECIPES[name]} | section[name]
    if options["start"] == "searched" and guided:
        options["start"] = "encoder"
        return {key: value for key, value in options.items() if key not in UNGUIDED}
    return options
