"""Adaptive modulation and coding: the frame stays, what it carries follows the SNR."""

from __future__ import annotations

import pytest
import torch

from editable_deepsc.channel.fading import Channel
from editable_deepsc.codecs.adaptive import information_bits, with_mode
from editable_deepsc.codecs.build import build_codec
from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.pixels import to_uint8
from editable_deepsc.training.modulation import best_mode, try_modes

GALLAGER = {
    **{"kind": "digital", "source": "jpeg", "bpp": 0.35, "qam_order": 16, "d_v": 3, "d_c": 12},
    **{"max_block_length": 1032, "bp_iterations": 30, "seed": 0, "adaptive": {"faces": 4}},
}
MODES = [(4, 4), (4, 6), (16, 6), (16, 12), (64, 8), (64, 12), (256, 12)]


def codec(qam_order: int, d_c: int):
    mode = {"qam_order": qam_order, "d_v": 3, "d_c": d_c}
    return build_codec("amc", 64, with_mode(GALLAGER, mode))


def distance(target):
    return lambda images: (images - target).square().mean((1, 2, 3))


@pytest.fixture(scope="module")
def faces():
    return to_uint8(render(sample_faces(8, torch.Generator().manual_seed(0)), 64, "photo"))


def test_every_mode_has_the_same_frame_and_more_bits_than_the_one_before():
    codecs = [codec(*mode) for mode in MODES]
    assert {one.link.symbols for one in codecs} == {478}
    bits = [one.link.payload_bits for one in codecs]
    assert bits == sorted(bits) and (bits[0], bits[-1]) == (238, 2867)


def test_its_own_mode_is_the_entry_itself():
    own = with_mode(GALLAGER, {"qam_order": 16, "d_v": 3, "d_c": 12})
    assert own == {key: value for key, value in GALLAGER.items() if key != "adaptive"}


def test_the_rate_of_5g_is_its_own():
    options = {"channel_code": "5g", "code_rate": 0.5, "qam_order": 64}
    assert information_bits(options) == 3
    assert with_mode(options | {"bpp": 0.3}, {"qam_order": 4, "code_rate": 0.25})["bpp"] == (
        pytest.approx(0.3 * 0.5 / 3)
    )


@pytest.mark.parametrize("snr_db, wanted", [(-20.0, 0), (8.0, 1), (40.0, 2)])
def test_the_best_that_decodes_is_chosen(faces, snr_db, wanted):
    """At 8 dB 16-QAM with rate 1/2 arrives and 64-QAM does not; at 40 dB everything arrives; at
    -20 dB nothing does, and the most robust one stands.
    """
    codecs = [codec(*mode) for mode in ((4, 4), (16, 6), (64, 12))]
    found = try_modes(codecs, faces, Channel(), snr_db, distance, 1, "test")
    assert best_mode(found) == wanted
    assert (found[wanted]["outage"] == 1) == (snr_db < 0)
    assert found[2]["outage"] == (0 if snr_db == 40 else 1)
