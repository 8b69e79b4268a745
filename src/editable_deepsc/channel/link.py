"""The digital link: payload bits -> channel code -> scrambler -> square QAM -> real wire, and back.

    payload bits -> channel code -> XOR scrambler -> Gray QAM -> I, Q interleaved -> power 1 (eq 4)
    = the wire wire -> I + jQ -> LLRs -> unscramble -> channel decoder -> payload bits, ok?

The channel code is Gallager's (:class:`DigitalLink`) or that of 5G (:class:`NRLink`). The frame is
fixed by its arguments and known to both ends; nothing about it is transmitted.
"""

from __future__ import annotations

import functools
import importlib
import math

import numpy as np
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
# Codes drawn at most, in search of one without codewords of weight 2.
CODE_DRAWS = 100
# Information bits of a 5G code block at most (base graph 1).
MAX_NR_BLOCK = 8448
# Iterations between two looks at the parity checks; words that satisfy them all are finished.
ITERATIONS_PER_LOOK = 5


class _QamLink:
    """What the two links share: the frame of QAM symbols around a channel code.

    A link sets ``payload_bits`` and the frame (:meth:`_set_frame`), and has ``_encode``: payload
    [N, payload_bits] -> coded bits [N, coded_bits] bool, and ``_decode``: log-odds [N, coded_bits]
    -> payload bits, ok [N].
    """

    payload_bits: int

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
        points = _mapper(self.bits_per_symbol, str(bits.device))(
            coded
        )  # [N, S] complex, E|s|^2 = 1
        return normalise_power(real_dimensions(points, self.dimensions))

    @torch.no_grad()
    def soft_bits(self, received: Tensor, snr_db: Levels) -> Tensor:
        """Wire [N, 2 S] -> log-odds ln P(1)/P(0) [N, coded_bits] of the coded bits, before
        decoding.

        ``snr_db``: one for all rows, or one per row [N].
        """
        if received.ndim != 2 or received.shape[1] != self.dimensions:
            raise ValueError(
                f"received symbols must be [N, {self.dimensions}], not {list(received.shape)}"
            )
        # Two dimensions of power 1 make Es = 2; the demapper's points have Es = 1, and its noise is
        # the complex one: scaled by 1/sqrt(2), 2 sigma^2 becomes sigma^2.
        points = complex_uses(received) / math.sqrt(2)
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
        """Wire [N, 2 S] -> payload bits [N, payload_bits] uint8, and ok [N] bool: the code found no
        error.
        """
        return self._decode(self.soft_bits(received, snr_db).clamp(-MAX_LLR, MAX_LLR))


class DigitalLink(_QamLink):
    """A fixed frame that carries ``budget`` information bits over Gallager's LDPC code and square
    QAM.

    Frame: S = ceil(budget / (rate * bits per symbol)) QAM symbols with rate = 1 - d_v / d_c; their
    bits are cut into the fewest equal-as-possible blocks of at most ``max_block_length``. Every
    block is a codeword of one Gallager (d_v, d_c) code whose length is the next multiple of
    ``d_c``, shortened: some information bits are known zeros and stay off the air.

    The parity checks of a Gallager code are dependent (d_v - 1 of them are redundant), which gives
    each block d_v - 1 extra information bits. The link does not spend them: ``payload_bits`` is
    never above ``budget``, and what is left over is known zeros too.

    ``budget``: information bits (bits per pixel times pixels; may be fractional).
    ``qam_order``: 4, 16, 64, ...  ``max_block_length``: coded bits, a multiple of ``d_c``.
    ``seed`` fixes code and scrambler, constants of both ends.

    ``symbols`` S, ``dimensions`` 2 S, ``coded_bits``, ``payload_bits`` and ``code_rate`` (the true
    one, payload_bits / coded_bits) describe the frame. Codes are built at first use and kept per
    process.
    ok: the hard decisions satisfy all parity checks of all blocks; there is no further checksum.

    Raises ValueError on a frame that cannot be built.
    """

    def __init__(
        self,
        budget: float,
        d_v: int = 3,
        d_c: int = 12,
        qam_order: int = 16,
        max_block_length: int = 1032,
        bp_iterations: int = 30,
        seed: int = 0,
    ) -> None:
        if not 2 <= d_v < d_c:
            raise ValueError(f"LDPC degrees must satisfy 2 <= d_v < d_c, not d_v={d_v}, d_c={d_c}")
        if max_block_length < d_c or max_block_length % d_c:
            raise ValueError(
                f"block length must be a multiple of d_c={d_c}, not {max_block_length}"
            )
        self._set_frame(budget, 1 - d_v / d_c, qam_order, bp_iterations, seed)

        self.blocks = math.ceil(self.coded_bits / max_block_length)
        block_lengths = [self.coded_bits // self.blocks] * self.blocks
        for block in range(self.coded_bits % self.blocks):
            block_lengths[block] += 1
        length = d_c * math.ceil(block_lengths[0] / d_c)
        self._code = (length, d_v, d_c, seed)
        # Guaranteed by construction; the rare code with more dependent checks has more.
        information = length - d_v * (length // d_c) + d_v - 1

        # Payload bit i is information bit i // L of block i % L. A block sends its first
        # ``capacity`` information bits, leaves out as many as the code is too long, sends the rest.
        self._capacity = [information - (length - n) for n in block_lengths]
        self.payload_bits = min(math.floor(budget + 1e-6), sum(self._capacity))
        position = torch.arange(length)
        start = torch.tensor(self._capacity).unsqueeze(1)
        shortened = length - torch.tensor(block_lengths).unsqueeze(1)
        self._on_air = (position < start) | (position >= start + shortened)  # [L, length]

    def codewords(self, bits: Tensor) -> Tensor:
        """Payload ``bits`` [N, payload_bits] of 0/1 -> codewords [N, L, n] of 0/1, float32,
        shortened bits included.
        """
        self._check_payload(bits)
        _, generator_matrix = mother_code(*self._code)
        generator_matrix = generator_matrix.to(bits.device)
        information = bits.new_zeros(
            len(bits), len(generator_matrix) * self.blocks, dtype=torch.float32
        )
        information[:, : self.payload_bits] = bits
        information = information.view(len(bits), -1, self.blocks).transpose(1, 2)
        return (information @ generator_matrix).remainder(2)

    def _encode(self, bits: Tensor) -> Tensor:
        return self.codewords(bits)[:, self._on_air.to(bits.device)].bool()

    def _decode(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        device = logits.device
        _, generator_matrix = mother_code(*self._code)
        information, length = generator_matrix.shape

        channel = logits.new_full(
            (len(logits), self.blocks, length), -MAX_LLR
        )  # off air = known zero
        channel[:, self._on_air.to(device)] = logits
        index = (
            torch.arange(information * self.blocks, device=device).view(information, self.blocks).T
        )
        channel[:, :, :information].masked_fill_(index >= self.payload_bits, -MAX_LLR)

        chunks = channel.flatten(0, 1).split(DECODER_CHUNK)
        decoded = [_belief_propagation(chunk, self._code, self.bp_iterations) for chunk in chunks]
        words, valid = (torch.cat(parts) for parts in zip(*decoded))
        ok = valid.view(-1, self.blocks).all(1)
        bits = words[:, :information].unflatten(0, (-1, self.blocks)).transpose(1, 2).flatten(1)
        return bits[:, : self.payload_bits].to(torch.uint8), ok


class NRLink(_QamLink):
    """A fixed frame that carries ``budget`` information bits over the LDPC code of 5G NR (3GPP TS
    38.212) and square QAM.

    Frame: S = ceil(budget / (code_rate * bits per symbol)) QAM symbols, cut into the fewest equal
    code blocks of at most 8448 information bits; base graph, lifting, rate matching and bit
    interleaving are the standard's. Unlike Gallager's code, a rate-matched one shows no parity
    check to a receiver that sees only information bits; so, as in the standard, a CRC of 16 bits
    goes along (24 above 3824 information bits). It is paid for: ``payload_bits`` = floor(budget) -
    CRC.

    ``code_rate``: between 1/5 and 0.92, what the standard's decoders must support. ok: the CRC is
    right. The attributes are those of :class:`DigitalLink`. Raises ValueError on a frame that
    cannot be built.
    """

    def __init__(
        self,
        budget: float,
        code_rate: float = 0.75,
        qam_order: int = 16,
        bp_iterations: int = 30,
        seed: int = 0,
    ) -> None:
        if not 0.2 <= code_rate <= 0.92:
            raise ValueError(
                f"the code rate of 5G LDPC must lie between 0.2 and 0.92, not {code_rate}"
            )
        self._set_frame(budget, code_rate, qam_order, bp_iterations, seed)
        information = math.floor(budget + 1e-6)
        self.crc = "CRC16" if information <= 3824 else "CRC24A"
        self.payload_bits = information - int(self.crc[3:5])
        self.blocks = math.ceil(information / MAX_NR_BLOCK)
        self._information = math.ceil(
            information / self.blocks
        )  # per block; what is left over is zeros
        # Blocks are equal and of whole symbols; the few symbols that are left over (fewer than
        # blocks) carry known zeros.
        self._block_bits = self.symbols // self.blocks * self.bits_per_symbol
        if self.payload_bits < 1 or self._information < 12:
            raise ValueError(
                (
                    "a 5G code block has at least 12 information bits and a CRC of 16: "
                    f"{information} in {self.blocks} blocks is too little, raise the bits per "
                    "pixel"
                )
            )

    @property
    def _coder(self) -> tuple:
        return _nr_coder(
            self._information, self._block_bits, self.bits_per_symbol, self.bp_iterations, self.crc
        )

    def _encode(self, bits: Tensor) -> Tensor:
        crc, _, encoder, _ = self._coder
        protected = crc(bits.cpu().float())
        information = protected.new_zeros(len(bits), self.blocks * self._information)
        information[:, : protected.shape[1]] = protected
        coded = protected.new_zeros(len(bits), self.coded_bits)
        coded[:, : self.blocks * self._block_bits] = encoder(
            information.unflatten(1, (self.blocks, -1))
        ).flatten(1)
        return coded.bool().to(bits.device)

    def _decode(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        crc, check, _, decoder = self._coder
        coded = logits[:, : self.blocks * self._block_bits].cpu().unflatten(1, (self.blocks, -1))
        words = [decoder(chunk) for chunk in coded.split(DECODER_CHUNK)]
        protected = torch.cat(words).flatten(1)[:, : self.payload_bits + crc.crc_length]
        bits, valid = check(protected)
        return bits.to(logits.device, torch.uint8), valid.flatten().bool().to(logits.device)


LINKS: dict[str, type[_QamLink]] = {"gallager": DigitalLink, "5g": NRLink}


def find_link(channel_code: str) -> type[_QamLink]:
    """The link of a channel code, by name. ValueError naming the known ones otherwise."""
    if channel_code not in LINKS:
        raise ValueError(
            f"channel code {channel_code!r} is unknown; choose one of: {', '.join(LINKS)}"
        )
    return LINKS[channel_code]


@functools.cache
def _nr_coder(
    information: int, coded: int, bits_per_symbol: int, iterations: int, crc: str
) -> tuple:
    """CRC encoder and decoder, LDPC encoder and decoder, on the CPU."""
    ldpc, checksum = _sionna("fec.ldpc"), _sionna("fec.crc")
    encoder = ldpc.LDPC5GEncoder(
        information, coded, num_bits_per_symbol=bits_per_symbol, device="cpu"
    )
    decoder = ldpc.LDPC5GDecoder(encoder, num_iter=iterations, llr_max=MAX_LLR, device="cpu")
    protect = checksum.CRCEncoder(crc, device="cpu")
    return protect, checksum.CRCDecoder(protect, device="cpu"), encoder, decoder


@functools.cache
def mother_code(length: int, d_v: int, d_c: int, seed: int) -> tuple[np.ndarray, Tensor]:
    """Gallager's regular code: parity checks H [m, length] of 0/1 int and generator [k, length]
    float32 = [I_k | A].

    Of the codes drawn with ``seed``, the first without equal columns in H, or the one with the
    fewest: two equal columns make a codeword of weight 2, and decoding errors that pass all checks.
    At length 1000 every second draw has a pair; below about 250 hardly any draw has none.
    """
    # with scipy.stats and numba behind it two seconds, which chains without LDPC need not spend
    import pyldpc

    random = np.random.RandomState(seed)
    checks, different = None, 0
    for _ in range(CODE_DRAWS):
        draw = pyldpc.parity_check_matrix(length, d_v, d_c, seed=random)
        columns = len(np.unique(draw, axis=1).T)
        if columns > different:
            checks, different = draw, columns
        if different == length:
            break
    checks, generator_matrix = pyldpc.coding_matrix_systematic(checks)
    return checks, torch.from_numpy(generator_matrix.T.astype(np.float32))


@functools.cache
def _mapper(bits_per_symbol: int, device: str):
    return _sionna("mapping").Mapper("qam", bits_per_symbol, device=device)


@functools.cache
def _demapper(bits_per_symbol: int, device: str):
    return _sionna("mapping").Demapper("app", "qam", bits_per_symbol, device=device)


@functools.cache
def _decoder(code: tuple[int, int, int, int], device: str):
    checks, _ = mother_code(*code)
    return _sionna("fec.ldpc").LDPCBPDecoder(
        checks, llr_max=MAX_LLR, return_state=True, device=device
    )


def _belief_propagation(
    logits: Tensor, code: tuple[int, int, int, int], iterations: int
) -> tuple[Tensor, Tensor]:
    """Log-odds ln P(1)/P(0) [W, n] -> hard decisions [W, n] of 0/1, and [W] bool: all parity checks
    hold.
    """
    decoder = _decoder(code, str(logits.device))
    checks = torch.from_numpy(mother_code(*code)[0]).to(logits)
    words = torch.empty_like(logits)
    pending, messages = torch.arange(len(logits), device=logits.device), None
    for done in range(0, iterations, ITERATIONS_PER_LOOK):
        steps = min(ITERATIONS_PER_LOOK, iterations - done)
        words[pending], messages = decoder(logits[pending], num_iter=steps, msg_v2c=messages)
        unsatisfied = (words[pending] @ checks.T).remainder(2).any(1)
        pending, messages = pending[unsatisfied], messages[unsatisfied]
        if not len(pending):
            break
    valid = torch.ones(len(logits), dtype=torch.bool, device=logits.device)
    valid[pending] = False
    return words, valid


def _sionna(module: str):
    """Import ``sionna.phy.<module>`` at first use: it takes seconds, and reseeds torch's global
    generators at random, which would undo a ``torch.manual_seed`` of the caller."""
    with torch.random.fork_rng():
        return importlib.import_module(f"sionna.phy.{module}")
