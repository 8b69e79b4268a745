"""Published weights, read into our own modules key by key.

docs/published.md: the formats, and what was verified.

>>> sizes = {"resolution": 128, "channel_multiplier": 1}
>>> generator = read("stylegan2_128.pt", "stylegan2-generator", **sizes)  # doctest: +SKIP
>>> fields = read("128_field", "talk2edit-fields", generator=generator)  # doctest: +SKIP
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

from torch import nn

from ..weights import WeightsError
from . import language, stylegan2, talk_to_edit
from .checkpoint import fit, part, read_checkpoint, read_json

# Networks in a rosinality checkpoint beside the one that is read
_STYLEGAN2 = ("g_ema", "g", "d")


def _check_sizes(path: Path, resolution: int, channel_multiplier: int) -> None:
    whole = type(resolution) is type(channel_multiplier) is int
    if (
        not whole
        or resolution not in list(stylegan2.channels(1))[1:]
        or channel_multiplier not in (1, 2)
    ):
        raise WeightsError(
            f"weights: {path}: there is no published StyleGAN2 of {resolution} pixels "
            f"with channel multiplier {channel_multiplier}; "
            "give a power of two from 8 to 1024, and 1 or 2"
        )


def read_generator(path: Path, resolution: int, channel_multiplier: int) -> stylegan2.Generator:
    """``g_ema`` of a rosinality checkpoint, calibrated.

    Or a file that is that state dict (Talk-to-Edit's stylegan2_1024.pth).
    """
    _check_sizes(path, resolution, channel_multiplier)
    state = part(read_checkpoint(path), "g_ema", _STYLEGAN2, path)
    if not any(str(key).startswith("noises.") for key in state):
        # Old rosinality files have none, and its code then draws new ones with every start. Both
        # ends of a channel need the same.
        maps = stylegan2.fixed_noise(resolution)
        state = {**state, **{f"noises.noise_{i}": map for i, map in enumerate(maps)}}
    return fit(
        lambda: stylegan2.Generator(resolution, channel_multiplier),
        state,
        path,
        f"StyleGAN2 generator of {resolution} pixels with channel multiplier {channel_multiplier}",
    ).calibrate()


def read_discriminator(
    path: Path, resolution: int, channel_multiplier: int
) -> stylegan2.Discriminator:
    """``d`` of a rosinality checkpoint.

    Or a file that is that state dict (StyleGAN2_FFHQ1024_discriminator.pth).
    """
    _check_sizes(path, resolution, channel_multiplier)
    state = part(read_checkpoint(path), "d", _STYLEGAN2, path)
    return fit(
        lambda: stylegan2.Discriminator(resolution, channel_multiplier),
        state,
        path,
        (
            f"StyleGAN2 discriminator of {resolution} pixels with channel multiplier "
            f"{channel_multiplier}"
        ),
    )


def read_predictor(path: Path) -> talk_to_edit.AttributePredictor:
    """predictor_128.pth.tar, predictor_1024.pth.tar or eval_predictor.pth.tar of Talk-to-Edit."""
    state = part(read_checkpoint(path), "state_dict", (), path)
    return fit(talk_to_edit.AttributePredictor, state, path, "Talk-to-Edit attribute predictor")


def read_field(path: Path, layers: int = 8, hidden: int = 512) -> talk_to_edit.Field:
    """One semantic field, such as 128_field/Bangs.pth."""
    if not (type(layers) is type(hidden) is int and 2 <= layers <= 64 and 1 <= hidden <= 8192):
        raise WeightsError(
            f"weights: {path}: a field of {layers!r} layers, {hidden!r} wide, is none; give 2 to "
            "64 layers and a width of 1 to 8192, or neither"
        )
    state = part(read_checkpoint(path), "state_dict", (), path)
    return fit(
        lambda: talk_to_edit.Field(layers, hidden),
        state,
        path,
        f"Talk-to-Edit field of {layers} layers, {hidden} wide",
    )


def read_fields(
    path: Path, generator: stylegan2.Generator, layers: int = 8, hidden: int = 512
) -> talk_to_edit.SemanticFields:
    """The folder of five fields (128_field or 1024_field), for its ``generator``.

    The generator is of the same resolution.
    """
    if not isinstance(generator, stylegan2.Generator):
        raise WeightsError(
            f"weights: {path}: fields need their generator as it was read, not a "
            f"{type(generator).__name__}"
        )
    files = [Path(path) / f"{name}.pth" for name in talk_to_edit.PUBLISHED_NAMES.values()]
    return (
        talk_to_edit.SemanticFields([read_field(file, layers, hidden) for file in files], generator)
        .eval()
        .requires_grad_(False)
    )


def read_recogniser(path: Path, gated: bool = False) -> talk_to_edit.FaceRecogniser:
    """arcface_resnet18_110.pth: saved through ``DataParallel``, whose prefix is taken off."""
    if not isinstance(gated, bool):
        raise WeightsError(f"weights: {path}: gated is {gated!r}; give true or false")
    state = part(read_checkpoint(path), "state_dict", (), path)
    state = {str(key).removeprefix("module."): value for key, value in state.items()}
    return fit(
        lambda: talk_to_edit.FaceRecogniser(gated),
        state,
        path,
        f"ArcFace ResNet-18 with{'' if gated else 'out'} squeeze-and-excitation",
    )


def read_language_encoder(path: Path, vocabulary: Path) -> language.LanguageEncoder:
    """language_encoder.pth.tar and the release's language/templates/vocab.json."""
    tokens = read_json(vocabulary).get("text_token_to_idx")
    if (
        not isinstance(tokens, dict)
        or any(type(number) is not int for number in tokens.values())
        or sorted(tokens.values()) != list(range(len(tokens)))
    ):
        raise WeightsError(
            (
                f"weights: {vocabulary} has no 'text_token_to_idx' that numbers its words from "
                "0; take vocab.json of the release"
            )
        )
    absent = [token for token in (language.NULL, language.UNKNOWN) if token not in tokens]
    if absent:
        raise WeightsError(
            f"weights: {vocabulary} lacks the token {absent[0]}; take vocab.json of the release"
        )
    state = part(read_checkpoint(path), "state_dict", (), path)
    return fit(
        lambda: language.LanguageEncoder(tokens),
        state,
        path,
        f"Talk-to-Edit language encoder of {len(tokens)} words",
    )


def read_lpips_alex(path: Path) -> nn.Module:
    """LPIPS on torchvision's AlexNet, of which ``path`` is the state dict."""
    from .judges import published_lpips  # here, since lpips and torchvision take seconds to import

    return published_lpips(path, "alex")


def read_lpips_vgg(path: Path) -> nn.Module:
    """LPIPS on torchvision's VGG-16, of which ``path`` is the state dict."""
    from .judges import published_lpips

    return published_lpips(path, "vgg")


def read_inception(path: Path) -> nn.Module:
    """The features of torch-fidelity's Inception, weights-inception-2015-12-05."""
    from .judges import published_inception

    return published_inception(path)


FORMATS: dict[str, Callable[..., nn.Module]] = {
    "stylegan2-generator": read_generator,
    "stylegan2-discriminator": read_discriminator,
    "talk2edit-predictor": read_predictor,
    "talk2edit-field": read_field,
    "talk2edit-fields": read_fields,
    "talk2edit-recogniser": read_recogniser,
    "talk2edit-language": read_language_encoder,
    "lpips-alex": read_lpips_alex,
    "lpips-vgg": read_lpips_vgg,
    "inception": read_inception,
}


def read(path: Path | str, format: str, **sizes) -> nn.Module:
    """The network in the published file ``path``, of one of :data:`FORMATS`.

    It is in evaluation mode, frozen, on the CPU, in float32.

    ``sizes`` are what the format's reader takes beside the path: ``resolution`` and
    ``channel_multiplier`` of a StyleGAN2, ``vocabulary`` of the language encoder, ``generator`` of
    the fields. :class:`WeightsError`, one sentence, if the file is missing, truncated, holds
    anything but data, or lacks a key, has an unknown one or another shape.
    """
    if not isinstance(format, str) or format not in FORMATS:
        raise WeightsError(
            f"weights: the format {format!r} is unknown; choose one of: {', '.join(FORMATS)}"
        )
    takes = list(inspect.signature(FORMATS[format]).parameters.values())[1:]
    unknown = set(sizes) - {parameter.name for parameter in takes}
    absent = {parameter.name for parameter in takes if parameter.default is parameter.empty} - set(
        sizes
    )
    if unknown or absent:
        raise WeightsError(
            f"weights: {path}: the format {format} takes "
            f"{', '.join(map(str, takes)) or 'no sizes'}; "
            f"{'not given' if absent else 'unknown'}: {', '.join(sorted(absent or unknown))}"
        )
    for name, value in {"path": path, **sizes}.items():
        if name in ("path", "vocabulary") and not (value and isinstance(value, str | Path)):
            raise WeightsError(f"weights: the {name} of a {format} is {value!r}; give a file")
    return FORMATS[format](Path(path), **sizes)
