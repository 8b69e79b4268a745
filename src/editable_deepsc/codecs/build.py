"""A codec from its name and its options, for everybody who needs one."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from . import find_codec
from .base import Codec


def build_codec(
    name: str, resolution: int, options: Mapping, model: nn.Module | None = None
) -> Codec:
    """A codec as an entry of the config describes it.

    ``options["kind"]`` is the registered constructor, ``name`` itself without it. A learned codec
    is built of its trained ``model`` and of what its options say under ``sent`` (the others are its
    training); any other of ``resolution``, the side of its images in pixels, and its options.
    ``ValueError`` on an unknown kind or options that do not fit.
    """
    arguments = dict(options)
    constructor = find_codec(arguments.pop("kind", name))
    if model is not None:
        return constructor(model, **arguments.get("sent", {}))
    return constructor(resolution, **arguments)
