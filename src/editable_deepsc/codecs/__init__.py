"""Codecs by name. A new one is a module here that registers itself, imported below."""

from . import deepsc, jpeg_ldpc  # noqa: F401  (importing registers them)
from .base import CODECS

__all__ = ["CODECS"]
