"""Reading a published checkpoint: tensors only, every key and every shape checked, one sentence for
whatever is wrong.
"""

from __future__ import annotations

import argparse
import pickle
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from ...data.text_files import cause, parse_json, read_text, shown
from ..weight_files import WeightsError, check_file
from .pickles import HoldsCode, NotWhole, check_checkpoint

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

_WHERE_FROM = "download it as docs/published.md says, or give another path"

# Counts batches of training; evaluation does not read it, and files of old PyTorch versions lack
# it.
_OPTIONAL = re.compile(r"(.*\.)?num_batches_tracked")


def read_checkpoint(path: Path) -> Mapping:
    """The dictionary that ``torch.save`` wrote to ``path``, on the CPU, without running code from
    it.

    ``weights_only=True``: tensors, numbers, strings and containers, plus the options
    (``argparse.Namespace``) and numpy scalars that training scripts store. What the file would
    build, and how large, is looked at first (:mod:`.pickles`). :class:`WeightsError` for anything
    else, and for a missing or truncated file.
    """
    path = Path(path)
    head = check_file(path, _WHERE_FROM, "a whole PyTorch checkpoint", "download it again")
    if head[8:9] == b"{":
        raise WeightsError(
            f"weights: {path} is not a whole PyTorch checkpoint: it is a safetensors file; "
            "download the .pt or .pth file"
        )
    try:
        check_checkpoint(path)
        with torch.serialization.safe_globals(_PLAIN_DATA):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file is answered with nearly every kind of exception
        raise _refusal(path, error) from None
    if not isinstance(content, Mapping):
        raise WeightsError(
            (
                f"weights: {path} holds a {type(content).__name__}, not a dictionary of "
                "tensors; check that it is the right file"
            )
        )
    return content


def _refusal(path: Path, error: Exception) -> WeightsError:
    """One sentence for what went wrong while a checkpoint was opened."""
    unsafe = isinstance(error, pickle.UnpicklingError) and (
        "Unsupported" in str(error) or "GLOBAL" in str(error)
    )
    if unsafe or isinstance(error, HoldsCode):
        detail = f" ({shown(error)})" if isinstance(error, HoldsCode) else ""
        return WeightsError(
            f"weights: {path} holds code or objects beside its tensors{detail} and was not opened; "
            "get it from its authors, or have it saved again with tensors only"
        )
    reason = str(error) if isinstance(error, NotWhole) else "truncated, or of another format"
    return WeightsError(
        f"weights: {path} is not a whole PyTorch checkpoint ({shown(reason)}); download it again"
    )


def part(
    content: Mapping, name: str, others: Iterable[str], path: Path, bare: bool = True
) -> Mapping:
    """Entry ``name`` of a checkpoint whose format also knows the networks ``others``; with
    ``bare``, a file that is the entry itself will do.

    What a training script leaves beside it (counters, options, optimisers) is ignored, as the
    original does. :class:`WeightsError` if it is neither, or has another network beside it that
    the format does not know: then it is not clear which of the two is meant.
    """
    if name in content and isinstance(content[name], Mapping):
        unknown = sorted(
            str(key)
            for key, value in content.items()
            if key not in {name, *others} and _is_state(value)
        )
        if unknown:
            raise WeightsError(
                (
                    f"weights: {path} has {_some(unknown)} beside {name!r}, which its format "
                    "does not know; check that it is the right file"
                )
            )
        return content[name]
    tensors = {key: value for key, value in content.items() if isinstance(value, Tensor)}
    if bare and tensors and not any(map(_is_state, content.values())):
        return tensors
    raise WeightsError(
        (
            f"weights: {path} has no {name!r}; it has {_some(sorted(map(str, content)))}, check "
            "that it is the right file"
        )
    )


def _is_state(value: Any) -> bool:
    """Whether an entry of a checkpoint holds the weights of a network."""
    return (
        isinstance(value, Mapping)
        and any(isinstance(tensor, Tensor) for tensor in value.values())
        and all(isinstance(key, str) for key in value)
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
    if odd := sorted(ascii(key) for key in state if not isinstance(key, str)):
        raise WeightsError(f"weights: {path} has {_some(odd)}, which is no name of a tensor")
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
        if key in state and value.is_floating_point() and not state[key].is_floating_point():
            raise WeightsError(
                f"weights: {path}: {key!r} of the {what} has values of "
                f"{str(state[key].dtype).removeprefix('torch.')}, expected floats; {hint}"
            )
    tensors = {
        key: state[key].to(value.dtype).contiguous()
        if key in state
        else torch.zeros(value.shape, dtype=value.dtype)
        for key, value in expected.items()
    }
    for key, value in tensors.items():
        if value.is_floating_point() and not value.isfinite().all():
            raise WeightsError(
                f"weights: {path}: {key!r} of the {what} holds NaN or infinite values; {hint}"
            )
    module.load_state_dict(tensors, assign=True)
    return module.eval().requires_grad_(False)


def read_json(path: Path) -> dict:
    """A JSON object from a file; :class:`WeightsError` if it is missing or is not one."""
    try:
        content = parse_json(read_text(path))
    except ValueError as error:
        reason = cause(error)
        if reason == "does not exist":
            raise WeightsError(f"weights: {path} does not exist; {_WHERE_FROM}") from None
        raise WeightsError(f"weights: {path} is not JSON ({reason}); download it again") from None
    if not isinstance(content, dict):
        raise WeightsError(f"weights: {path} is not a JSON object; check that it is the right file")
    return content


def _some(names: list[str]) -> str:
    """``'a', 'b', 'c' and 4 more``."""
    shown = ", ".join(repr(name) for name in names[:3]) or "nothing"
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
