"""The channel of an experiment: z_hat = h z + n (eq 6), with h = 1 or fading in blocks, and what
the receiver knows of h.

    symbols [N, k] real -> pairs (2i, 2i + 1) = one complex channel use -> times h, one per row -> +
    n -> received

Block fading: h is drawn once per transmitted vector (per image). E|h|^2 = 1, so that the SNR, 10
log10(P / sigma^2), is the *average* SNR at the receiver; one row's own is SNR |h|^2. Analogue
systems send real dimensions: two neighbours are the real and imaginary part of one complex use,
exactly as the I and Q of a QAM symbol, so that fading turns and scales both kinds of signal alike.
A vector of odd length leaves the last imaginary part unused.

With perfect channel knowledge the receiver equalises, z_hat / h, and knows each row's own SNR.
Without, it gets what arrived, and the average SNR.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .noise import Levels, awgn
from .uses import complex_uses, real_dimensions

# channel, number of rows n, generator -> h [n] complex64 with E|h|^2 = 1
Fading = Callable[["Channel", int, torch.Generator], Tensor]
FADINGS: dict[str, Fading] = {}
KNOWLEDGE = ("perfect", "absent")


def register(name: str) -> Callable[[Fading], Fading]:
    """Decorator: make a fading known as ``name``. ValueError if the name is taken."""

    def add(fading: Fading) -> Fading:
        if name in FADINGS:
            raise ValueError(f"a fading named {name!r} is registered already")
        FADINGS[name] = fading
        return fading

    return add


@dataclass(frozen=True)
class Channel:
    """``fading``: one of ``FADINGS``, by name; ``csi``, the receiver's channel knowledge: one of
    ``KNOWLEDGE``.

    ``rice_factor_db``: power of the line of sight over that of the scattered paths (the Rician K,
    dB). Rayleigh has no line of sight. ``Channel()`` is AWGN. ValueError on unknown names.
    """

    fading: str = "none"
    csi: str = "perfect"
    rice_factor_db: float = 6.0

    def __post_init__(self) -> None:
        if self.fading not in FADINGS:
            raise ValueError(
                f"fading {self.fading!r} is unknown; choose one of: {', '.join(FADINGS)}"
            )
        if self.csi not in KNOWLEDGE:
            raise ValueError(
                f"channel knowledge {self.csi!r} is unknown; choose one of: {', '.join(KNOWLEDGE)}"
            )

    def coefficients(self, n: int, generator: torch.Generator) -> Tensor:
        """h [n] complex64 of n rows, E|h|^2 = 1."""
        return FADINGS[self.fading](self, n, generator)

    def __call__(
        self, symbols: Tensor, snr_db: float, generator: torch.Generator
    ) -> tuple[Tensor, Levels]:
        """Symbols [N, k] -> what the receiver works with: symbols [N, k], and the SNR in dB that it
        reckons with.

        That SNR is ``snr_db`` itself without fading or without channel knowledge, and each row's
        own [N] after equalisation. Without fading the draws are those of
        :func:`~editable_deepsc.channel.noise.awgn`. Raises ValueError on a row above the power
        constraint (eq 4).
        """
        if self.fading == "none":
            return awgn(symbols, snr_db, generator), snr_db
        h = self.coefficients(len(symbols), generator).to(symbols.device)
        # awgn checks eq 4 on what was sent, h times that is added: the noise is the same whatever
        # h.
        noise = awgn(symbols, snr_db, generator) - symbols
        received = complex_uses(symbols) * h[:, None] + complex_uses(noise)
        if self.csi == "absent":
            return real_dimensions(received, symbols.shape[1]), snr_db
        return real_dimensions(
            received / h[:, None], symbols.shape[1]
        ), snr_db + 20 * h.abs().log10()


@register("none")
def no_fading(channel: Channel, n: int, generator: torch.Generator) -> Tensor:
    """h = 1: AWGN."""
    return torch.ones(n, dtype=torch.complex64, device=generator.device)


@register("rayleigh")
def rayleigh(channel: Channel, n: int, generator: torch.Generator) -> Tensor:
    """Scattered paths alone: h is circular Gaussian."""
    scattered = torch.randn(n, 2, generator=generator, device=generator.device) / math.sqrt(2)
    return torch.view_as_complex(scattered)


@register("rician")
def rician(channel: Channel, n: int, generator: torch.Generator) -> Tensor:
    """A line of sight of random phase, ``rice_factor_db`` stronger than the scattered paths."""
    scattered = rayleigh(channel, n, generator)
    k = 10 ** (channel.rice_factor_db / 10)
    phase = 2 * math.pi * torch.rand(n, generator=generator, device=generator.device)
    sight = math.sqrt(k / (k + 1)) * torch.polar(torch.ones_like(phase), phase)
    return sight + scattered / math.sqrt(k + 1)
