from __future__ import annotations

import io
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from editable_deepsc.channel.noise import awgn
from editable_deepsc.channel.power import mean_power
from editable_deepsc.codecs.base import CODECS, find_codec, placeholder, register
from editable_deepsc.codecs.digital import Digital
from editable_deepsc.codecs.source import Jpeg
from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.pixels import from_uint8, to_uint8

FRAME = 179  # bytes at 64 x 64 and 0.35 bits per pixel


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    faces = sample_faces(12, torch.Generator().manual_seed(0))
    return torch.cat([render(faces[:6], 64, "photo"), render(faces[6:], 64, "painting")])


@pytest.fixture(scope="module")
def pictures(images) -> np.ndarray:
    return to_uint8(images).permute(0, 2, 3, 1).contiguous().numpy()


def pillow(picture: np.ndarray, quality: int) -> tuple[int, np.ndarray]:
    """Length of the scan and image of Pillow's own complete file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=2)
    scan = file.getvalue().split(b"\xff\xda")[-1][12:]  # SOS is its marker and 12 bytes
    return len(scan) - 2, np.asarray(Image.open(file))


def test_the_padded_stream_decodes_to_what_the_transmitter_would_see(pictures):
    for picture in pictures:
        stream = Jpeg().encode(picture, FRAME)
        assert len(stream) <= FRAME
        length, local = pillow(picture, stream[0])
        assert len(stream) == 1 + length
        for padding in (0, 1, FRAME - len(stream), 1000):
            assert np.array_equal(Jpeg().decode(stream + bytes(padding), 64), local)


def test_the_next_quality_would_not_fit(pictures):
    for picture in pictures:
        quality = Jpeg().encode(picture, FRAME)[0]
        assert 1 + pillow(picture, quality + 1)[0] > FRAME
        assert Jpeg().encode(picture, 10**6)[0] == 95


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 400), st.integers(0, 2**31), st.sampled_from([16, 24, 64]))
def test_a_stream_never_exceeds_its_budget_even_for_noise(max_bytes, seed, side):
    picture = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    stream = Jpeg().encode(picture, max_bytes)
    if stream is not None:
        assert len(stream) <= max_bytes
        assert Jpeg().decode(stream + bytes(max_bytes - len(stream)), side).shape == (side, side, 3)


def test_below_quality_one_the_picture_is_halved_and_below_that_there_is_nothing(pictures):
    stream = Jpeg().encode(pictures[0], 60)  # a whole 64 x 64 scan has at least 64 bytes
    assert 96 <= stream[0] <= 190
    decoded = Jpeg().decode(stream + bytes(10), 64)
    assert decoded.shape == (64, 64, 3)
    assert np.abs(decoded.astype(float) - pictures[0]).mean() < 40
    assert Jpeg().encode(pictures[0], 10) is None


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 255), st.binary(max_size=200), st.sampled_from([16, 64]))
def test_random_bytes_give_an_image_or_a_value_error(setting, scan, resolution):
    try:
        image = Jpeg().decode(bytes([setting]) + scan, resolution)
    except ValueError:
        return
    assert 1 <= setting <= 190
    assert image.shape == (resolution, resolution, 3) and image.dtype == np.uint8


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_flipped_bits_give_an_image_or_a_value_error(pictures, data):
    stream = bytearray(Jpeg().encode(pictures[0], FRAME).ljust(FRAME, b"\0"))
    for position in data.draw(st.lists(st.integers(0, 8 * FRAME - 1), min_size=1, max_size=20)):
        stream[position // 8] ^= 1 << position % 8
    try:
        assert Jpeg().decode(bytes(stream), 64).shape == (64, 64, 3)
    except ValueError:
        pass


def test_empty_streams_and_other_shapes_are_refused():
    with pytest.raises(ValueError, match="1..190"):
        Jpeg().decode(b"", 64)
    with pytest.raises(ValueError, match="square"):
        Jpeg().encode(np.zeros((8, 16, 3), np.uint8), 100)


@pytest.mark.parametrize("snr_db", [math.inf, 18, 13])
def test_above_the_cliff_the_receiver_has_the_transmitters_own_jpeg(images, pictures, snr_db):
    codec = find_codec("jpeg_ldpc")(64)
    symbols = codec.encode(images, snr_db)
    assert symbols.shape == (12, 956)
    torch.testing.assert_close(mean_power(symbols), torch.ones(12))
    decoded = Digital(64).decode(awgn(symbols, snr_db, torch.Generator().manual_seed(1)), snr_db)
    assert not decoded.outage.any()
    local = np.stack([Jpeg().decode(Jpeg().encode(picture, FRAME), 64) for picture in pictures])
    assert torch.equal(decoded.images, from_uint8(torch.from_numpy(local)).permute(0, 3, 1, 2))
    assert (decoded.images - images).square().mean() < 4 * 10**-2.2  # 22 dB for peak to peak 2


def test_below_the_cliff_every_image_is_an_outage_and_the_placeholder(images):
    codec = Digital(64)
    decoded = codec.decode(awgn(codec.encode(images, 0), 0, torch.Generator().manual_seed(2)), 0)
    assert decoded.outage.all()
    assert torch.equal(decoded.images, placeholder(12, 64))


def test_an_image_that_does_not_fit_is_an_outage_at_any_snr(images):
    codec = Digital(64, bpp=0.03)
    symbols = codec.encode(images, 30)
    assert symbols.shape[1] == codec.link.dimensions
    assert codec.link.demodulate(symbols, math.inf)[1].all()
    assert codec.decode(symbols, math.inf).outage.all()


@pytest.mark.parametrize(
    "resolution, bpp, cbr", [(64, 0.35, 0.0389), (128, 0.35, 0.0389), (1024, 0.10, 0.0111)]
)
def test_cbr_of_the_paper(resolution, bpp, cbr):
    codec = Digital(resolution, bpp=bpp)
    assert round(codec.link.dimensions / codec.dims_per_use / (3 * resolution**2), 4) == cbr


def test_images_of_another_size_are_refused(images):
    with pytest.raises(ValueError, match=r"\[N, 3, 128, 128\]"):
        Digital(128).encode(images, 10)


def test_registry_names_the_known_codecs_and_refuses_doubles():
    assert find_codec("jpeg_ldpc") is Digital is CODECS["jpeg_ldpc"]
    with pytest.raises(ValueError, match="'png' is unknown; choose one of: .*jpeg_ldpc"):
        find_codec("png")
    with pytest.raises(ValueError, match="registered already"):
        register("jpeg_ldpc")(Digital)


@pytest.mark.parametrize("resolution", [16, 64, 1024])
def test_the_placeholder_is_grey_with_a_visible_cross(resolution):
    image = placeholder(2, resolution)
    assert image.shape == (2, 3, resolution, resolution)
    assert sorted(image.unique().tolist()) == pytest.approx([-0.8, 0.0])
    assert 0.05 < (image < 0).float().mean() < 0.25
    assert torch.equal(image, image.flip(3)) and torch.equal(image, image.transpose(2, 3))
