from __future__ import annotations

import math
import subprocess
import sys

import pytest
import torch

from editable_deepsc.channel.gallager import belief_propagation, mother_code
from editable_deepsc.channel.link import DigitalLink
from editable_deepsc.channel.noise import awgn, snr_to_noise_variance
from editable_deepsc.channel.power import mean_power

BUDGET_64 = 0.35 * 64**2


@pytest.fixture(scope="module")
def link() -> DigitalLink:
    return DigitalLink(BUDGET_64)


def payload(link: DigitalLink, n: int, seed: int = 0) -> torch.Tensor:
    bits = torch.randint(
        0, 2, (n, link.payload_bits), generator=torch.Generator().manual_seed(seed)
    )
    return bits.to(torch.uint8)


@pytest.mark.parametrize(
    "resolution, bpp, symbols, cbr",
    [(64, 0.35, 478, 0.0389), (128, 0.35, 1912, 0.0389), (1024, 0.10, 34953, 0.0111)],
)
def test_frames_have_the_bandwidth_ratios_of_the_paper(resolution, bpp, symbols, cbr):
    link = DigitalLink(bpp * resolution**2)
    assert link.symbols == symbols
    assert link.dimensions == 2 * symbols
    assert round(link.symbols / (3 * resolution**2), 4) == cbr
    assert link.payload_bits == math.floor(bpp * resolution**2)
    assert 0.74 < link.code_rate <= 0.75


@pytest.mark.parametrize("budget", [40, 700, 775, 1433.6, 2000, 5734.4, 9999])
@pytest.mark.parametrize("d_v, d_c, qam_order", [(3, 12, 16), (3, 6, 4), (3, 9, 64)])
def test_exactly_the_coded_bits_go_on_air(budget, d_v, d_c, qam_order):
    link = DigitalLink(budget, d_v, d_c, qam_order, max_block_length=360)
    lengths = link._on_air.sum(1)
    assert lengths.sum() == link.coded_bits == link.symbols * link.bits_per_symbol
    assert lengths.max() <= 360 and lengths.max() - lengths.min() <= 1
    # Shortening costs at most one information bit per block.
    assert budget - link.blocks - 1 < link.payload_bits <= budget
    block, position = (
        torch.arange(link.payload_bits) % link.blocks,
        torch.arange(link.payload_bits) // link.blocks,
    )
    assert link._on_air[block, position].all()


def test_codewords_satisfy_every_check_and_the_known_bits_are_zero(link):
    words = link.codewords(payload(link, 16))
    checks, generator_matrix = mother_code(*link.code)
    assert not (words.long() @ torch.from_numpy(checks).T.long()).remainder(2).any()
    assert not words[:, ~link._on_air].any()
    assert torch.equal(
        generator_matrix[:, : len(generator_matrix)], torch.eye(len(generator_matrix))
    )


def test_no_code_has_a_codeword_of_weight_two():
    for seed in range(4):
        checks, _ = mother_code(960, 3, 12, seed)
        columns = torch.from_numpy(checks).T
        assert len(columns.unique(dim=0)) == len(columns)


def test_the_wire_is_real_and_meets_the_power_constraint(link):
    wire = link.modulate(
        torch.cat([payload(link, 4), torch.zeros(1, link.payload_bits, dtype=torch.uint8)])
    )
    assert wire.shape == (5, link.dimensions) and wire.dtype == torch.float32
    torch.testing.assert_close(mean_power(wire), torch.ones(5))
    # 16-QAM: four levels in each dimension, +-1 and +-3 times 1/sqrt(5), up to the normalisation of
    # the row
    assert all(len(row.mul(1e4).round().unique()) == 4 for row in wire)


@pytest.mark.parametrize("snr_db", [8, 11])
def test_bit_errors_before_decoding_follow_the_closed_form(snr_db):
    link = DigitalLink(6000.0)
    bits = payload(link, 40)
    sent = link.codewords(bits)[:, link._on_air].bool()
    received = awgn(link.modulate(bits), snr_db, torch.Generator().manual_seed(5))
    errors = ((link.soft_bits(received, snr_db) > 0) != sent).double()
    x = math.sqrt(1 / 5 / snr_to_noise_variance(snr_db))
    q = lambda y: math.erfc(y / math.sqrt(2)) / 2  # noqa: E731
    expected = 3 / 4 * q(x) + q(3 * x) / 2 - q(5 * x) / 4
    assert abs(errors.mean().item() - expected) < 4 * math.sqrt(
        expected * (1 - expected) / errors.numel()
    )


def test_soft_bits_are_calibrated_log_odds(link):
    bits = payload(link, 60)
    sent = link.codewords(bits)[:, link._on_air].double()
    logits = link.soft_bits(
        awgn(link.modulate(bits), 6, torch.Generator().manual_seed(6)), 6
    ).double()
    for low, high in ((-2, -1), (-1, 0), (0, 1), (1, 2)):
        inside = (logits > low) & (logits < high)
        p = logits[inside].sigmoid()
        assert (
            abs(sent[inside].mean() - p.mean())
            < 4 * (p * (1 - p)).sum().sqrt() / inside.sum() + 0.005
        )


@pytest.mark.parametrize("snr_db", [math.inf, 60, 20])
@pytest.mark.parametrize(
    "budget, qam_order", [(BUDGET_64, 16), (BUDGET_64, 4), (BUDGET_64, 64), (500, 16), (60, 16)]
)
def test_round_trip(snr_db, budget, qam_order):
    link = DigitalLink(budget, qam_order=qam_order)
    bits = payload(link, 8)
    bits[0] = 0
    decoded, ok = link.demodulate(
        awgn(link.modulate(bits), snr_db, torch.Generator().manual_seed(7)), snr_db
    )
    assert decoded.dtype == torch.uint8 and ok.all()
    assert torch.equal(decoded, bits)


def test_the_cliff(link):
    bits = payload(link, 100)
    generator = torch.Generator().manual_seed(8)
    wire = link.modulate(bits)
    _, ok = link.demodulate(awgn(wire[:20], 6, generator), 6)
    assert not ok.any()
    decoded, ok = link.demodulate(awgn(wire, 13, generator), 13)
    assert ok.all() and torch.equal(decoded, bits)


def test_looking_at_the_checks_early_changes_no_decision(link):
    from sionna.phy.fec.ldpc import LDPCBPDecoder

    checks, generator_matrix = mother_code(*link.code)
    generator = torch.Generator().manual_seed(9)
    information = torch.randint(0, 2, (24, len(generator_matrix)), generator=generator).float()
    words = (information @ generator_matrix).remainder(2)
    logits = (2 * words - 1 + 0.58 * torch.randn(words.shape, generator=generator)) * 2 / 0.58**2
    ours, valid = belief_propagation(logits, link.code, 12)
    straight = LDPCBPDecoder(checks, num_iter=12, device="cpu")(logits)
    assert 0 < valid.sum() < 24
    assert torch.equal(ours, straight)


def test_words_do_not_depend_on_their_neighbours(link):
    bits = payload(link, 5)
    received = awgn(link.modulate(bits), 10.5, torch.Generator().manual_seed(10))
    together, ok = link.demodulate(received, 10.5)
    alone = [link.demodulate(row.unsqueeze(0), 10.5) for row in received]
    assert torch.equal(together, torch.cat([bits for bits, _ in alone]))
    assert torch.equal(ok, torch.cat([ok for _, ok in alone]))


def test_the_link_leaves_the_seed_of_the_caller_alone():
    script = (
        "import torch; from editable_deepsc.channel.link import DigitalLink; "
        "torch.manual_seed(0); a = torch.rand(1);"
        "torch.manual_seed(0); DigitalLink(100).modulate(torch.zeros(1, 100)); assert a == "
        "torch.rand(1)"
    )
    subprocess.run(
        [sys.executable, "-c", script], check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (dict(qam_order=8), "power of 4"),
        (dict(qam_order=2), "power of 4"),
        (dict(qam_order=36), "power of 4"),
        (dict(d_v=12), "d_v < d_c"),
        (dict(d_v=1), "d_v < d_c"),
        (dict(max_block_length=1000), "multiple of d_c=12"),
        (dict(max_block_length=0), "multiple of d_c=12"),
        (dict(bp_iterations=0), "at least one iteration"),
        (dict(budget=0), "at least one information bit"),
        (dict(budget=math.nan), "at least one information bit"),
    ],
)
def test_a_frame_that_cannot_be_built_is_refused_in_one_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        DigitalLink(**{"budget": BUDGET_64, **arguments})
    assert "\n" not in str(error.value)


def test_tensors_of_the_wrong_shape_are_refused(link):
    with pytest.raises(ValueError, match=r"payload must be \[N, 1433\]"):
        link.modulate(torch.zeros(2, 1432))
    with pytest.raises(ValueError, match=r"received symbols must be \[N, 956\]"):
        link.demodulate(torch.zeros(2, 478), 10)
