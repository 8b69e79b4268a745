"""Codecs by name. A new one is a module here that registers itself, imported below."""

from . import digital, gan, generative, learned  # noqa: F401  (importing registers them)
from .base import CODECS, find_codec

__all__ = ["CODECS", "find_codec"]
