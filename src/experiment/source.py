"""What of the code a script uses, as one digest: a change elsewhere is another digest of nothing.

The unit is a function, a class or a constant at the top of a module. From those that a script names
on to those that they name, through imports, however lazy. What cannot change a result is left out:
comments, docstrings, annotations, layout, and the life of a job (:mod:`experiment.job`), of which
only the networks that it reads count: the classes of their roles, where the script names these.
Nothing is imported and nothing is run.

Names that are made at run time (``getattr``, ``import_module``) are not seen; the library's only
ones find attributes of a class, which is taken as a whole, and packages of others.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from .roles import kind_of

PACKAGES, OURS = Path(__file__).parents[1], ("editable_deepsc", "experiment")
LIFE = ("experiment.job", "experiment.script")
WEIGHTS = "editable_deepsc.networks.weights"  # opens files of every class in its register
PUBLISHED = "editable_deepsc.networks.published"  # counts where such a file is read
OWN_FILES = {".safetensors", ".json", ".csv", ".md"}
# no part of a result: positions are no fields, and these say nothing to the machine
_SILENT = {"annotation", "returns", "type_comment", "kind", "ctx", "type_params"}


IMPORT = "import:"  # followed by the number of a statement that runs then


class Symbol(NamedTuple):
    """A name at the top of a module; None for all of it, ``IMPORT`` for what its import does."""

    module: str
    name: str | None


# behind the method `network` of a job
NETWORK_READER = Symbol("experiment.inputs", "read_network")
OPENERS = {NETWORK_READER, Symbol(WEIGHTS, "load_network"), Symbol(WEIGHTS, "load_bundled")}


def reads_published(inputs: Iterable[str | Path]) -> bool:
    """Whether a published network may be among the input files of a job: one that is not of a kind
    that the workflow writes.
    """
    return any(Path(path).suffix not in OWN_FILES for path in inputs)


@cache
def code_digest(script: str | Path, published: bool = True) -> str:
    """SHA-256 of what a script and everything that it uses do.

    ``published``: with the readers of published networks (:func:`reads_published`).
    """
    total = hashlib.sha256()
    for symbol, digest in sorted(used(script, published).items(), key=str):
        total.update(f"{symbol.module}:{symbol.name}:{digest}\n".encode())
    return total.hexdigest()


def used(script: str | Path, published: bool = True) -> dict[Symbol, str]:
    """Everything that a script uses, itself first, and the digest of each."""
    left_out = LIFE if published else (*LIFE, PUBLISHED)
    start = Module("", Path(script))
    digest, names = start.part(None)
    found, idle, waiting = {Symbol("", None): digest}, set(), list(names)
    while waiting:
        while waiting:
            symbol = waiting.pop()
            module = module_of(symbol.module)
            if symbol in found or module is None or symbol.module.startswith(left_out):
                continue
            found[symbol], names = module.part(symbol.name)
            waiting += names
            if symbol.name == IMPORT:
                idle |= {Symbol(symbol.module, f"{IMPORT}{i}") for i in range(len(module.loose))}
        # a register that is looked into takes along what was entered in it
        waiting = [entry for entry in idle if _has_effect(entry, found)]
        idle -= set(waiting)
    return found


def _has_effect(entry: Symbol, found: dict[Symbol, str]) -> bool:
    """Whether a statement that runs at an import may have changed something in ``found``."""
    module = module_of(entry.module)
    assert module is not None and entry.name is not None
    changed = module.changed_by(module.nodes_of(entry.name)[0])
    return not changed or any(symbol in found for symbol in changed)


class Module:
    """A parsed file: what its names are, and which names they use."""

    def __init__(self, name: str, path: Path):
        self.name = name
        self.package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        body = ast.parse(path.read_text(encoding="utf-8")).body
        self.statements = [node for node in body if not _typing(node) and not _is_docstring(node)]
        self.parts: dict[str | None, tuple[str, list[Symbol]]] = {}

    @property
    def of_the_workflow(self) -> bool:
        return self.name.partition(".")[0] in ("", "experiment")

    @cached_property
    def defined(self) -> dict[str, list[ast.stmt]]:
        """Name -> the statements that define it."""
        found: dict[str, list[ast.stmt]] = {}
        for node in self.statements:
            for name in _defined_by(node):
                found.setdefault(name, []).append(node)
        return found

    @cached_property
    def imported(self) -> dict[str, Symbol]:
        """Name -> what an import at the top of the file binds it to."""
        return dict(self.imports(self.statements, deep=False))

    @cached_property
    def loose(self) -> list[ast.stmt]:
        """What has an effect when the module is imported.

        Statements that define no name, and definitions that a function of ours decorates: it may
        enter them in a register.
        """
        imports = (ast.Import, ast.ImportFrom)
        return [
            node
            for node in self.statements
            if not isinstance(node, imports) and (not _defined_by(node) or self.registers(node))
        ]

    def registers(self, node: ast.stmt) -> bool:
        names = {
            part.id
            for decorator in getattr(node, "decorator_list", [])
            for part in ast.walk(decorator)
            if isinstance(part, ast.Name)
        }
        ours = {name for name, symbol in self.imported.items() if module_of(symbol.module)}
        return not names.isdisjoint(ours | set(self.defined))

    def changed_by(self, node: ast.stmt) -> set[Symbol]:
        """The constants of ours that the functions that a loose statement calls have a hand on.

        None where it calls no function of ours: then it may change anything.
        """
        called = self.names_of(getattr(node, "decorator_list", None) or [node])
        changed = set()
        for module, symbol in ((module_of(symbol.module), symbol) for symbol in called):
            if module is not None and any(map(_is_function, module.defined.get(symbol.name, []))):
                changed |= {s for s in module.part(symbol.name)[1] if _is_constant(s)}
        return changed

    def nodes_of(self, name: str | None) -> list[ast.stmt]:
        """What a name stands for; nothing where it is another's."""
        if name is None:
            return self.statements
        if name.startswith(IMPORT):
            number = name.removeprefix(IMPORT)
            return [self.loose[int(number)]] if number else []
        return self.defined.get(name, [])

    def imports_of(self, name: str | None) -> Iterator[Symbol]:
        """The modules whose import comes with a name: its own, and what runs of others."""
        if name != IMPORT and self.name:
            yield Symbol(self.name, IMPORT)
        nodes = self.statements if name in (None, IMPORT) else self.nodes_of(name)
        for _, symbol in self.imports(nodes, deep=name != IMPORT):
            yield Symbol(symbol.module, IMPORT)
        parent = self.name.rpartition(".")[0]
        if parent:
            yield Symbol(parent, IMPORT)

    def part(self, name: str | None) -> tuple[str, list[Symbol]]:
        """Digest of what a name stands for, and the names that it uses; None: of all."""
        if name not in self.parts:
            nodes = self.nodes_of(name)
            digest = hashlib.sha256("".join(map(_form, nodes)).encode()).hexdigest()
            names = [*self.names_of(nodes), *self.imports_of(name)]
            self.parts[name] = digest, list(dict.fromkeys(names))
        return self.parts[name]

    def imports(self, nodes: Iterable[ast.AST], deep: bool = True) -> Iterator[tuple[str, Symbol]]:
        """Name and what it is bound to, of every import in ``nodes``, inside of functions too."""
        for top in nodes:
            for node in _imports_in(top) if deep else [top]:
                if isinstance(node, ast.Import):
                    for alias in node.names:
                        whole = alias.name if alias.asname else alias.name.partition(".")[0]
                        yield alias.asname or whole, Symbol(whole, None)
                elif isinstance(node, ast.ImportFrom):
                    source = self.absolute(node)
                    for alias in node.names:
                        inner = f"{source}.{alias.name}"
                        is_module = module_of(inner) is not None
                        target = Symbol(inner, None) if is_module else Symbol(source, alias.name)
                        yield alias.asname or alias.name, target

    def absolute(self, node: ast.ImportFrom) -> str:
        parts = self.package.split(".")
        base = parts[: len(parts) - node.level + 1] if node.level else []
        return ".".join([*base, *filter(None, [node.module])])

    def names_of(self, nodes: list[ast.stmt]) -> Iterator[Symbol]:
        """The symbols that ``nodes`` name, of this module and of others.

        Opening a file of weights may take any class of networks; a job says which by its roles.
        """
        register, opens = Symbol(WEIGHTS, "KINDS"), False
        for symbol in self._named_in(nodes):
            if symbol != register or self.name != WEIGHTS:
                yield symbol
            opens |= symbol in OPENERS
        if opens and self.name not in (WEIGHTS, NETWORK_READER.module):
            yield register
        roles = list(_roles_read(nodes)) if self.of_the_workflow else []
        if roles:
            yield from (NETWORK_READER, *map(class_of_role, roles))

    def _named_in(self, nodes: list[ast.stmt]) -> Iterator[Symbol]:
        bound = self.imported | dict(self.imports(nodes))
        attributes = [n for top in nodes for n in _walked(top) if isinstance(n, ast.Attribute)]
        parts = {id(n.value) for n in attributes}  # `module.name` names one thing, not all of it
        for attribute in attributes:
            if isinstance(attribute.value, ast.Name):
                target = bound.get(attribute.value.id)
                if target is not None and target.name is None:
                    yield from self.resolved(Symbol(target.module, attribute.attr))
                elif target is not None:
                    yield from self.resolved(target)
        for top in nodes:
            for node in _walked(top):
                if isinstance(node, ast.Name) and (
                    id(node) not in parts or node.id in self.defined
                ):
                    if node.id in bound:
                        yield from self.resolved(bound[node.id])
                    elif node.id in self.defined:
                        yield Symbol(self.name, node.id)

    def resolved(self, symbol: Symbol) -> Iterator[Symbol]:
        """A symbol where it is defined: names may pass through the imports of other modules."""
        while symbol.name is not None:
            module = module_of(symbol.module)
            if module is None:
                return
            if symbol.name in module.defined:
                break
            if symbol.name not in module.imported:
                inner = f"{symbol.module}.{symbol.name}"
                symbol = Symbol(inner, None) if module_of(inner) else symbol
                break
            symbol = module.imported[symbol.name]
        yield symbol


@cache
def module_of(name: str) -> Module | None:
    """A module of ours by its full name; None for one of another package, or a name in one."""
    for path in (
        PACKAGES / name.replace(".", "/") / "__init__.py",
        PACKAGES / f"{name.replace('.', '/')}.py",
    ):
        if name.partition(".")[0] in OURS and path.is_file():
            return Module(name, path)
    return None


@cache
def _walked(top: ast.AST) -> list[ast.AST]:
    """A node and all below it; every job looks through most of the package, and again."""
    return list(ast.walk(top))


@cache
def _imports_in(top: ast.AST) -> list[ast.AST]:
    return [node for node in _walked(top) if isinstance(node, ast.Import | ast.ImportFrom)]


def class_of_role(role: str | None) -> Symbol:
    """The class of the networks of a role; the register of all where the role is not known."""
    kind, module = kind_of(role or ""), module_of(WEIGHTS)
    if kind is None or module is None or kind not in module.imported:
        return Symbol(WEIGHTS, "KINDS")
    return module.imported[kind]


def _roles_read(nodes: list[ast.stmt]) -> Iterator[str | None]:
    """The roles in ``job.network(role)``; None for one that is not written there.

    It may be a text, the beginning of one, what a comprehension takes from a tuple of texts, or a
    parameter, whose default then says the kind.
    """
    everything = [node for top in nodes for node in _walked(top)]
    taken = {
        loop.target.id: [item.value for item in loop.iter.elts if isinstance(item, ast.Constant)]
        for loop in everything
        if isinstance(loop, ast.comprehension)
        and isinstance(loop.target, ast.Name)
        and isinstance(loop.iter, ast.Tuple)
    }
    for node in everything:
        if isinstance(node, ast.FunctionDef) and node.args.defaults:
            last = zip(node.args.args[::-1], node.args.defaults[::-1])
            taken |= {a.arg: [d.value] for a, d in last if isinstance(d, ast.Constant)}
    for node in everything:
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if not called or node.func.attr != "network":
            continue
        role = node.args[0] if node.args else None
        if isinstance(role, ast.JoinedStr):
            role = role.values[0]
        if isinstance(role, ast.Constant):
            yield role.value
        elif isinstance(role, ast.Name) and role.id in taken:
            yield from taken[role.id]
        else:
            yield None


def _defined_by(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        targets = [node.target]
    elif isinstance(node, ast.If | ast.Try | ast.With | ast.For):
        return [
            name
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.stmt)
            for name in _defined_by(child)
        ]
    names = [part for target in targets for part in ast.walk(target)]
    return [part.id for part in names if isinstance(part, ast.Name)]


def _is_function(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _is_constant(symbol: Symbol) -> bool:
    module = module_of(symbol.module)
    nodes = module.defined.get(symbol.name or "", []) if module else []
    return any(isinstance(node, ast.Assign | ast.AnnAssign) for node in nodes)


def _typing(node: ast.stmt) -> bool:
    """Whether a statement is `if TYPE_CHECKING:`, which runs nowhere."""
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def _form(node: object) -> str:
    """What a piece of code does, as text that says nothing of its looks."""
    if isinstance(node, list):
        return "[" + ",".join(map(_form, node)) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    parts = []
    for name, value in ast.iter_fields(node):
        if name in _SILENT or value is None or value == []:
            continue
        if name == "body" and isinstance(value, list) and _is_docstring(value[0]):
            value = value[1:]
        parts.append(f"{name}={_form(value)}")
    return f"{type(node).__name__}({','.join(parts)})"


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
