"""The digital link: payload bits -> channel code -> scrambler -> square QAM -> real wire, and back.

    payload bits -> channel code -> XOR scrambler -> Gray QAM -> I, Q interleaved -> power 1 (eq 4)
    = the wire wire -> I + jQ -> LLRs -> unscramble -> channel decoder -> payload bits, ok?

The channel code is Gallager's (:class:`DigitalLink`) or that of 5G (:class:`NRLink`). The frame is
fixed by its arguments and known to both ends; nothing about it is transmitted.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from .gallager import GallagerCode, belief_propagation, mother_code
from .qam import DECODER_CHUNK, MAX_LLR, QamLink, sionna

# Information bits of a 5G code block at most (base graph 1).
MAX_NR_BLOCK = 8448


class DigitalLink(QamLink):
    """A fixed frame of ``budget`` information bits: Gallager's LDPC code and square QAM.

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
    one, payload_bits / coded_bits) describe the frame. ``code`` is read or drawn at first use and
    kept per process.
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
        self.code = GallagerCode(length, d_v, d_c, seed)
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
        """Payload ``bits`` [N, payload_bits] of 0/1 -> codewords [N, L, n] of 0/1, float32.

        Shortened bits are included.
        """
        self._check_payload(bits)
        _, generator_matrix = mother_code(*self.code)
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
        _, generator_matrix = mother_code(*self.code)
        information, length = generator_matrix.shape

        # off air = known zero
        channel = logits.new_full((len(logits), self.blocks, length), -MAX_LLR)
        channel[:, self._on_air.to(device)] = logits
        index = (
            torch.arange(information * self.blocks, device=device).view(information, self.blocks).T
        )
        channel[:, :, :information].masked_fill_(index >= self.payload_bits, -MAX_LLR)

        chunks = channel.flatten(0, 1).split(DECODER_CHUNK)
        decoded = [belief_propagation(chunk, self.code, self.bp_iterations) for chunk in chunks]
        words, valid = (torch.cat(parts) for parts in zip(*decoded))
        ok = valid.view(-1, self.blocks).all(1)
        bits = words[:, :information].unflatten(0, (-1, self.blocks)).transpose(1, 2).flatten(1)
        return bits[:, : self.payload_bits].to(torch.uint8), ok


class NRLink(QamLink):
    """A fixed frame of ``budget`` information bits: 5G NR's LDPC code and square QAM.

    Frame: S = ceil(budget / (code_rate * bits per symbol)) QAM symbols, cut into the fewest equal
    code blocks of at most 8448 information bits; base graph, lifting, rate matching and bit
    interleaving are those of 3GPP TS 38.212. Unlike Gallager's code, a rate-matched one shows no
    parity check to a receiver that sees only information bits; so, as in the standard, a CRC of 16
    bits goes along (24 above 3824 information bits). It is paid for: ``payload_bits`` =
    floor(budget) - CRC.

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
        # per block; what is left over is zeros
        self._information = math.ceil(information / self.blocks)
        # Blocks are equal and of whole symbols; the few symbols that are left over (fewer than
        # blocks) carry known zeros.
        self._block_bits = self.symbols // self.blocks * self.bits_per_symbol
        if self.payload_bits < 1 or self._information < 12:
            raise ValueError(
                f"a 5G code block has at least 12 information bits and a CRC of 16: {information} "
                f"in {self.blocks} blocks is too little, raise the bits per pixel"
            )
        if not 0.2 <= self._information / self._block_bits <= 0.95:
            raise ValueError(
                f"whole symbols turn the code rate {code_rate} of a 5G code block into "
                f"{self._information} / {self._block_bits}, which is not between 1/5 and 0.95; "
                "change the code rate a little"
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


@functools.cache
def _nr_coder(
    information: int, coded: int, bits_per_symbol: int, iterations: int, crc: str
) -> tuple:
    """CRC encoder and decoder, LDPC encoder and decoder, on the CPU."""
    ldpc, checksum = sionna("fec.ldpc"), sionna("fec.crc")
    encoder = ldpc.LDPC5GEncoder(
        information, coded, num_bits_per_symbol=bits_per_symbol, device="cpu"
    )
    decoder = ldpc.LDPC5GDecoder(encoder, num_iter=iterations, llr_max=MAX_LLR, device="cpu")
    protect = checksum.CRCEncoder(crc, device="cpu")
    return protect, checksum.CRCDecoder(protect, device="cpu"), encoder, decoder


LINKS: dict[str, Callable[..., QamLink]] = {"gallager": DigitalLink, "5g": NRLink}


def find_link(channel_code: str) -> Callable[..., QamLink]:
    """The link of a channel code, by name. ValueError naming the known ones otherwise."""
    if channel_code not in LINKS:
        raise ValueError(
            f"channel code {channel_code!r} is unknown; choose one of: {', '.join(LINKS)}"
        )
    return LINKS[channel_code]
