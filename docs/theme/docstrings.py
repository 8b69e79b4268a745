"""Docstrings as Markdown: sessions of Python become code, and roles of reST plain names."""

from __future__ import annotations

import re

from griffe import Extension, Module, Object

SESSION = re.compile(r"^>>> .*(?:\n.+)*", re.MULTILINE)  # up to a blank line
ROLE = re.compile(r":(?:func|class|meth|mod|data|attr):`~?([^`]+)`")


class Docstrings(Extension):
    """What our docstrings have that Markdown does not."""

    def on_object(self, *, obj: Object, **_) -> None:
        if obj.docstring is not None:
            text = ROLE.sub(r"`\1`", obj.docstring.value)
            obj.docstring.value = SESSION.sub(r"```pycon\n\g<0>\n```", text)

    def on_package(self, *, pkg: Module, **_) -> None:
        self.on_object(obj=pkg)  # for all but the package itself it is called by itself
