"""The house: rooms import only from rooms above them, and everything in them stays small."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
LIBRARY, DOCS = ROOT / "src/editable_deepsc", ROOT / "docs"
MADE = {"contributing.md", "changelog.md"}  # docs/theme/hooks.py makes them of the root's files
# In the order in which data walks through them; the last ones are the door.
ROOMS = ["data", "networks", "channel", "codecs", "editing", "systems", "training", "evaluation"]
DOOR = ["zoo", "app", "cli", "__init__", "__main__"]
WORD_LISTS = {"data/phrases.py", "data/offtopic.py", "data/sentences.py"}
FOLDERS = ("src", "workflow", "tests")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
MOST_LINES, MOST_FUNCTION_LINES, MOST_PARAMETERS = 400, 80, 9


def room(path: Path) -> str:
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """Rooms of the library that a file of it imports from, lazily or not."""
    here = ["editable_deepsc", *path.relative_to(LIBRARY).parent.parts]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            start = here[: len(here) - node.level + 1] if node.level else []
            module = [*start, *(node.module or "").split(".")]
            module = [part for part in module if part]
            if module[:1] == ["editable_deepsc"]:
                names = [alias.name for alias in node.names]
                found |= {module[1]} if len(module) > 1 else set(names)
        elif isinstance(node, ast.Import):
            parts = [alias.name.split(".") for alias in node.names]
            found |= {p[1] for p in parts if p[0] == "editable_deepsc" and len(p) > 1}
    return found & {*ROOMS, *DOOR}


@pytest.mark.parametrize("path", sorted(LIBRARY.rglob("*.py")), ids=lambda p: str(p.name))
def test_a_room_imports_only_from_rooms_above_it(path):
    order = [*ROOMS, *DOOR]
    assert room(path) in order, f"{path} is in no room"
    below = {
        other for other in imported_rooms(path) if order.index(other) > order.index(room(path))
    }
    if path.name == "__main__.py":
        below = set()
    assert not below, f"{path.relative_to(ROOT)} imports from below: {', '.join(sorted(below))}"


def test_the_library_knows_nothing_of_snakemake_yaml_or_the_experiment():
    for path in LIBRARY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            roots = {name.split(".")[0] for name in names}
            assert not roots & {"snakemake", "yaml", "experiment"}, path


def test_no_circle_of_imports():
    """At the top of the files, where a circle would bite."""
    graph: dict[str, set[str]] = {}
    files = [path.relative_to(ROOT / "src").with_suffix("") for path in LIBRARY.rglob("*.py")]
    modules = {".".join(file.parts).removesuffix(".__init__") for file in files}
    for path in LIBRARY.rglob("*.py"):
        here = ["editable_deepsc", *path.relative_to(LIBRARY).with_suffix("").parts]
        package = here[:-1]
        targets = set()
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ImportFrom) and node.level:
                base = package[: len(package) - node.level + 1]
                module = ".".join([*base, *(node.module or "").split(".")]).rstrip(".")
                parts = {f"{module}.{alias.name}" for alias in node.names}
                # "from . import options" waits for the module options, not for the package
                targets |= parts if parts <= modules else parts | {module}
        graph[".".join(here).removesuffix(".__init__")] = targets
    graph = {name: targets & set(graph) - {name} for name, targets in graph.items()}
    done: set[str] = set()
    while True:
        free = {name for name in graph if name not in done and graph[name] <= done}
        if not free:
            break
        done |= free
    assert set(graph) == done, f"a circle among {sorted(set(graph) - done)}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_small(path):
    text = path.read_text()
    name = str(path.relative_to(LIBRARY)) if path.is_relative_to(LIBRARY) else ""
    assert name in WORD_LISTS or text.count("\n") <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        parameters = [a for a in arguments if a.arg not in ("self", "cls")]
        assert node.end_lineno - node.lineno + 1 <= MOST_FUNCTION_LINES, node.name
        assert len(parameters) <= MOST_PARAMETERS, node.name


def pages_of(nav: list | dict | str) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    return [page for part in parts for page in pages_of(part)]


def test_every_page_is_in_the_navigation_once():
    nav = pages_of(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    notebooks = {path.with_suffix(".md").name for path in DOCS.glob("*.ipynb")}
    absent, gone = (written | notebooks | MADE) - set(nav), set(nav) - (written | notebooks | MADE)
    assert not absent and not gone, (
        f"nav of mkdocs.yml: add {absent or 'none'}, drop {gone or 'none'}"
    )
    assert len(nav) == len(set(nav))


@pytest.mark.parametrize("path", sorted(LIBRARY.rglob("*.py")), ids=lambda p: str(p.name))
def test_a_docstring_says_of_each_argument_by_itself_what_it_is(path):
    """Google's form, as the API reference reads it."""
    shared = re.search(r"^ +\w+, \w+[\w, ]*: ", arguments_of(path.read_text()), re.MULTILINE)
    assert not shared, f"{path.relative_to(LIBRARY)}: a line for each in {shared[0]!r}"


def arguments_of(text: str) -> str:
    return "\n".join(re.findall(r"^ +Args:\n(.*?)\n\n", text, re.DOTALL | re.MULTILINE))
