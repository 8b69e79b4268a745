"""Adaptive modulation and coding: a digital codec whose QAM and code rate follow the SNR.

The frame stays: as many QAM symbols whatever the mode, so the bandwidth does not depend on the SNR.
What changes is how many bits of the source coder fit into it. Which mode is for which SNR is chosen
beforehand (``training.modulation``) and known to both ends, so nothing about it is transmitted.
"""

from __future__ import annotations

from collections.abc import Mapping


def information_bits(options: Mapping) -> float:
    """Information bits that a QAM symbol carries with the options of a digital codec."""
    if options.get("channel_code", "gallager") == "gallager":
        rate = 1 - options["d_v"] / options["d_c"]
    else:
        rate = options["code_rate"]
    return (options["qam_order"].bit_length() - 1) * rate


def with_mode(options: Mapping, mode: Mapping) -> dict:
    """Options of the codec that an entry with ``adaptive`` is in one of its modes.

    ``mode``: ``qam_order``, and ``code_rate`` (5G) or ``d_v`` and ``d_c`` (Gallager). The bits per
    pixel become those that leave the number of symbols as the entry's own ``bpp``, ``qam_order``
    and rate have it.
    """
    base = {key: value for key, value in options.items() if key != "adaptive"}
    chosen = base | dict(mode)
    return chosen | {"bpp": base["bpp"] * (information_bits(chosen) / information_bits(base))}
