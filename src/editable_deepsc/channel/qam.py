"""The frame that every digital link shares: coded bits <-> scrambled Gray QAM on a real wire."""

from __future__ import annotations

import functools
import importlib
import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor

from .noise import Levels, snr_to_noise_variance
from .power import normalise_power
from .uses import complex_uses, real_dimensions

# Belief propagation clips its messages here (log-odds); a known bit enters with this certainty.
MAX_LLR = 20.0
# Below this variance (above 40 dB) the LLRs of every useful QAM are clipped anyway, and dividing
# by much less would overflow.
MIN_DEMAPPER_VARIANCE = 1e-4
# Words decoded at once: the messages of one chunk stay near the processor's cache.
DECODER_CHUNK = 64


class QamLink(ABC):
    """What the two links share: the frame of QAM symbols around a channel code.

    A link sets ``payload_bits`` and the frame (:meth:`_set_frame`), and has the two halves of its
    code, ``_encode`` and ``_decode``.
    """

    payload_bits: int

    @abstractmethod
    def _encode(self, bits: Tensor) -> Tensor:
        """Payload [N, payload_bits] -> coded bits [N, coded_bits] bool."""

    @abstractmethod
    def _decode(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Log-odds [N, coded_bits] -> payload bits [N, payload_bits] uint8, ok [N] bool."""

    def _set_frame(
        self, budget: float, code_rate: float, qam_order: int, bp_iterations: int, seed: int
    ) -> None:
        bits_per_symbol = qam_order.bit_length() - 1
        if qam_order < 4 or qam_order != 1 << bits_per_symbol or bits_per_symbol % 2:
            raise ValueError(f"QAM order must be a power of 4, not {qam_order}")
        if bp_iterations < 1:
            raise ValueError(
                f"belief propagation needs at least one iteration, not {bp_iterations}"
            )
        if not 1 <= budget < math.inf:
            raise ValueError(f"a frame must carry at least one information bit, not {budget}")
        self.bits_per_symbol = bits_per_symbol
        self.bp_iterations = bp_iterations
        # The small slack keeps a product such as 0.1 * 30 from costing a symbol by rounding.
        self.symbols = math.ceil(budget / (code_rate * bits_per_symbol) - 1e-6)
        self.dimensions = 2 * self.symbols
        self.coded_bits = self.symbols * bits_per_symbol
        # Without scrambling an empty payload would be one constellation point over and over, whose
        # power is not the average that the receiver's decision thresholds assume.
        generator = torch.Generator().manual_seed(seed)
        self._scrambler = torch.randint(0, 2, (self.coded_bits,), generator=generator).bool()

    @property
    def code_rate(self) -> float:
        """The true rate: payload bits over coded bits."""
        return self.payload_bits / self.coded_bits

    def _check_payload(self, bits: Tensor) -> None:
        if bits.ndim != 2 or bits.shape[1] != self.payload_bits:
            raise ValueError(f"payload must be [N, {self.payload_bits}], not {list(bits.shape)}")

    def modulate(self, bits: Tensor) -> Tensor:
        """Payload ``bits`` [N, payload_bits] of 0/1 -> wire [N, 2 S] float32, I and Q interleaved.

        Each row has mean square 1 (eq 4); the factor, 1 on average, is not given to the receiver.
        """
        self._check_payload(bits)
        coded = self._encode(bits) ^ self._scrambler.to(bits.device)
        # [N, S] complex, E|s|^2 = 1
        points = _mapper(self.bits_per_symbol, str(bits.device))(coded)
        return normalise_power(real_dimensions(points, self.dimensions))

    @torch.no_grad()
    def soft_bits(self, received: Tensor, snr_db: Levels) -> Tensor:
        """Wire [N, 2 S] -> log-odds ln P(1)/P(0) [N, coded_bits], before decoding.

        ``snr_db``: one for all rows, or one per row [N].
        """
        if received.ndim != 2 or received.shape[1] != self.dimensions:
            raise ValueError(
                f"received symbols must be [N, {self.dimensions}], not {list(received.shape)}"
            )
        # Two dimensions of power 1 make Es = 2; the demapper's points have Es = 1, and its noise is
        # the complex one: scaled by 1/sqrt(2), 2 sigma^2 becomes sigma^2.
        points = complex_uses(received) / math.sqrt(2)
        variance: Tensor | float
        if isinstance(snr_db, Tensor):
            variance = (10 ** (-snr_db.to(received.device).float() / 10)).clamp_min(
                MIN_DEMAPPER_VARIANCE
            )[:, None]
        else:
            variance = max(snr_to_noise_variance(snr_db), MIN_DEMAPPER_VARIANCE)
        logits = _demapper(self.bits_per_symbol, str(received.device))(points, variance)
        return torch.where(self._scrambler.to(logits.device), -logits, logits)

    @torch.no_grad()
    def demodulate(self, received: Tensor, snr_db: Levels) -> tuple[Tensor, Tensor]:
        """Wire [N, 2 S] -> payload bits [N, payload_bits] uint8, and ok [N] bool.

        ok: the code found no error. ``snr_db`` as for :meth:`soft_bits`.
        """
        return self._decode(self.soft_bits(received, snr_db).clamp(-MAX_LLR, MAX_LLR))


@functools.cache
def _mapper(bits_per_symbol: int, device: str):
    return sionna("mapping").Mapper("qam", bits_per_symbol, device=device)


@functools.cache
def _demapper(bits_per_symbol: int, device: str):
    return sionna("mapping").Demapper("app", "qam", bits_per_symbol, device=device)


def sionna(module: str):
    """Import ``sionna.phy.<module>`` at first use.

    It takes seconds, and reseeds torch's global generators at random, which would undo a
    ``torch.manual_seed`` of the caller.
    """
    with torch.random.fork_rng():
        return importlib.import_module(f"sionna.phy.{module}")
