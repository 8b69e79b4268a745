"""The layered GAN codec: real bits that another process decodes from the weights alone, and nothing
that is not charged.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import editable_deepsc
from editable_deepsc.channel.noise import awgn
from editable_deepsc.channel.power import mean_power
from editable_deepsc.codecs.base import find_codec, placeholder
from editable_deepsc.codecs.gan import (
    GanCodec,
    LayeredSource,
    _ideal_bits,
    _range_decode,
    _range_encode,
)
from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.pixels import to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.networks.gan_codec import (
    LARGEST,
    LEVELS,
    FactorisedPrior,
    LayeredCodec,
    _frequencies,
)
from editable_deepsc.networks.weights import load_network, save_network

CONFIG = {"resolution": 64, "width": 8, "base_channels": 4, "enhancement_channels": 6}
TABLE = _frequencies().numpy()

DECODE = """
import sys
import numpy as np
import torch
torch.set_num_threads(1)
from editable_deepsc.codecs.gan import LayeredSource
from editable_deepsc.networks.weights import load_network
source = LayeredSource(load_network("weights.safetensors"), 0.5)
np.save("picture.npy", source.decode(open("bits", "rb").read(), 64))
"""


@pytest.fixture(scope="module")
def model() -> LayeredCodec:
    """Not trained, but with latents of a size that needs bits and a prior that differs from place
    to place.
    """
    torch.manual_seed(0)
    model = LayeredCodec(**CONFIG)
    for prior, encoder in (
        (model.base_prior, model.base_encoder),
        (model.enhancement_prior, model.enhancement_encoder),
    ):
        torch.nn.init.normal_(encoder[-1].weight, std=0.8)
        torch.nn.init.normal_(prior.mean, std=1.0)
        torch.nn.init.normal_(prior.log_scale, mean=0.5, std=0.5)
        prior.freeze()
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return render(sample_faces(3, seeded("gan codec")), 64)


@pytest.fixture(scope="module")
def pictures(images) -> np.ndarray:
    return to_uint8(images).permute(0, 2, 3, 1).contiguous().numpy()


def codec(model, base_bpp=0.2, enhancement_bpp=0.15, **code) -> GanCodec:
    return find_codec("gan_codec")(model, base_bpp, enhancement_bpp, **code)


def test_another_process_decodes_from_bits_and_weights_alone(model, pictures, tmp_path):
    stream = LayeredSource(model, 0.5).encode(pictures[0], 177)
    (tmp_path / "bits").write_bytes(stream + bytes(177 - len(stream)))
    save_network(model, tmp_path / "weights.safetensors")
    environment = os.environ | {
        "PYTHONPATH": str(Path(editable_deepsc.__file__).parents[1]),
        "OMP_NUM_THREADS": "1",
    }
    run = subprocess.run(
        [sys.executable, "-c", DECODE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    here, there = LayeredSource(model, 0.5).decode(stream, 64), np.load(tmp_path / "picture.npy")
    assert (
        np.abs(here.astype(int) - there).max() <= 1
    )  # a rounding of the last bit; the symbols are the same
    assert np.abs(here.astype(int) - pictures[0]).max() > 1 and here.std() > 1


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_symbols_survive_the_range_coder_at_next_to_no_cost(data):
    layers = []
    for _ in range(data.draw(st.integers(1, 2))):
        n = data.draw(st.integers(1, 300))
        rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
        frequencies = TABLE[rng.integers(0, len(TABLE), n)]
        if data.draw(st.booleans()):  # as the prior has them, or the unlikeliest there are
            cumulated = frequencies.cumsum(1)
            symbols = (rng.integers(0, cumulated[:, -1])[:, None] >= cumulated).sum(1)
        else:
            symbols = rng.integers(0, 2 * LARGEST + 1, n)
        layers.append((symbols.astype(np.int32) - LARGEST, frequencies))
    stream = _range_encode(layers)
    for padding in (0, 7):
        decoded = _range_decode(stream + bytes(padding), [f for _, f in layers])
        assert all(np.array_equal(symbols, (s)) for symbols, (s, _) in zip(decoded, layers))
    assert len(stream) <= math.ceil(sum(map(_ideal_bits, layers)) / 8 * 1.001) + 2


def test_no_byte_of_a_stream_is_to_spare(model, pictures):
    """What is charged is what is needed: without its last byte, a stream decodes to another
    picture.
    """
    source = LayeredSource(model, 0.5)
    for picture in pictures:
        stream = source.encode(picture, 177)
        assert 0.8 * 177 < len(stream) <= 177 and stream[-1] != 0
        assert not np.array_equal(source.decode(stream[:-1], 64), source.decode(stream, 64))


def test_the_frozen_table_is_the_trained_distribution(model):
    prior, rng = model.base_prior, torch.Generator().manual_seed(0)
    for level in (1, 8, LEVELS):
        k = torch.randn(1, *prior.mean.shape, generator=rng).mul(2).round()
        symbols = k.flatten().numpy().astype(np.int32)
        frozen = _ideal_bits((symbols, prior.frequencies(level)))
        assert frozen == pytest.approx(float(prior.bits(k, torch.tensor([level]))), rel=0.05)


def test_bits_are_decoded_without_the_networks(model, pictures):
    """Rounding on the receiver's machine cannot lead the entropy decoder astray: it reads integers
    only.
    """
    stream = LayeredSource(model, 1.0).encode(pictures[0], 177)
    other = LayeredCodec(**CONFIG)
    for name in ("base_prior", "enhancement_prior"):
        getattr(other, name).index.copy_(getattr(model, name).index)
    symbols = [
        _range_decode(stream[1:], [m.base_prior.frequencies(stream[0] // (LEVELS + 1))])[0]
        for m in (model, other)
    ]
    assert np.array_equal(*symbols) and len(np.unique(symbols[0])) > 3


@pytest.mark.parametrize(
    "code", [{"channel_code": "5g", "code_rate": 0.75}, {"channel_code": "gallager"}]
)
def test_the_wire_is_as_long_as_jpegs_and_delivers(model, images, code):
    gan, jpeg = codec(model, **code), find_codec("digital")(64, "jpeg", bpp=0.35, **code)
    symbols = gan.encode(images, 18.0)
    assert (
        symbols.shape == jpeg.encode(images, 18.0).shape and gan.payload_bytes == jpeg.payload_bytes
    )
    torch.testing.assert_close(mean_power(symbols), torch.ones(3))
    decoded = gan.decode(awgn(symbols, 18.0, seeded("gan wire")), 18.0)
    assert not decoded.outage.any() and decoded.images.abs().max() <= 1
    expected = [
        gan.source.decode(gan.source.encode(p, gan.payload_bytes), 64)
        for p in to_uint8(images).permute(0, 2, 3, 1).contiguous().numpy()
    ]
    assert np.array_equal(to_uint8(decoded.images).permute(0, 2, 3, 1).numpy(), np.stack(expected))


def test_a_lost_frame_and_a_picture_that_does_not_fit_are_outages(model, images):
    gan = codec(model)
    lost = gan.decode(awgn(gan.encode(images, -10.0), -10.0, seeded("lost")), -10.0)
    assert lost.outage.all() and torch.equal(lost.images, placeholder(3, 64))
    narrow = codec(model, 0.004, 0.003)  # 28 bits, 16 of them a CRC
    assert narrow.decode(narrow.encode(images, 30.0), 30.0).outage.all()


def test_rate_moves_between_the_layers(model, pictures):
    levels = [
        divmod(LayeredSource(model, share).encode(pictures[0], 177)[0], LEVELS + 1)
        for share in (0.2, 0.5, 0.8, 1.0)
    ]
    base, enhancement = zip(*levels)
    assert (
        LayeredSource(model, 0.01).encode(pictures[0], 177)[0] // (LEVELS + 1) == 1
    )  # no share is too small for the coarsest base layer
    assert list(base) == sorted(base) and base[0] < base[-1]
    assert (
        list(enhancement) == sorted(enhancement, reverse=True)
        and enhancement[0] > enhancement[2]
        and enhancement[3] == 0
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"base_bpp": 0.0}, "base layer needs bits"),
        ({"enhancement_bpp": -0.1}, "base layer needs bits"),
        ({"channel_code": "turbo"}, "turbo"),
        ({"qam_order": 8}, "QAM order"),
    ],
)
def test_bad_options_are_refused_in_one_sentence(model, options, words):
    with pytest.raises(ValueError, match=words) as error:
        codec(model, **options)
    assert "\n" not in str(error.value)


def test_what_is_no_stream_is_refused(model):
    source = LayeredSource(model, 0.5)
    for stream in (
        b"",
        bytes(177),
        bytes([LEVELS]) + bytes(10),
    ):  # nothing, padding alone, an enhancement layer without a base
        with pytest.raises(ValueError, match="does not start with a level"):
            source.decode(stream, 64)
    with pytest.raises(ValueError, match="trained for pictures of 64"):
        source.encode(np.zeros((32, 32, 3), np.uint8), 177)
    with pytest.raises(ValueError, match="divisible by 8"):
        LayeredCodec(resolution=20)


def test_a_weight_file_keeps_the_integers(model, tmp_path):
    save_network(model, tmp_path / "weights.safetensors")
    again = load_network(tmp_path / "weights.safetensors", "LayeredCodec")
    assert again.base_prior.index.dtype == torch.int32 and torch.equal(
        again.base_prior.table, model.base_prior.table
    )
    for level in (1, LEVELS):
        assert np.array_equal(
            again.base_prior.frequencies(level), model.base_prior.frequencies(level)
        )


def test_a_fresh_prior_codes_every_symbol():
    assert (FactorisedPrior(2, 3).frequencies(1) >= 1).all() and TABLE.shape[1] == 2 * LARGEST + 1
