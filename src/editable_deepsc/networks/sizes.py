"""The sizes that a network carries with it, as the arguments of its constructor."""

from __future__ import annotations

import inspect
from collections.abc import Callable


def unusual(constructor: Callable, **arguments: object) -> dict:
    """Those of ``arguments`` that differ from the defaults of ``constructor``.

    A weights file names no size that every network of its kind has.
    """
    parameters = inspect.signature(constructor).parameters
    return {name: value for name, value in arguments.items() if value != parameters[name].default}
