"""Our links against Sionna's own blocks, put together as its tutorials do: the same code,
constellation and SNR, another simulation.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sionna.phy.channel import AWGN
from sionna.phy.fec.ldpc import LDPC5GDecoder, LDPC5GEncoder, LDPCBPDecoder
from sionna.phy.mapping import Demapper, Mapper

from editable_deepsc.channel.gallager import mother_code
from editable_deepsc.channel.link import DigitalLink, NRLink, find_link
from editable_deepsc.channel.noise import awgn

ITERATIONS = 12


def ours(link, words: int, snr_db: float) -> torch.Tensor:
    """Share of wrong payload bits of every frame [words]."""
    bits = torch.randint(
        0, 2, (words, link.payload_bits), generator=torch.Generator().manual_seed(1)
    ).to(torch.uint8)
    decoded, ok = link.demodulate(
        awgn(link.modulate(bits), snr_db, torch.Generator().manual_seed(2)), snr_db
    )
    wrong = (decoded != bits).float().mean(1)
    assert (
        (ok & (wrong > 0)).float().mean() < 0.01
    )  # a short Gallager code has the odd undetected error, there is no checksum
    return wrong


def sionnas(
    encode, decode, k: int, words: int, snr_db: float, bits_per_symbol: int
) -> torch.Tensor:
    """The same figure from bits -> encode -> Mapper -> AWGN -> Demapper -> decode, noise variance
    N0 per complex symbol of power 1.
    """
    torch.manual_seed(3)
    bits, n0 = torch.randint(0, 2, (words, k)).float(), torch.tensor(10 ** (-snr_db / 10))
    x = Mapper("qam", bits_per_symbol, device="cpu")(encode(bits))
    logits = Demapper("app", "qam", bits_per_symbol, device="cpu")(AWGN(device="cpu")(x, n0), n0)
    return (decode(logits)[:, :k] != bits).float().mean(1)


def assert_same_rates(a: torch.Tensor, b: torch.Tensor) -> None:
    """BER and BLER agree within four standard errors of their difference; and the point is on the
    slope, not beside it.
    """
    assert 0.05 < (b > 0).float().mean() < 0.95, (a > 0).float().mean()
    for x, y in ((a, b), ((a > 0).float(), (b > 0).float())):
        assert abs(x.mean() - y.mean()) < 4 * math.sqrt(x.var() / len(x) + y.var() / len(y))


@pytest.mark.parametrize("qam_order, snr_db", [(4, 4.8), (16, 10.6)])
def test_gallager_over_awgn(qam_order, snr_db):
    words, bits_per_symbol = 300, qam_order.bit_length() - 1
    link = DigitalLink(
        720, d_v=3, d_c=12, qam_order=qam_order, bp_iterations=ITERATIONS
    )  # 960 coded bits, no shortening
    checks, generator_matrix = mother_code(*link.code)
    assert checks.shape[1] == link.coded_bits
    decoder = LDPCBPDecoder(checks, num_iter=ITERATIONS, device="cpu")

    def encode(
        bits: torch.Tensor,
    ) -> (
        torch.Tensor
    ):  # the information bits beyond the budget are known zeros to us, and zeros here
        return (
            torch.nn.functional.pad(bits, (0, len(generator_matrix) - bits.shape[1]))
            @ generator_matrix
        ).remainder(2)

    assert_same_rates(
        ours(link, words, snr_db),
        sionnas(encode, decoder, link.payload_bits, words, snr_db, bits_per_symbol),
    )


@pytest.mark.parametrize("qam_order, code_rate, snr_db", [(4, 0.5, 1.4), (16, 0.75, 10.2)])
def test_5g_over_awgn(qam_order, code_rate, snr_db):
    words, bits_per_symbol = 300, qam_order.bit_length() - 1
    link = NRLink(300, code_rate, qam_order, bp_iterations=ITERATIONS)
    encoder = LDPC5GEncoder(300, link.coded_bits, num_bits_per_symbol=bits_per_symbol, device="cpu")
    decoder = LDPC5GDecoder(encoder, num_iter=ITERATIONS, device="cpu")
    assert_same_rates(
        ours(link, words, snr_db), sionnas(encoder, decoder, 300, words, snr_db, bits_per_symbol)
    )


@pytest.mark.parametrize(
    "budget, code_rate, qam_order",
    [(1433.6, 0.75, 16), (5734.4, 0.5, 16), (17203.2, 0.75, 64), (40, 0.3, 4)],
)
def test_5g_frames_pay_for_their_crc_and_survive_the_trip(budget, code_rate, qam_order):
    link = find_link("5g")(budget, code_rate=code_rate, qam_order=qam_order)
    assert link.payload_bits == math.floor(budget) - (24 if budget > 3824 else 16)
    assert link.symbols == math.ceil(budget / code_rate / np.log2(qam_order) - 1e-6)
    bits = torch.randint(
        0, 2, (2, link.payload_bits), generator=torch.Generator().manual_seed(1)
    ).to(torch.uint8)
    wire = link.modulate(bits)
    torch.testing.assert_close(wire.square().mean(1), torch.ones(2))
    decoded, ok = link.demodulate(awgn(wire, 25, torch.Generator().manual_seed(2)), 25)
    assert ok.all() and torch.equal(decoded, bits)
    assert not link.demodulate(awgn(wire, -8, torch.Generator().manual_seed(3)), -8)[1].any()
