"""Reading a published checkpoint: tensors only, every key and every shape checked, one sentence for
whatever is wrong.
"""

from __future__ import annotations

import argparse
import json
import pickle
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from ..weights import WeightsError

Module = TypeVar("Module", bound=nn.Module)

# What training scripts leave beside the tensors (their options, a best accuracy) and is nothing but
# data.
_SCALAR = np.float64().__reduce__()[
    0
]  # how numpy pickles a number; its module's name differs between versions of numpy
_PLAIN_DATA: list[Any] = [
    argparse.Namespace,
    np.dtype,
    *(type(np.dtype(kind)) for kind in ("float64", "float32", "int64")),
    (_SCALAR, "numpy.core.multiarray.scalar"),
    (_SCALAR, "numpy._core.multiarray.scalar"),
]

# Counts batches of training; evaluation does not read it, and files of old PyTorch versions lack
# it.
_OPTIONAL = re.compile(r"(.*\.)?num_batches_tracked")


def read_checkpoint(path: Path) -> Mapping:
    """The dictionary that ``torch.save`` wrote to ``path``, on the CPU, without running code from
    it.

    ``weights_only=True``: tensors, numbers, strings and containers, plus the options
    (``argparse.Namespace``) and numpy scalars that training scripts store. :class:`WeightsError`
    for anything else, and for a missing or truncated file.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError(
            (
                f"weights: {path} does not exist; download it as docs/published.md says, or "
                "give another path"
            )
        )
    try:
        with torch.serialization.safe_globals(_PLAIN_DATA):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "Unsupported" in str(error) or "GLOBAL" in str(error):
            raise WeightsError(
                (
                    f"weights: {path} holds code or objects beside its tensors and was not "
                    "opened; get it from its authors, or have it saved again with tensors only"
                )
            ) from None
        raise WeightsError(
            f"weights: {path} is not a whole PyTorch checkpoint; download it again"
        ) from None
    except (
        RuntimeError,
        EOFError,
        ValueError,
        OSError,
        KeyError,
        AttributeError,
        IndexError,
        TypeError,
    ):
        raise WeightsError(
            (
                f"weights: {path} is not a whole PyTorch checkpoint (truncated, or of another "
                "format); download it again"
            )
        ) from None
    if not isinstance(content, Mapping):
        raise WeightsError(
            (
                f"weights: {path} holds a {type(content).__name__}, not a dictionary of "
                "tensors; check that it is the right file"
            )
        )
    return content


def part(
    content: Mapping, name: str, others: Iterable[str], path: Path, bare: bool = True
) -> Mapping:
    """Entry ``name`` of a checkpoint whose format also knows ``others``; with ``bare``, a file that
    is the entry itself will do.

    :class:`WeightsError` if it is neither, or has entries beside it that the format does not know.
    """
    if name in content and isinstance(content[name], Mapping):
        unknown = sorted(str(key) for key in content if key not in {name, *others})
        if unknown:
            raise WeightsError(
                (
                    f"weights: {path} has {_some(unknown)} beside {name!r}, which its format "
                    "does not know; check that it is the right file"
                )
            )
        return content[name]
    if bare and content and all(isinstance(value, Tensor) for value in content.values()):
        return content
    raise WeightsError(
        (
            f"weights: {path} has no {name!r}; it has {_some(sorted(map(str, content)))}, check "
            "that it is the right file"
        )
    )


def fit(
    build: Callable[[], Module],
    state: Mapping[str, Tensor],
    path: Path,
    what: str,
    tolerated: str | None = None,
) -> Module:
    """``build()``, in evaluation mode, frozen, holding the tensors of ``state`` in float32.

    Every key of the module must be there with its shape, and no other key but those that match the
    regular expression ``tolerated`` (keys that the format has and evaluation does not use).
    :class:`WeightsError` names the first that differs.
    """
    with torch.device("meta"):  # no memory and no draws for values that the file replaces
        module = build()
    expected = module.state_dict()
    missing = [key for key in expected if key not in state and not _OPTIONAL.fullmatch(key)]
    unknown = [
        key
        for key in state
        if key not in expected
        and not (tolerated and re.fullmatch(tolerated, key))
        and not _OPTIONAL.fullmatch(key)
    ]
    hint = "check the file and the sizes given for it"
    if missing:
        raise WeightsError(f"weights: {path} lacks {_some(missing)} of the {what}; {hint}")
    if unknown:
        raise WeightsError(
            f"weights: {path} has {_some(unknown)}, which the {what} does not know; {hint}"
        )
    for key, value in expected.items():
        if key in state and (not isinstance(state[key], Tensor) or state[key].shape != value.shape):
            found = (
                list(state[key].shape)
                if isinstance(state[key], Tensor)
                else type(state[key]).__name__
            )
            raise WeightsError(
                (
                    f"weights: {path}: {key!r} of the {what} has shape {found}, expected "
                    f"{list(value.shape)}; {hint}"
                )
            )
    tensors = {
        key: state[key].to(value.dtype).contiguous()
        if key in state
        else torch.zeros(value.shape, dtype=value.dtype)
        for key, value in expected.items()
    }
    module.load_state_dict(tensors, assign=True)
    return module.eval().requires_grad_(False)


def read_json(path: Path) -> dict:
    """A JSON object from a file; :class:`WeightsError` if it is missing or is not one."""
    path = Path(path)
    if not path.is_file():
        raise WeightsError(
            (
                f"weights: {path} does not exist; download it as docs/published.md says, or "
                "give another path"
            )
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WeightsError(f"weights: {path} is not JSON ({error}); download it again") from None
    if not isinstance(content, dict):
        raise WeightsError(f"weights: {path} is not a JSON object; check that it is the right file")
    return content


def _some(names: list[str]) -> str:
    """``'a', 'b', 'c' and 4 more``."""
    shown = ", ".join(repr(name) for name in names[:3]) or "nothing"
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
