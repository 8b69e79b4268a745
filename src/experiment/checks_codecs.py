"""Codecs and recipes, built as their jobs will build them.

What only a constructor knows is asked of the constructor; learned networks take no memory, since
they are built without values. This imports torch, so only the process that plans the jobs does it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from editable_deepsc.networks.manifest import codes
from editable_deepsc.systems.names import parse_system

from .config import ConfigError, Experiment

if TYPE_CHECKING:
    import numpy as np

LOOKED_AT = 4  # faces that are compressed, to see whether any fits a codec's frame
SIZES = ("width", "symbols_per_position", "halvings")  # of a learned network
DRAWN_SIDE = 64  # pixels; larger faces are enlarged ones, which take fewer bits


def check_codecs_build(experiment: Experiment) -> None:
    """Every codec that is used can be built for every data set, and delivers a picture."""
    config = experiment.config
    for dataset in experiment.datasets:
        for codec in used_codecs(experiment, dataset):
            options = experiment.codec_options(codec, dataset) or {}
            check_codec(codec, options, dataset, experiment)
    if "studies" in config:
        check_studied_rates(experiment)
        check_studied_dimensions(experiment)


def used_codecs(experiment: Experiment, dataset: str) -> list[str]:
    """Codecs of the swept systems and of the studies on a data set, in the order of the config."""
    used = {parse_system(system).codec for system in experiment.systems}
    if dataset == experiment.main:
        beside = experiment.config["equal_bandwidth"]["systems"]
        used |= {parse_system(system).codec for system in beside}
    studies = experiment.config.get("studies")
    if studies:
        rates, importance = studies["rates"], studies["importance"]
        used |= {rates["layered"], *rates["beside"], *importance["separate"]}
        used |= {importance["weighted"], importance["unweighted"], studies["mismatch"]["codec"]}
    return [codec for codec in experiment.config["codecs"] if codec in used]


def check_same_sizes(
    where: str, both: Mapping[str, Mapping], advice: str, sizes: tuple[str, ...] = ("kind", *SIZES)
) -> None:
    """A network is of the kind and the sizes of what its training starts from: by default those of
    a codec.

    ``both``: what each of the two is called -> its options, the start first; ``advice``: what to do
    beside making them equal.
    """
    (start, first), (name, own) = both.items()
    for key in sizes:
        if own.get(key) != first.get(key):
            raise ConfigError(
                f"{where}: {key} is {first.get(key)} for {start} and {own.get(key)} for {name}; "
                f"make them equal, or {advice}"
            )


def check_codec(name: str, options: Mapping, dataset: str, experiment: Experiment) -> None:
    """One codec on one data set, as trained or as sent."""
    from editable_deepsc.codecs.adaptive import with_mode

    entry, kind = experiment.dataset(dataset), options.get("kind", name)
    side = entry["resolution"]
    with_sentence = _sentence(f"config: codecs.{name}: on {dataset!r}, ")
    if "adaptive" in options:
        check_modes(name, options)
        for mode in options["adaptive"]["modes"]:
            one = with_sentence(lambda mode=mode: build(name, side, with_mode(options, mode)))
            check_code_exists(name, one)
    codec = with_sentence(lambda: build(name, side, options))
    check_squares(name, options, dataset, side)
    if "steps" in options and kind not in _trained_kinds():
        raise ConfigError(
            f"config: codecs.{name}: {kind!r} is no learned codec and takes no steps; remove them, "
            f"or choose one of: {', '.join(_trained_kinds())}"
        )
    check_code_exists(name, codec)
    if hasattr(codec, "payload_bytes") and kind != "gan_codec":
        style = entry.get("style", "photo")
        if not fits(codec, side, style):
            raise ConfigError(
                f"config: codecs.{name}.bpp: at {options['bpp']} bits per pixel no picture of "
                f"{dataset!r} ({side} pixels) fits, so that all of them would be lost; raise it"
            )


def check_squares(name: str, options: Mapping, dataset: str, side: int) -> None:
    """What a codec is trained on is no larger than the images, and its halvings leave a whole."""
    squares = options.get("squares", {}).get("side")
    halvings = options.get("halvings", 2)
    for key, pixels in (("crop", options.get("crop")), ("squares.side", squares)):
        if pixels and pixels > side:
            raise ConfigError(
                f"config: codecs.{name}.{key}: {pixels} is more than the {side} pixels of "
                f"{dataset!r}; lower it"
            )
    for pixels in (options.get("crop") or side, squares or side):
        if pixels % 2**halvings:
            raise ConfigError(
                f"config: codecs.{name}: {halvings} halvings of {pixels} pixels leave no whole "
                "number; lower halvings"
            )


def check_modes(name: str, options: Mapping) -> None:
    """A mode says the code rate in the way of its channel code, as every entry does."""
    wanted = {"code_rate"} if options.get("channel_code") == "5g" else {"d_v", "d_c"}
    for mode in options["adaptive"]["modes"]:
        if set(mode) - {"qam_order"} != wanted:
            raise ConfigError(
                f"config: codecs.{name}.adaptive.modes: a mode of this channel code has qam_order, "
                f"{' and '.join(sorted(wanted))}, and no other key; change {dict(mode)}"
            )


def _trained_kinds() -> list[str]:
    from editable_deepsc.codecs.learned import LEARNED

    return [*LEARNED, "gan_codec", "generative_jscc"]


def _sentence(beginning: str) -> Callable[[Callable[[], Any]], Any]:
    """Run a constructor; what it refuses becomes one sentence."""

    def run(construct: Callable[[], Any]) -> Any:
        try:
            return construct()
        except (ValueError, TypeError, ArithmeticError, KeyError) as error:
            said = " ".join(str(error).split())
            raise ConfigError(f"{beginning}{said}; change its options") from None

    return run


def build(name: str, side: int, options: Mapping) -> Any:
    """The codec of an entry for pictures of ``side`` pixels.

    A learned network takes no memory: it has no values, or is the smallest of its kind where its
    sizes are nothing to the codec.
    """
    import torch

    from editable_deepsc.codecs.build import build_codec
    from editable_deepsc.codecs.learned import LEARNED
    from editable_deepsc.networks.gan_codec import LayeredCodec

    kind = options.get("kind", name)
    if "steps" not in options:
        return build_codec(name, side, {k: v for k, v in options.items() if k != "adaptive"})
    if kind == "gan_codec":
        return build_codec(name, side, options, LayeredCodec(side, 8, 1, 1))
    if kind not in LEARNED:
        return None
    with torch.device("meta"):
        sizes = {key: options[key] for key in SIZES if key in options}
        model = LEARNED[kind](side, **sizes)
    return build_codec(name, side, options, model)


def check_code_exists(name: str, codec: Any) -> None:
    """A Gallager code is bundled, or can be drawn."""
    code = getattr(getattr(codec, "link", None), "code", None)
    if code is None or code.name in codes() or importlib.util.find_spec("pyldpc"):
        return
    raise ConfigError(
        f"config: codecs.{name}: its code (length {code.length}, d_v {code.d_v}, d_c {code.d_c}, "
        f"seed {code.seed}) does not ship with the package, and pyldpc, which draws it, is "
        "missing; take d_v, d_c, max_block_length and seed of config.yaml, or install "
        '"editable-deepsc[gallager]"'
    )


def fits(codec: Any, side: int, style: str) -> bool:
    """Whether the source coder brings any of some rendered faces into the frame of the codec."""
    return any(
        codec.source.encode(face_of(number, side, style), codec.payload_bytes) is not None
        for number in range(LOOKED_AT)
    )


@cache
def face_of(number: int, side: int, style: str) -> np.ndarray:
    """A rendered face, uint8 [side, side, 3]."""
    import numpy as np
    from PIL import Image

    from editable_deepsc.data.faces import render, sample_faces
    from editable_deepsc.data.pixels import to_uint8
    from editable_deepsc.data.seeds import seeded

    face = sample_faces(1, seeded("rates", number))
    drawn = to_uint8(render(face, min(side, DRAWN_SIDE), style))[0].permute(1, 2, 0)
    return np.asarray(Image.fromarray(drawn.contiguous().numpy()).resize((side, side)))


def check_studied_rates(experiment: Experiment) -> None:
    """The study of rates builds every codec at every rate."""
    study, main = experiment.config["studies"]["rates"], experiment.main
    side = experiment.dataset(main)["resolution"]
    for name, bpp, options in _studied(experiment, study):
        _sentence(f"config: studies.rates.bpp: {name} at {bpp} bits per pixel: ")(
            lambda name=name, options=options: build(name, side, options)
        )


def _studied(experiment: Experiment, study: Mapping) -> Iterator[tuple[str, float, dict]]:
    layered = study["layered"]
    options = experiment.codec_options(layered, experiment.main) or {}
    for bpp in study["bpp"]:
        for share in study["base_shares"] if bpp in study["split_bpp"] else ():
            bits = {"base_bpp": share * bpp, "enhancement_bpp": (1 - share) * bpp}
            yield layered, bpp, options | {"sent": options["sent"] | bits}
        for name in study["beside"]:
            yield name, bpp, (experiment.codec_options(name, experiment.main) or {}) | {"bpp": bpp}


def check_studied_dimensions(experiment: Experiment) -> None:
    """The codecs of the study of importance take the same number of real dimensions."""
    study, main = experiment.config["studies"]["importance"], experiment.main
    side = experiment.dataset(main)["resolution"]
    sent: dict[str, int] = {}
    for name in (study["weighted"], study["unweighted"], *study["separate"]):
        options = experiment.codec_options(name, main) or {}
        if "symbols_per_position" in options:
            sent[name] = options["symbols_per_position"] * (side // 4) ** 2
        elif hasattr(codec := build(name, side, options), "link"):
            sent[name] = codec.link.dimensions
    if len(set(sent.values())) > 1:
        sizes = ", ".join(f"{name} {count}" for name, count in sent.items())
        raise ConfigError(
            "config: studies.importance: the codecs send different numbers of real dimensions "
            f"({sizes}); give them the same bandwidth"
        )
