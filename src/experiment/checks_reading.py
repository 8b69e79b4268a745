"""The config files as they were written.

Snakemake reads them first and keeps the last of two equal keys; here they are read once more, as
text, for what is lost then: keys that are there twice, numbers that YAML reads otherwise than they
look, aliases that expand without end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from .config import MOST_VALUES, ConfigError

MOST_BYTES = 4_000_000  # of a config file; config.yaml has 8,000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
_EXPLICIT = re.compile(r"[-+]?0[bx][0-9a-fA-F_]+")


def check_config_files(paths: Iterable[str | Path]) -> None:
    """Every config file says each thing once, and what it seems to say.

    What is no regular file (a pipe) can be read only once, by Snakemake, and is left out.
    """
    for path in map(Path, paths):
        if path.is_file():
            check_config_file(path)


def check_config_file(path: Path) -> None:
    """One file, JSON or YAML; :class:`ConfigError` names file and line."""
    if path.stat().st_size > MOST_BYTES:
        raise ConfigError(
            f"config: {path} has {path.stat().st_size:,} bytes, and at most {MOST_BYTES:,} are "
            "read; is it the right file?"
        )
    text = path.read_text(encoding="utf-8-sig")
    try:
        json.loads(text, object_pairs_hook=lambda pairs: _once(path, pairs))
    except json.JSONDecodeError:
        _Nodes(path).size(yaml.compose(text, Loader=_LOADER))


def _once(path: Path, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object none of whose keys is there twice."""
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ConfigError(f"config: {path}: the key {key!r} is there twice; remove one")
    return dict(pairs)


class _Nodes:
    """The nodes of a YAML file, each looked at once however many aliases lead to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sizes: dict[int, int | None] = {}  # None: begun and not finished

    def size(self, node: yaml.Node | None) -> int:
        """Number of values below a node with all aliases expanded."""
        if node is None or id(node) in self.sizes:
            found = 0 if node is None else self.sizes[id(node)]
            if found is None:
                raise self.error(node, "an alias (*) stands inside of what it repeats; remove it")
            return found
        self.sizes[id(node)] = None
        size = 1
        if isinstance(node, yaml.MappingNode):
            self.check_keys(node)
            size += sum(self.size(key) + self.size(value) for key, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            size += sum(self.size(value) for value in node.value)
        else:
            self.check_number(node)
        if size > MOST_VALUES:
            raise self.error(
                node,
                f"its aliases (*) expand to more than {MOST_VALUES:,} values; write out what is "
                "meant",
            )
        self.sizes[id(node)] = size
        return size

    def check_keys(self, node: yaml.MappingNode) -> None:
        first: dict[Any, yaml.Node] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self.error(key, "a key must be a name, not a list or a map; give a name")
            before = first.setdefault((key.tag, key.value), key)
            if before is not key:
                line = before.start_mark.line + 1
                raise self.error(
                    key, f"the key {key.value!r} is there twice, first in line {line}; remove one"
                )

    def check_number(self, node: yaml.Node) -> None:
        kind, text = node.tag.rsplit(":", 1)[-1], node.value
        if kind == "int" and not (_DECIMAL.fullmatch(text) or _EXPLICIT.fullmatch(text)):
            why = "as octal" if ":" not in text else "in base 60"
        elif kind == "float" and ":" in text:
            why = "in base 60"
        else:
            return
        raise self.error(node, f"YAML reads {text} {why}; write it as a plain decimal number")

    def error(self, node: yaml.Node | None, what: str) -> ConfigError:
        line = node.start_mark.line + 1 if node is not None else 1
        return ConfigError(f"config: {self.path}, line {line}: {what}")
