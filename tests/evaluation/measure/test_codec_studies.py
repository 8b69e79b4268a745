"""The studies of the codecs: equal bits, paired intervals, and what the evaluator looks at."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from editable_deepsc.codecs.base import Decoded, placeholder
from editable_deepsc.codecs.digital import Digital
from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.pixels import to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.evaluation.measure.codec_studies import (
    encoded,
    rate_rows,
    task_hits,
    with_intervals,
    without_loss,
)
from editable_deepsc.evaluation.measure.distances import embedded_lpips
from editable_deepsc.networks.weights import load_bundled

from ..study_tables import hits_table


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return to_uint8(render(sample_faces(6, seeded("studies")), 64))


def test_without_loss_is_what_a_clean_channel_delivers(images):
    codec = Digital(64, "jpeg", channel_code="5g", bpp=0.35)
    delivered, outage, length = without_loss(codec, images)
    sent = codec.decode(codec.encode(images.float() / 127.5 - 1, 40.0), 40.0)
    assert (
        torch.equal(delivered, to_uint8(sent.images))
        and not outage.any()
        and 100 < length <= codec.payload_bytes
    )
    delivered, outage, length = without_loss(
        Digital(64, "webp", channel_code="5g", bpp=0.05), images
    )
    assert (
        outage.all() and torch.equal(delivered, to_uint8(placeholder(6, 64))) and np.isnan(length)
    )


def test_more_bits_are_less_distortion(images):
    codecs = (
        (
            {"codec": "hevc", "bpp": bpp, "base_share": float("nan"), "default": True},
            Digital(64, "hevc", channel_code="5g", bpp=bpp),
        )
        for bpp in (0.12, 0.35)
    )
    rows = rate_rows(
        codecs, images, embedded_lpips(load_bundled("perceptual")), load_bundled("fidelity")
    )
    coarse, fine = rows.to_dict("records")
    assert (
        fine["psnr_db"] > coarse["psnr_db"]
        and fine["mse"] < coarse["mse"]
        and fine["lpips"] < coarse["lpips"]
        and fine["fid"] < coarse["fid"]
    )
    assert coarse["bytes"] <= coarse["frame_bytes"] < fine["bytes"]


def test_paired_intervals_find_a_small_gain_that_single_ones_hide():
    table = with_intervals(hits_table(0.04), "semantic_jscc", "deepjscc").set_index("codec")
    weighted, plain = table.loc["semantic_jscc"], table.loc["deepjscc"]
    assert weighted.low < plain.high  # the bands overlap
    assert 0 < weighted.gain_low < weighted.gain < weighted.gain_high and np.isnan(plain.gain)


def test_the_evaluator_looks_at_what_arrives(images):
    class Black:
        dims_per_use = 1

        def encode(self, x, snr_db):
            return torch.ones(len(x), 8)

        def decode(self, received, snr_db):
            return Decoded(
                torch.full((len(received), 3, 64, 64), -1.0),
                torch.zeros(len(received), dtype=torch.bool),
            )

    def evaluator(x):  # sees degree 5 in bright pictures, 0 in black ones
        return (
            torch.nn.functional.one_hot((x.mean((1, 2, 3)) > -0.99).long() * 5, 6)
            .float()[:, None]
            .expand(-1, 5, -1)
        )

    for degree, accuracy in ((0.0, 1.0), (5.0, 0.0), (0.4, 1.0)):
        hits = task_hits(
            Black(),
            encoded(Black(), images, 0.0),
            images,
            torch.full((6, 5), degree),
            evaluator,
            0.0,
            seeded("black"),
        )
        assert (
            hits["accuracy"].tolist() == [accuracy] * 6 and hits["real_dims"].tolist() == [8.0] * 6
        )
