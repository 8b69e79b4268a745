from __future__ import annotations

import math

import pytest
import torch

from editable_deepsc.channel.fading import Channel
from editable_deepsc.channel.link import DigitalLink
from editable_deepsc.channel.noise import awgn


def draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def signs(n: int, k: int) -> torch.Tensor:
    return 2.0 * torch.randint(2, (n, k), generator=draw(1)) - 1


def rayleigh_mean_of_q(m: float, snr: float) -> float:
    """E[Q(m sqrt(SNR |h|^2))], |h| Rayleigh with E|h|^2 = 1 (Proakis, Digital Communications, eq
    13.3-7).
    """
    c = m**2 / 2 * snr
    return (1 - math.sqrt(c / (1 + c))) / 2


def test_the_default_channel_is_awgn_bit_for_bit():
    z = signs(3, 20)
    received, snr_db = Channel()(z, 6.0, draw())
    assert torch.equal(received, awgn(z, 6.0, draw())) and snr_db == 6.0


@pytest.mark.parametrize(
    "channel, second_of_power",
    [
        (Channel("rayleigh"), 1.0),
        (Channel("rician", rice_factor_db=6), None),
        (Channel("rician", rice_factor_db=60), 0.0),
    ],
)
def test_coefficients_have_power_one(channel, second_of_power):
    n = 40000
    h = channel.coefficients(n, draw())
    assert h.mean().abs() < 4 / math.sqrt(n)  # the phase is uniform, of the line of sight too
    assert h.abs().square().mean() == pytest.approx(1, abs=4 / math.sqrt(n))
    k = 10 ** (channel.rice_factor_db / 10)
    expected = (
        (1 + 2 * k) / (1 + k) ** 2 if second_of_power is None else second_of_power
    )  # variance of |h|^2
    assert h.abs().square().var() == pytest.approx(expected, abs=0.05 + 0.01 * expected)


def test_fading_turns_and_scales_pairs_of_one_image_alike():
    z = signs(4, 10)
    received, snr_db = Channel("rayleigh", "absent")(z, math.inf, draw())
    assert snr_db == math.inf
    gain = torch.view_as_complex(
        received.unflatten(1, (-1, 2)).contiguous()
    ) / torch.view_as_complex(z.unflatten(1, (-1, 2)))
    torch.testing.assert_close(gain, gain[:, :1].expand_as(gain))
    assert len(gain[:, 0].angle().mul(100).round().unique()) == 4


@pytest.mark.parametrize("k", [10, 11])
@pytest.mark.parametrize("fading", ["rayleigh", "rician"])
def test_a_receiver_that_knows_the_channel_undoes_it_and_knows_its_own_snr(fading, k):
    z = signs(2000, k)
    exact, _ = Channel(fading)(z, math.inf, draw())
    torch.testing.assert_close(exact, z)
    received, snr_db = Channel(fading)(z, 10.0, draw())
    assert snr_db.shape == (2000,)
    scaled = (received - z) * 10 ** (
        snr_db[:, None] / 20
    )  # noise in units of the deviation that the receiver reckons with
    if k % 2 == 0:
        assert scaled.square().mean() == pytest.approx(1, abs=4 * math.sqrt(2 / scaled.numel()))


@pytest.mark.parametrize("snr_db", [0.0, 8.0])
def test_bit_errors_of_bpsk_and_qpsk_over_rayleigh_follow_the_closed_form(snr_db):
    z = signs(60000, 2)  # two real dimensions: one QPSK symbol, or two BPSK symbols under one h
    received, _ = Channel("rayleigh")(z, snr_db, draw())
    wrong = (received.sign() != z).float().mean(1)
    expected = rayleigh_mean_of_q(1, 10 ** (snr_db / 10))
    assert wrong.mean().item() == pytest.approx(
        expected, abs=4 * wrong.std().item() / math.sqrt(len(z))
    )


@pytest.mark.parametrize("qam_order, snr_db", [(4, 5.0), (16, 10.0)])
def test_bit_errors_of_qam_over_rayleigh_follow_the_closed_form(qam_order, snr_db):
    link = DigitalLink(240, d_v=3, d_c=12, qam_order=qam_order)
    bits = torch.randint(0, 2, (4000, link.payload_bits), generator=draw(2), dtype=torch.uint8)
    sent = link._encode(bits)
    received, seen = Channel("rayleigh")(link.modulate(bits), snr_db, draw(3))
    wrong = ((link.soft_bits(received, seen) > 0) != sent).float().mean(1)
    snr = 10 ** (snr_db / 10)
    if qam_order == 4:
        expected = rayleigh_mean_of_q(1, snr)
    else:
        expected = (
            3 / 4 * rayleigh_mean_of_q(0.2**0.5, snr)
            + rayleigh_mean_of_q(3 * 0.2**0.5, snr) / 2
            - rayleigh_mean_of_q(5 * 0.2**0.5, snr) / 4
        )
    # A row of 80 symbols is normalised to power 1 by itself: 16-QAM loses up to 1 % of its errors
    # or gains them.
    assert wrong.mean().item() == pytest.approx(
        expected, abs=4 * wrong.std().item() / math.sqrt(len(wrong)) + 0.01 * expected
    )


def test_without_channel_knowledge_a_turned_constellation_is_lost():
    link = DigitalLink(240)
    bits = torch.zeros(60, link.payload_bits, dtype=torch.uint8)
    assert (
        link.demodulate(*Channel("rician", "perfect", 20.0)(link.modulate(bits), 20.0, draw()))[1]
        .float()
        .mean()
        > 0.9
    )
    assert (
        link.demodulate(*Channel("rician", "absent", 20.0)(link.modulate(bits), 20.0, draw()))[1]
        .float()
        .mean()
        < 0.2
    )


@pytest.mark.parametrize(
    "wrong, words",
    [({"fading": "nakagami"}, "'nakagami' is unknown"), ({"csi": "some"}, "'some' is unknown")],
)
def test_unknown_channels_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        Channel(**wrong)


def test_the_power_constraint_holds_under_fading():
    with pytest.raises(ValueError, match="eq 4"):
        Channel("rayleigh")(2 * signs(2, 4), 6.0, draw())
