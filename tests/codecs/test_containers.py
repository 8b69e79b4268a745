"""JPEG 2000, WebP, AVIF and HEVC without their constant bytes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from editable_deepsc.channel.noise import awgn
from editable_deepsc.codecs.containers import Avif, Hevc, Jpeg2000, WebP, _grey_file
from editable_deepsc.codecs.digital import SOURCES, Digital
from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.pixels import to_uint8

FRAME = 179  # bytes at 64 x 64 and 0.35 bits per pixel
CODERS = [Jpeg2000, WebP, Avif, Hevc]


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    faces = sample_faces(4, torch.Generator().manual_seed(0))
    return torch.cat([render(faces[:2], 64, "photo"), render(faces[2:], 64, "painting")])


@pytest.fixture(scope="module")
def pictures(images) -> np.ndarray:
    return to_uint8(images).permute(0, 2, 3, 1).contiguous().numpy()


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return -10 * np.log10(np.square((a.astype(float) - b) / 255).mean())


@pytest.mark.parametrize("coder", CODERS)
def test_a_padded_stream_is_the_whole_file(coder, pictures):
    """Faces and noise, coarse and fine: what the receiver decodes is what the format's library
    reads from the complete file.
    """
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for picture in (pictures[0], pictures[3], noise):
        for quality in (60.0, 8.0) if coder is Jpeg2000 else (0, 70):
            file = coder()._write(Image.fromarray(picture), quality)
            stream = coder()._stream(file, 64)  # refuses a file that it cannot put together again
            for padding in (0, 1, 50):
                assert np.array_equal(
                    coder().decode(stream + bytes(padding), 64), coder()._read(file)
                )


@pytest.mark.parametrize("coder, least", [(Jpeg2000, 23), (WebP, 23), (Avif, 24), (Hevc, 24)])
def test_every_face_fits_the_papers_rate_and_uses_it(coder, least, pictures):
    for picture in pictures:
        stream = coder().encode(picture, FRAME)
        assert 0.8 * FRAME < len(stream) <= FRAME
        assert psnr(coder().decode(stream + bytes(FRAME - len(stream)), 64), picture) > least


@pytest.mark.parametrize("coder", CODERS)
def test_what_cannot_be_sent_or_read_is_said(coder, pictures):
    assert coder().encode(pictures[0], 6) is None
    garbage = (
        [bytes(range(1, 40)) + b"\x80"] if coder in (WebP, Hevc) else []
    )  # the other libraries make something of anything
    for broken in (b"", bytes(40), b"\x01\x02\x03", *garbage):
        with pytest.raises(ValueError, match=f"the {coder.name} stream"):
            coder().decode(broken, 64)
    with pytest.raises(ValueError, match="square"):
        coder().encode(np.zeros((16, 32, 3), np.uint8), 100)


@pytest.mark.parametrize(
    "coder, constants", [(Jpeg2000, {151}), (WebP, {27}), (Avif, {290, 291}), (Hevc, {384})]
)
def test_the_constant_bytes_are_as_many_as_the_conventions_page_says(coder, constants, pictures):
    files = [coder()._write(Image.fromarray(picture), 40) for picture in pictures] + [
        _grey_file(coder, 64)
    ]
    assert {
        len(file) - len(coder()._open(file)) for file in files
    } <= constants  # AV1's length grows by a byte above 127


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    "code",
    [{"channel_code": "5g", "code_rate": 0.75}, {"channel_code": "gallager", "d_v": 3, "d_c": 12}],
)
def test_every_source_over_every_channel_code_above_the_cliff(source, code, images):
    codec = Digital(64, source=source, bpp=0.35, qam_order=16, **code)
    symbols = codec.encode(images[:2], 16)
    assert symbols.shape == (2, 956)
    decoded = Digital(64, source=source, bpp=0.35, qam_order=16, **code).decode(
        awgn(symbols, 16, torch.Generator().manual_seed(1)), 16
    )
    assert not decoded.outage.any()
    assert (decoded.images - images[:2]).square().mean() < 4 * 10**-1.9


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"source": "png"}, "'png' is unknown"),
        ({"channel_code": "turbo"}, "'turbo' is unknown"),
        ({"channel_code": "5g", "code_rate": 0.1}, "between 0.2 and 0.92"),
    ],
)
def test_unknown_parts_are_refused_in_one_sentence(wrong, words):
    with pytest.raises(ValueError, match=words):
        Digital(64, **wrong)
