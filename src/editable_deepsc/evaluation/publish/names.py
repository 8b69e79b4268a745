"""Printed names of systems and codecs, and the order in which systems are printed."""

from __future__ import annotations

from collections.abc import Iterable

from ...systems.names import EDITABLE

# System key in metrics.csv -> name in the paper, in the paper's order.
PAPER_SYSTEMS = {
    "deepsc+talk2edit": "DeepSC+Talk2Edit",
    "jpeg_ldpc+talk2edit": "JPEG+LDPC+Talk2Edit",
    "talk2edit+deepsc": "Talk2Edit+DeepSC",
    "talk2edit+jpeg_ldpc": "Talk2Edit+JPEG+LDPC",
    "editable_deepsc": "Editable-DeepSC",
}
_WORDS = {
    "deepsc": "DeepSC",
    "deepjscc": "DeepJSCC",
    "talk2edit": "Talk2Edit",
    "webp": "WebP",
    "semantic": "Semantic",
    "jpeg2000": "JPEG2000",
    "jscc": "JSCC",
    "gan": "GAN",
    "editable": "Editable",
    "gan_codec": "GAN codec",
    "generative": "Generative",
    "amc": "AMC",
    "lpips": "LPIPS",
}
_LONGEST_ACRONYM = 5  # "jpeg", "bpg", "h265" are acronyms or look well as such
_CHANNEL_CODES = {"ldpc", "5g", "gallager", "polar", "turbo"}  # a plus joins one to its source code


def system_name(key: str) -> str:
    """Printed name of a system: the paper's, or for a new one its key made readable.

    >>> system_name("webp_ldpc+talk2edit")
    'WebP+LDPC+Talk2Edit'

    A variant of Editable-DeepSC has its own words behind the name.

    >>> system_name("editable_deepsc_x4")
    'Editable-DeepSC x4'
    """
    if key in PAPER_SYSTEMS:
        return PAPER_SYSTEMS[key]
    if key.startswith(f"{EDITABLE}_"):
        return f"{PAPER_SYSTEMS[EDITABLE]} {key.removeprefix(f'{EDITABLE}_').replace('_', ' ')}"
    return "+".join(codec_name(part) for part in key.split("+"))


def codec_name(key: str) -> str:
    """Printed name of a codec or an editor.

    Acronyms in capitals, a variant's own words as they are.

    >>> codec_name("hevc_5g_robust"), codec_name("deepjscc_matched"), codec_name("semantic_jscc")
    ('HEVC+5G robust', 'DeepJSCC matched', 'Semantic JSCC')
    """
    if key in _WORDS:
        return _WORDS[key]
    first, *others = key.split("_")
    name = _WORDS.get(
        first, first.upper() if len(first) <= _LONGEST_ACRONYM else first.capitalize()
    )
    for word in others:
        name += f"+{word.upper()}" if word in _CHANNEL_CODES else f" {_WORDS.get(word, word)}"
    return name


def system_order(keys: Iterable[str]) -> list[str]:
    """The distinct keys: the paper's systems in the paper's order, then new ones by name."""
    keys = set(keys)
    return [k for k in PAPER_SYSTEMS if k in keys] + sorted(keys - PAPER_SYSTEMS.keys())
