"""What a checkpoint of PyTorch would build, read without building any of it.

``torch.load(weights_only=True)`` runs no code from a file, but believes it: a few bytes can name a
storage of a terabyte, unpack to one, or be a tuple so deep that hashing it ends the process. So
the steps of the pickle are walked here first. What they may build is less than what torch allows
and all that files of weights need: tensors, numbers, text, containers of them and options.
"""

from __future__ import annotations

import io
import os
import pickletools
import zipfile
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

MOST_PICKLE = 32_000_000  # bytes of the pickles of a file, without the tensors
MOST_STEPS = 2_000_000
MOST_TUPLE = 10_000  # parts of a tuple, those of its tuples included: hashing it recurs
MOST_READ = 16_000_000  # bytes at once; the list of a ZIP's entries is the longest
LONGEST_NAME = 1000

_MAGIC = 0x1950A86A20F9469CFC6C  # first pickle of a file that torch wrote before version 1.6
_LEGACY_PICKLES = 5  # magic, version, system, what was saved, keys of the storages

_STORAGES = {
    "torch DoubleStorage": 8,
    "torch LongStorage": 8,
    "torch ComplexFloatStorage": 8,
    "torch FloatStorage": 4,
    "torch IntStorage": 4,
    "torch HalfStorage": 2,
    "torch BFloat16Storage": 2,
    "torch ShortStorage": 2,
    "torch CharStorage": 1,
    "torch ByteStorage": 1,
    "torch BoolStorage": 1,
    "torch.storage UntypedStorage": 1,
}  # -> bytes of an element
_DTYPES = {
    f"torch {name}"
    for name in ("float16", "bfloat16", "float32", "float64", "int32", "int64", "uint8", "bool")
}
_GLOBALS = {
    *_STORAGES,
    *_DTYPES,
    "torch._utils _rebuild_tensor",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    "torch.nn.parameter Parameter",
    "torch Size",
    "torch device",
    "collections OrderedDict",
    "builtins set",
    "_codecs encode",
    "argparse Namespace",
    "numpy dtype",
    "numpy.core.multiarray scalar",
    "numpy._core.multiarray scalar",
}
_TUPLES = {"TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"}
_INTO = {"APPEND", "APPENDS", "SETITEM", "SETITEMS", "BUILD"}  # change what is below on the stack
_CALLS = {"REDUCE", "NEWOBJ"}
_CONSTANTS = {
    "NONE",
    "NEWFALSE",
    "NEWTRUE",
    "EMPTY_TUPLE",
    "EMPTY_LIST",
    "EMPTY_DICT",
    "EMPTY_SET",
    "BININT",
    "BININT1",
    "BININT2",
    "BINFLOAT",
    "BINUNICODE",
    "SHORT_BINSTRING",
    "LONG1",
}


class HoldsCode(ValueError):
    """A checkpoint would call or build something that is no tensor and no plain data."""


class NotWhole(ValueError):
    """A checkpoint is truncated, of another format, or claims more than it holds."""


class _Thing(NamedTuple):
    """What a step leaves on the stack: how many parts hashing it visits, and its value if plain."""

    parts: int
    value: Any


_MARK = _Thing(0, "mark")


class _Frugal(io.BufferedReader):
    """A file that is not read in larger portions than :data:`MOST_READ`."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:  # to the end
            size = max(os.fstat(self.fileno()).st_size - self.tell(), 0)
        if size > MOST_READ:
            raise NotWhole("it announces too much")
        return super().read(size)


class _Steps:
    """The bytes of pickles, as many as they may have."""

    def __init__(self, file: Any):
        self.file, self.left = file, MOST_PICKLE

    def read(self, size: int) -> bytes:
        if not 0 <= size <= self.left:
            raise NotWhole("its pickle is too large")
        self.left -= size
        return self.file.read(size)

    def readline(self) -> bytes:
        line = self.file.readline(LONGEST_NAME)
        self.left -= len(line)
        return line


def check_checkpoint(path: Path) -> None:
    """:class:`HoldsCode` or :class:`NotWhole` unless ``path`` is a checkpoint whose storages are no
    larger than the file says and no larger than the file.

    Other exceptions of the standard library mean that it is damaged.
    """
    with _Frugal(io.FileIO(path)) as file:
        start = file.read(4)
        file.seek(0)
        if start == b"PK\x03\x04":
            _check_zip(file, path.stat().st_size)
        elif start[:1] != b"\x80":  # which begins a pickle of protocol 2
            raise NotWhole("it does not begin as one")
        else:
            _check_legacy(file, path.stat().st_size)


def _check_zip(file: _Frugal, size: int) -> None:
    """A file of torch since version 1.6: a ZIP archive of a pickle and one entry per storage."""
    with zipfile.ZipFile(file) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        if len(entries) < len(archive.infolist()):
            raise NotWhole("two of its parts have one name")
        for entry in entries.values():
            packed = entry.compress_type != zipfile.ZIP_STORED
            if packed or entry.file_size != entry.compress_size:
                raise NotWhole("it is packed, which no checkpoint is")
        if sum(entry.file_size for entry in entries.values()) > size:
            raise NotWhole("its parts are larger than the file")
        roots = [name.removesuffix("/data.pkl") for name in entries if name.endswith("/data.pkl")]
        if len(roots) != 1:
            raise NotWhole("it is a ZIP archive of something else")
        if f"{roots[0]}/constants.pkl" in entries:
            raise HoldsCode("it is a program in TorchScript")
        with archive.open(f"{roots[0]}/data.pkl") as stream:
            _, claims = walk(_Steps(stream))
    for key, claimed in claims.items():
        stored = entries.get(f"{roots[0]}/data/{key}")
        if stored is None or claimed > stored.file_size:
            raise NotWhole("a storage is larger than what the file holds of it")


def _check_legacy(file: _Frugal, size: int) -> None:
    """A file of torch before version 1.6: five pickles, then the storages."""
    steps, claims = _Steps(file), dict[Any, int]()
    for number in range(_LEGACY_PICKLES):
        value, claimed = walk(steps)
        if number == 0 and value != _MAGIC:
            raise NotWhole("it does not begin as one")
        claims |= claimed
    if sum(claims.values()) > size - file.tell():
        raise NotWhole("its storages are larger than the file")


def walk(steps: _Steps) -> tuple[Any, dict[Any, int]]:
    """Walk one pickle: its value if that is plain, and its storages, key -> bytes claimed."""
    stack: list[_Thing] = []
    memo: dict[int, _Thing] = {}
    claims: dict[Any, int] = {}
    argument: Any
    for count, (op, argument, _) in enumerate(pickletools.genops(cast(IO[bytes], steps))):
        name = op.name
        if count > MOST_STEPS:
            raise NotWhole("its pickle is too long")
        if name == "STOP":
            return stack.pop().value, claims
        if name == "PROTO":
            if argument > 3:
                raise NotWhole(f"it was saved with pickle protocol {argument}, not 2")
        elif name == "MARK":
            stack.append(_MARK)
        elif name in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name == "GLOBAL":
            if argument not in _GLOBALS:
                raise HoldsCode(f"it names {argument.replace(' ', '.')[:100]}")
            stack.append(_Thing(1, argument))
        elif name in _CONSTANTS:
            stack.append(_Thing(1, argument))
        elif name in _TUPLES or name in _INTO or name in _CALLS or name == "BINPERSID":
            stack.append(_result(name, _operands(op, stack), claims))
        else:
            raise HoldsCode(f"it takes the step {name}")
    raise NotWhole("its pickle does not end")


def _operands(op: pickletools.OpcodeInfo, stack: list[_Thing]) -> list[_Thing]:
    """What an operation takes from the stack, lowest first."""
    before, taken = list(op.stack_before), list[_Thing]()
    if pickletools.markobject in before:
        while (top := stack.pop()) is not _MARK:
            taken.append(top)
        before = before[: before.index(pickletools.markobject)]
    taken += [stack.pop() for _ in before]
    if any(thing is _MARK for thing in taken):
        raise NotWhole("its pickle is out of order")
    return taken[::-1]


def _result(name: str, taken: list[_Thing], claims: dict[Any, int]) -> _Thing:
    """What an operation leaves on the stack; storages are entered into ``claims``."""
    if name in _INTO:
        return taken[0]
    if name == "BINPERSID":
        key, claimed = _storage(taken[0].value)
        claims[key] = max(claimed, claims.get(key, 0))
        return _Thing(1, None)
    parts = 1 + sum(thing.parts for thing in taken)
    if parts > MOST_TUPLE:
        raise NotWhole("a tuple in it is too large or too deep")
    return _Thing(parts, tuple(thing.value for thing in taken) if name in _TUPLES else None)


def _storage(identity: Any) -> tuple[Any, int]:
    """Key and bytes of the storage that a persistent identity names."""
    match identity:
        case ("storage", str(kind), str(key), _, int(elements), *_) if kind in _STORAGES:
            if elements >= 0:
                return key, elements * _STORAGES[kind]
    raise HoldsCode("it refers to something that is no storage")
