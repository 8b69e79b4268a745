"""A GPU that is none: tensors that lie in the CPU's memory and say that they are on `cuda`.

Where one of them meets a tensor of the CPU, PyTorch would fail on a real GPU, and this mode does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

DEVICE = torch.device("cuda", 0)
# operations that may take tensors of two devices; the lengths of sequences are on the CPU
PACKING = {"_pack_padded_sequence", "_pad_packed_sequence"}
CROSSING = {"copy_", "set_", "__set__", "gru", "lstm"} | PACKING


class MixedDevices(RuntimeError):
    """What PyTorch would say."""


def there(tensor: Any) -> bool:
    return getattr(tensor, "_there", False)


def moved(tensor: Tensor, to_gpu: bool) -> Tensor:
    """The same values, gradients included, on the other device."""
    alias = tensor.view_as(tensor)
    alias._there = to_gpu
    return alias


def tensors_in(*values: Any) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, dict):
            yield from tensors_in(*value.values())
        elif isinstance(value, list | tuple):
            yield from tensors_in(*value)


def asked_device(args: tuple, kwargs: dict) -> tuple[torch.device | None, tuple, dict]:
    """The device among the arguments, and the arguments without it."""
    found = kwargs.get("device")
    rest = tuple(a for a in args if not isinstance(a, torch.device))
    found = next((a for a in args if isinstance(a, torch.device)), found)
    texts = [a for a in rest if isinstance(a, str) and a.split(":")[0] in ("cpu", "cuda")]
    if texts:
        found, rest = texts[0], tuple(a for a in rest if a not in texts)
    others = {name: value for name, value in kwargs.items() if name != "device"}
    return found and torch.device(found), rest, others


class PretendedGpu(TorchFunctionMode):
    """Within the block, ``DEVICE`` can be had."""

    def __enter__(self):
        # it puts new values into its parameters, which no mode sees
        self.move_module = move_module = nn.Module.to

        def to(module: nn.Module, *args, **kwargs) -> nn.Module:
            asked, _, _ = asked_device(args, kwargs)
            module = move_module(module, *args, **kwargs)
            for tensor in [*module.parameters(), *module.buffers()] if asked else []:
                tensor._there = asked.type == "cuda"
            return module

        self.copy_parameter = copy_parameter = nn.Parameter.__deepcopy__

        def deepcopy(parameter: nn.Parameter, memo: dict) -> nn.Parameter:
            copied = copy_parameter(parameter, memo)
            copied._there = there(parameter)
            return copied

        nn.Module.to, nn.Parameter.__deepcopy__ = to, deepcopy
        return super().__enter__()

    def __exit__(self, *error):
        nn.Module.to, nn.Parameter.__deepcopy__ = self.move_module, self.copy_parameter
        return super().__exit__(*error)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = getattr(func, "__name__", str(func))
        owner = getattr(getattr(func, "__self__", None), "__name__", "")
        if func is torch.device:
            return func(*args, **kwargs)
        if name == "__get__" and owner == "device":
            return DEVICE if there(args[0]) else func(*args, **kwargs)
        if name in ("cpu", "cuda") and isinstance(args[0], Tensor):
            return moved(args[0], name == "cuda")
        if name == "numpy" and there(args[0]):
            raise MixedDevices("can't convert a cuda tensor to numpy; use Tensor.cpu() first")
        if name == "to":
            return self.to(func, args, kwargs)
        self.check(name, args, kwargs)
        asked, rest, others = asked_device(args, kwargs)
        if asked is not None and asked.type == "cuda":
            if others.get("generator") is not None:
                raise MixedDevices(f"{name}: a generator of the CPU draws nothing on cuda")
            result = func(*rest, **others)
        else:
            result = func(*args, **kwargs)
        on_gpu = (
            any(map(there, tensors_in(args, kwargs))) if asked is None else asked.type == "cuda"
        )
        if name == "__set__" and owner == "data":
            args[0]._there = there(args[1])
        elif on_gpu:
            for tensor in tensors_in(result[0] if name in PACKING else result):
                tensor._there = True
        return result

    def to(self, func, args: tuple, kwargs: dict) -> Tensor:
        asked, rest, others = asked_device(args[1:], kwargs)
        if rest and isinstance(rest[0], Tensor):
            asked, rest = (DEVICE if there(rest[0]) else torch.device("cpu")), rest[1:]
        converted = func(args[0], *rest, **others) if rest or others else args[0]
        return moved(converted, there(args[0]) if asked is None else asked.type == "cuda")

    def check(self, name: str, args: tuple, kwargs: dict) -> None:
        """Raise where tensors of both devices are used together."""
        if name in CROSSING:
            return
        if name in ("__getitem__", "index") and there(args[0]):
            return  # a tensor on a GPU may be indexed by one of the CPU
        used = list(tensors_in(args, kwargs))
        if name == "__setitem__" and there(args[0]):
            used = [args[0], *tensors_in(args[2])]
        if any(map(there, used)):
            for tensor in used:
                if not there(tensor) and tensor.dim() > 0:
                    raise MixedDevices(f"{name}: tensors on cuda and on the CPU")
