"""Reading and writing of network weights: safetensors files that say what they hold, checked by
SHA-256.

A file's metadata carries ``kind`` (a key of :data:`KINDS`) and ``config`` (the constructor's
arguments as JSON), so a network is rebuilt from its file alone. Matrices and kernels are stored in
float16, everything else in float32.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import nn
from torch.overrides import TorchFunctionMode

from ..data.storage import write_tensors
from ..data.text_files import cause, parse_json, shown
from .conditioned import ConditionedAdapters
from .encoder import LatentEncoder
from .gan_codec import LayeredCodec
from .generative_jscc import GenerativeJSCC
from .jecc import ChannelAdapters, SemanticFields
from .jscc import DeepJSCC, DeepSC
from .manifest import BUNDLED, manifest, sha256
from .perceptual import FidelityFeatures, PerceptualBackbone
from .predictor import AttributePredictor
from .recogniser import FaceRecogniser, JudgeRecogniser
from .stylegan2 import Discriminator, Encoder, Generator
from .text_encoder import TextEncoder
from .weight_files import WeightsError as WeightsError
from .weight_files import check_file

MOST_HEADER = 1_000_000  # bytes; the longest of ours, with a vocabulary, has 15,000
MOST_SIZE, MOST_LAYERS = 4096, 64  # of a width or a resolution in a file's metadata
MOST_NUMBERS, MOST_WORDS = 64, 100_000  # in a list of them

KINDS: dict[str, type[nn.Module]] = {
    kind.__name__: kind
    for kind in (
        Generator,
        Discriminator,
        Encoder,
        LatentEncoder,
        AttributePredictor,
        FaceRecogniser,
        JudgeRecogniser,
        TextEncoder,
        PerceptualBackbone,
        FidelityFeatures,
        SemanticFields,
        ChannelAdapters,
        ConditionedAdapters,
        DeepSC,
        DeepJSCC,
        LayeredCodec,
        GenerativeJSCC,
    )
}


def save_network(model: Any, path: Path, half: bool = False) -> None:
    """Write a network of one of the :data:`KINDS`, to be rebuilt from ``model.config()``.

    ``half`` stores matrices and kernels in float16.
    """
    tensors = {
        name: (t.half() if half and t.is_floating_point() and t.ndim >= 2 else t)
        for name, t in model.state_dict().items()
    }
    config = json.dumps(model.config(), sort_keys=True)
    write_tensors(path, tensors, {"kind": type(model).__name__, "config": config})


def load_network(path: Path, kind: str | None = None, expected_sha256: str | None = None) -> Any:
    """Rebuild a frozen network in evaluation mode, in float32; :class:`WeightsError` says what is
    wrong with the file.
    """
    path = Path(path)
    head = check_file(
        path,
        "run `snakemake pretrain`, or give another path in the config",
        "a whole safetensors file",
        "restore or retrain it",
    )
    if head.startswith((b"PK\x03\x04", b"\x80\x02")):
        raise WeightsError(
            f"weights: {path} is not a whole safetensors file: it is of PyTorch; give its format "
            "too, as docs/weights.md does"
        )
    if expected_sha256 is not None and sha256(path) != expected_sha256:
        raise WeightsError(
            (
                f"weights: {path} does not have the SHA-256 of its manifest (truncated or "
                f"altered); restore it, for example with `git checkout {path.name}` in its "
                "folder"
            )
        )
    announced = int.from_bytes(head[:8], "little")
    if announced > min(MOST_HEADER, path.stat().st_size):
        raise WeightsError(
            f"weights: {path} is not a whole safetensors file (a header of {announced:,} bytes); "
            "restore or retrain it"
        )
    try:
        with safe_open(path, "pt") as file:
            model = _announced(path, file, kind)
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"weights: {path} is not a whole safetensors file ({cause(error)}); restore or retrain "
            "it"
        ) from None
    expected = model.state_dict()
    for name, tensor in tensors.items():
        if tensor.is_floating_point() != expected[name].is_floating_point():
            raise WeightsError(
                f"weights: {path} does not fit {type(model).__name__}: {name!r} is of "
                f"{str(tensor.dtype).removeprefix('torch.')}; retrain it"
            )
    values = {n: t.float() if t.is_floating_point() else t for n, t in tensors.items()}
    for name, tensor in values.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise WeightsError(
                f"weights: {path}: {name!r} holds NaN or infinite values; restore or retrain it"
            )
    model.load_state_dict(values)
    return model.to(memory_format=torch.channels_last).eval().requires_grad_(False)


class _Unvalued(TorchFunctionMode):
    """Initial values are neither drawn nor scaled: for tensors without memory PyTorch first imports
    its compiler, which takes longer than all the rest.
    """

    def __torch_function__(self, func, types, args=(), kwargs=None):
        given = kwargs or {}
        of_init = getattr(func, "__module__", None) == nn.init.__name__
        scales = func in (torch.Tensor.mul, torch.Tensor.__mul__)
        if func is torch.eye and "out" in given:
            return given["out"]
        if of_init or func is torch.Tensor.normal_:
            return given["tensor"] if "tensor" in given else args[0]
        if scales and isinstance(args[1], int | float):
            return args[0]
        return (torch.empty if func is torch.randn else func)(*args, **given)


def _announced(path: Path, file: Any, kind: str | None) -> nn.Module:
    """The network that the metadata of an open safetensors file describe, its values not read.

    It takes memory only when it is known that the file holds every tensor of it in its shape.
    """
    metadata = file.metadata() or {}
    found = metadata.get("kind")
    if found not in KINDS or (kind is not None and found != kind):
        raise WeightsError(
            (
                f"weights: {path} holds {shown(found or 'no named network')[:100]}, expected "
                f"{kind or 'one of ' + ', '.join(KINDS)}; check the path in the config"
            )
        )
    try:
        config = parse_json(metadata["config"])
        _check_config(config)
        with torch.device("meta"), _Unvalued():
            expected = KINDS[found](**config).state_dict()
    except Exception as error:  # sizes that no network has are answered in many ways
        raise WeightsError(
            f"weights: {path} has a config that does not fit {found} ({cause(error)[:200]}); "
            "retrain it"
        ) from None
    shapes = {name: list(file.get_slice(name).get_shape()) for name in file.keys()}
    for name in sorted({*shapes, *expected}):
        there, needed = shapes.get(name), name in expected and list(expected[name].shape)
        if there != needed:
            raise WeightsError(
                f"weights: {path} does not fit {found}: {shown(name)[:100]!r} has "
                f"{'no place in it' if needed is False else f'shape {there}, expected {needed}'}; "
                "retrain it"
            )
    return KINDS[found](**config)


def _check_config(config: Any) -> None:
    """``ValueError`` for arguments of a network that no network has: what is built from them must
    take neither minutes nor all memory before the tensors' shapes are compared.
    """
    if not isinstance(config, dict):
        raise ValueError("it is no table of arguments")
    for name, value in config.items():
        items = value if isinstance(value, list) else [value]
        numbers = [n for n in items if isinstance(n, int | float) and not isinstance(n, bool)]
        known = all(item is None or isinstance(item, int | float | str) for item in items)
        most = MOST_LAYERS if name.endswith("layers") else MOST_SIZE
        if not known or len(items) > MOST_WORDS or max(map(abs, numbers), default=0) > most:
            raise ValueError(f"{shown(name)[:60]} is {shown(value)[:60]}")
        if len(numbers) > MOST_NUMBERS:
            raise ValueError(f"{shown(name)[:60]} has {len(numbers)} numbers")


def load_bundled(name: str, folder: Path = BUNDLED) -> Any:
    """A network that ships with the package, by its name in the manifest, verified against it."""
    entries = manifest(folder)
    if name not in entries:
        raise WeightsError(
            (
                f"weights: no bundled network is called {name!r}; there are: "
                f"{', '.join(sorted(entries))}"
            )
        )
    return load_network(folder / entries[name]["file"], expected_sha256=entries[name]["sha256"])
