"""The site of the documentation: built strictly, whole, and from local files alone."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest

import editable_deepsc as ed

ROOT = Path(__file__).parents[1]
DOCS, LIBRARY = ROOT / "docs", ROOT / "src/editable_deepsc"
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
LOADS |= {"link": "href", "object": "data", "embed": "src", "use": "href", "image": "href"}
# What the theme's script asks of a server, and what a page has that makes it do so.
ASKS = {
    "unpkg.com/mermaid@": 'class="mermaid"',
    "api.github.com": 'data-md-component="source"',
    "${e}/api/v4": 'data-md-component="source"',  # of GitLab
    "unpkg.com/resize-observer-polyfill": None,  # browsers from before 2020
}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


class Loaded(HTMLParser):
    """What a browser loads for a page, by itself."""

    def __init__(self, page: Path):
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in LOADS and given.get("rel") not in ("canonical", "next", "prev"):
            self.addresses.append(given.get(LOADS[tag]) or "")


def test_a_page_loads_nothing_from_a_server(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        for address in Loaded(page).addresses:
            assert not re.match(r"(?:\w+:)?//", address), f"{page.name} loads {address}"
            if not address.startswith("data:") and page.name != "404.html":  # from any folder
                assert (page.parent / address.split("?")[0].split("#")[0]).exists(), address
    for style in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import )[\"']?(?:\w+:)?//", style.read_text()), style.name
    for script in site.glob("assets/javascripts/*.js"):
        for server in re.findall(r"[\"'`]https?://([^\"'`]+/[^\"'`]+)", script.read_text()):
            known = [element for asked, element in ASKS.items() if server.startswith(asked)]
            assert len(known) == 1, f"{script.name} asks {server}"
            assert not any(known[0] and known[0] in page.read_text() for page in pages), server


def test_search_works_without_a_server(site):
    text = (site / "search/search_index.js").read_text()
    found = json.loads(text.removeprefix("var __index = "))["docs"]
    for word, page in {"Nakagami": "add-a-channel.html", "load_system": "api/index.html"}.items():
        assert any(word in d["text"] and d["location"].startswith(page) for d in found)
    assert "location.protocol" in (site / "theme/iframe-worker.js").read_text()
    assert "iframe-worker.js" in (site / "index.html").read_text()


def test_equations_are_mathml(site):
    text = (site / "equations.html").read_text()
    numbers = [int(n) for n in re.findall(r"</math><span>\((\d+)\)</span>", text)]
    assert sorted(numbers) == [n for n in range(4, 19)]
    for page in site.rglob("*.html"):
        assert "arithmatex" not in page.read_text() and "merror" not in page.read_text(), page.name


def inventory(site: Path) -> set[str]:
    """Names that the API reference documents, by Sphinx's inventory of them."""
    data = (site / "objects.inv").read_bytes()
    lines = zlib.decompress(data.split(b"zlib.\n", 1)[1]).decode().splitlines()
    return {line.split(" ")[0] for line in lines}


def test_the_reference_has_every_public_name(site):
    known, door = inventory(site), (site / "api/index.html").read_text()
    for name in ed.__all__:
        assert f">{name}</" in door or name == "__version__", name
    for path in LIBRARY.rglob("*.py"):
        module = path.relative_to(ROOT / "src").with_suffix("")
        if {"app", "cli"} & {*module.parts} or path.name in (
            "__main__.py",
            "zoo.py",
            "__init__.py",
        ):
            continue  # commands and the page are for people; the door has the zoo
        for node in ast.parse(path.read_text()).body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
            if public and ast.get_docstring(node):
                assert ".".join([*module.parts, node.name]) in known
    assert not any(
        re.search(r":(?:func|class|meth|mod):", p.read_text()) for p in site.glob("api/*.html")
    )


def arrows(graph: str, arrow: str, label: str) -> set[tuple[str, str]]:
    """(rule, rule that uses its output) of a drawn graph."""
    names = dict(re.findall(label, graph))
    return {(names[a], names[b]) for a, b in re.findall(arrow, graph)}


def reached(graph: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """All pairs along any number of arrows."""
    found = set(graph)
    while more := {(a, d) for a, b in found for c, d in graph if b == c} - found:
        found |= more
    return found


def test_the_picture_of_the_rules_is_current(warm_python):
    done = subprocess.run(
        [str(warm_python), "-m", "snakemake", "--rulegraph", "--nolock"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    now = arrows(done.stdout, r"(\d+) -> (\d+)", r'(\d+)\[label = "(\w+)"')
    picture = (DOCS / "rulegraph.svg").read_text()
    drawn = arrows(
        picture.replace("&#45;&gt;", "->"),
        r"<title>(\d+)->(\d+)</title>",
        r"<title>(\d+)</title>(?:(?!</g>).|\n)*?<text[^>]*>(\w+)</text>",
    )
    assert len(now) > 20
    assert reached(now) == reached(drawn), "docs/rulegraph.svg is old; run: make rulegraph"
