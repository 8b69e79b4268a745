"""A codec from its name and its options, for everybody who needs one."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from ..networks.stylegan2 import Generator
from . import find_codec
from .base import Codec

GENERATIVE = "generative_jscc"  # the kind of codec whose decoder ends in the generator


def build_codec(
    name: str,
    resolution: int,
    options: Mapping,
    model: nn.Module | None = None,
    generator: Generator | None = None,
) -> Codec:
    """A codec as an entry of the config describes it.

    ``options["kind"]`` is the registered constructor, ``name`` itself without it. A learned codec
    is built of its trained ``model`` and of what its options say under ``sent`` (the others are its
    training), a generative one of the ``generator`` too; any other of ``resolution``, the side of
    its images in pixels, and its options.
    ``ValueError`` on an unknown kind or options that do not fit.
    """
    arguments = dict(options)
    kind = arguments.pop("kind", name)
    constructor = find_codec(kind)
    if kind == GENERATIVE:
        return constructor(model, generator)
    if model is not None:
        return constructor(model, **arguments.get("sent", {}))
    return constructor(resolution, **arguments)
