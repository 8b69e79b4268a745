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

from ..data.storage import write_tensors
from .gan_codec import LayeredCodec
from .jecc import ChannelAdapters, SemanticFields
from .jscc import DeepJSCC, DeepSC
from .manifest import BUNDLED, manifest, sha256
from .perceptual import FidelityFeatures, PerceptualBackbone
from .predictor import AttributePredictor
from .recogniser import FaceRecogniser
from .stylegan2 import Discriminator, Encoder, Generator
from .text_encoder import TextEncoder

KINDS: dict[str, type[nn.Module]] = {
    kind.__name__: kind
    for kind in (
        Generator,
        Discriminator,
        Encoder,
        AttributePredictor,
        FaceRecogniser,
        TextEncoder,
        PerceptualBackbone,
        FidelityFeatures,
        SemanticFields,
        ChannelAdapters,
        DeepSC,
        DeepJSCC,
        LayeredCodec,
    )
}


class WeightsError(ValueError):
    """A weight file is missing, altered, truncated, or does not hold what was asked for."""


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
    if not path.is_file():
        raise WeightsError(
            (
                f"weights: {path} does not exist; run `snakemake pretrain`, or give another "
                "path in the config"
            )
        )
    if expected_sha256 is not None and sha256(path) != expected_sha256:
        raise WeightsError(
            (
                f"weights: {path} does not have the SHA-256 of its manifest (truncated or "
                f"altered); restore it, for example with `git checkout {path.name}` in its "
                "folder"
            )
        )
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except SafetensorError as error:
        raise WeightsError(
            f"weights: {path} is not a whole safetensors file ({error}); restore or retrain it"
        ) from None
    found = metadata.get("kind")
    if found not in KINDS or (kind is not None and found != kind):
        raise WeightsError(
            (
                f"weights: {path} holds {found or 'no named network'}, expected "
                f"{kind or 'one of ' + ', '.join(KINDS)}; check the path in the config"
            )
        )
    try:
        model = KINDS[found](**json.loads(metadata["config"]))
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(
            f"weights: {path} has a config that does not fit {found} ({error}); retrain it"
        ) from None
    try:
        model.load_state_dict(
            {n: t.float() if t.is_floating_point() else t for n, t in tensors.items()}
        )
    except RuntimeError as error:
        raise WeightsError(
            f"weights: {path} does not fit {found}: {str(error).splitlines()[-1].strip()}"
        ) from None
    return model.to(memory_format=torch.channels_last).eval().requires_grad_(False)


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
