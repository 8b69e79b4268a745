"""The gradient of eq 8 in compiled code, for those who invert thousands of faces on a processor.

Convolutions run as they do; what the compiler saves are passes over the activations between them
(:mod:`.fusable`).
One build serves one batch of one size of picture. It takes a minute of a core and a C++ compiler,
and stays in the user's cache, so that all jobs of all runs share it. Off unless
:func:`choose_compiled` says so: compiled sums round in another way, and whoever has no compiler
would get other numbers.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import io
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..data.storage import whole
from ..networks.activations import halved
from ..networks.perceptual import PerceptualBackbone, lpips_to, lpips_to_maps, target_maps
from ..networks.precision import precision
from ..networks.stylegan2 import Generator
from .fusable import FUSABLE, fusable

Slope = Callable[[Tensor], Tensor]  # latents [N, k] -> gradient of the sum of eq 8 [N, k]

_chosen = _ran = False


def choose_compiled(on: bool) -> None:
    """Compile in this process, or do not."""
    global _chosen, _ran
    _chosen, _ran = on, False


def compiled_ran() -> bool:
    """Whether a compiled step ran in this process since it was chosen; the plain one may have."""
    return _ran


def compiled_slope(
    generator: nn.Module, perceptual: object, weight: float, batch: int
) -> Callable[[Tensor], Slope] | None:
    """Target images [``batch``, 3, R, R] -> the gradient of eq 8 for them; ``weight`` is lambda.

    None where nothing is to be compiled, or where it cannot be, which a warning says: for networks
    of ours on a processor, with a C++ compiler, it can.
    """
    if not _chosen:
        return None
    network = _network_of(perceptual)
    device = next(generator.parameters()).device
    if not isinstance(generator, Generator) or network is None or device.type != "cpu":
        _say_plain("it is for bundled networks on a processor")
        return None
    path = _cache() / f"{_key(generator, network, batch)}.pt2"
    if not path.exists():
        missing = _build_once(generator, network, batch, path)
        if missing:
            _say_plain(missing)
            return None
    run = _loaded(path)
    scale = torch.tensor(weight)

    def slope_to(x: Tensor) -> Slope:
        global _ran
        _ran = True
        maps = _flat(target_maps(network, x), precision(device))
        return lambda s: run(s, x, scale, *maps)

    return slope_to


def _say_plain(reason: str) -> None:
    warnings.warn(f"inversion: nothing is compiled, {reason}; the plain step runs", stacklevel=4)


def _network_of(perceptual: object) -> PerceptualBackbone | None:
    """The backbone behind LPIPS to a target, where it is one of ours."""
    bound = isinstance(perceptual, functools.partial) and perceptual.func is lpips_to
    network = perceptual.args[0] if bound and perceptual.args else None  # type: ignore[attr-defined]
    return network if isinstance(network, PerceptualBackbone) else None


def _flat(maps: list[tuple[Tensor, Tensor]], dtype: torch.dtype) -> list[Tensor]:
    return [part for t, constant in maps for part in (t.to(dtype), constant)]


def _step(generator: Generator, network: PerceptualBackbone) -> Callable[..., Tensor]:
    """What is compiled: the gradient [N, k] for latents [N, k], of tensors alone."""
    from .inversion import distortion

    generator = fusable(generator)

    def gradient(s: Tensor, x: Tensor, weight: Tensor, *maps: Tensor) -> Tensor:
        pairs = list(zip(maps[::2], maps[1::2], strict=True))
        distance = functools.partial(lpips_to_maps, network, lambda dtype: pairs)
        v = s.detach().requires_grad_(True)
        loss = distortion(v, x, generator, distance, weight)
        return torch.autograd.grad(loss.sum(), v)[0]

    return gradient


def _build_once(
    generator: Generator, network: PerceptualBackbone, batch: int, path: Path
) -> str | None:
    """Build ``path`` unless another process does or did; why it cannot be built, or None."""
    import fcntl

    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        get_cpp_compiler()
    except InvalidCxxCompiler:
        return "no C++ compiler (g++ or clang++) was found"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released when the process ends, however it does
        if not path.exists():
            note = f"inversion: compiling for batches of {batch}, once; it takes a minute"
            print(note, file=sys.stderr, flush=True)
            _build(generator, network, batch, path)
    return None


def _build(generator: Generator, network: PerceptualBackbone, batch: int, path: Path) -> None:
    from torch.fx.experimental.proxy_tensor import make_fx

    resolution = generator.resolution
    x = torch.rand(batch, 3, resolution, resolution).mul(2).sub(1)
    x = x.contiguous(memory_format=torch.channels_last)
    maps = _flat(target_maps(network, x), precision("cpu"))
    given = (torch.randn(batch, generator.latent), x, torch.tensor(1.0), *maps)
    step = _step(generator, network)
    traced = make_fx(step, FUSABLE, _allow_non_fake_inputs=True)(*given)
    program = torch.export.export(_Traced(traced), given, strict=False)
    package = io.BytesIO()
    torch._inductor.aoti_compile_and_package(program, package_path=package)
    with whole(path) as part:
        part.write_bytes(package.getvalue())


class _Traced(nn.Module):
    """A graph as a module, as ``torch.export`` asks for."""

    def __init__(self, graph: torch.fx.GraphModule):
        super().__init__()
        self.step = graph

    def forward(self, *given: Tensor) -> Tensor:
        return self.step(*given)


@functools.cache
def _loaded(path: Path) -> Callable[..., Tensor]:
    run: Any = torch._inductor.aoti_load_package(str(path))
    return run


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "editable-deepsc" / "compiled"


def _key(generator: Generator, network: PerceptualBackbone, batch: int) -> str:
    """Digits of all that the compiled code depends on: networks, sizes, our code, PyTorch, the
    precision, the threads and what the processor can.
    """
    from .inversion import distortion

    total = hashlib.sha256()
    facts = (
        batch,
        torch.__version__,
        str(precision("cpu")),
        torch.get_num_threads(),
        torch.backends.cpu.get_cpu_capability(),
        os.environ.get("ONEDNN_MAX_CPU_ISA"),
        sorted(torch.cpu.get_capabilities().items()),
    )
    total.update(repr(facts).encode())
    for thing in (Generator, PerceptualBackbone, distortion, fusable, halved, _step):
        total.update(Path(inspect.getfile(thing)).read_bytes())
    for own in (generator, network):
        total.update(repr(own.config()).encode())
        for name, tensor in own.state_dict().items():
            total.update(name.encode())
            total.update(tensor.detach().cpu().float().contiguous().numpy().tobytes())
    return total.hexdigest()[:24]
