"""The studies of the codecs: equal bits, paired intervals, and verdicts that can be no as well as
yes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
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
from editable_deepsc.evaluation.publish.codec_claims import codec_claims, lowest_common_rate
from editable_deepsc.evaluation.publish.codec_curves import (
    importance_curves,
    mismatch_curves,
    rate_curves,
)
from editable_deepsc.networks.weights import load_bundled


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


def rates_table() -> pd.DataFrame:
    """GAN better than JPEG at 0.2, worse at 0.1, where JPEG does not fit all images."""
    rows = [
        ("gan_codec", 0.1, 0.4, 0.2, 9.0, 24.0, 0.0, True),
        ("jpeg_5g", 0.1, np.nan, 0.1, 5.0, 24.0, 0.2, True),
        ("gan_codec", 0.2, 0.4, 0.2, 4.0, 26.0, 0.0, True),
        ("gan_codec", 0.2, 1.0, 0.1, 3.0, 25.0, 0.0, False),
        ("jpeg_5g", 0.2, np.nan, 0.5, 12.0, 24.0, 0.0, True),
    ]
    return pd.DataFrame(
        rows, columns=["codec", "bpp", "base_share", "lpips", "fid", "psnr_db", "outage", "default"]
    )


def hits_table(gain: float, n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    plain = rng.integers(0, 6, n) / 5
    better = np.clip(plain + gain, 0, 1)
    parts = [
        pd.DataFrame(
            {
                "codec": name,
                "snr_db": 6.0,
                "image": range(n),
                "accuracy": values,
                "psnr_db": 25.0,
                "outage": 0.0,
                "real_dims": 1024,
            }
        )
        for name, values in (("semantic_jscc", better), ("deepjscc", plain))
    ]
    return pd.concat(parts)


def mismatch_table(loss: float) -> pd.DataFrame:
    rows = [
        (t, s, 25.0 + 0.1 * s - (loss if t != s else 0), loss if t != s else 0.0)
        for t in (3.0, 6.0, 9.0)
        for s in (3.0, 6.0, 9.0)
    ] + [(3.0, -6.0, 20.0, np.nan)]
    return pd.DataFrame(
        [("deepjscc_matched", *row) for row in rows],
        columns=["codec", "trained_db", "snr_db", "psnr_db", "loss_db"],
    )


def test_a_common_rate_is_one_at_which_every_image_fits():
    assert lowest_common_rate(rates_table(), ["gan_codec", "jpeg_5g"]) == 0.2
    assert lowest_common_rate(rates_table(), ["gan_codec"]) == 0.1
    assert lowest_common_rate(rates_table(), ["gan_codec", "webp_5g"]) is None


def test_paired_intervals_find_a_small_gain_that_single_ones_hide():
    table = with_intervals(hits_table(0.04), "semantic_jscc", "deepjscc").set_index("codec")
    weighted, plain = table.loc["semantic_jscc"], table.loc["deepjscc"]
    assert weighted.low < plain.high  # the bands overlap
    assert 0 < weighted.gain_low < weighted.gain < weighted.gain_high and np.isnan(plain.gain)


def test_claims_are_decided_by_their_rules():
    def holds(rates, tasks, mismatch):
        return [
            claim.holds for claim in codec_claims(rates, tasks, mismatch, "gan_codec", "jpeg_5g")
        ]

    better = with_intervals(hits_table(0.04), "semantic_jscc", "deepjscc")
    assert holds(rates_table(), better, mismatch_table(0.5)) == ["yes", "yes", "yes"]
    worse = rates_table().assign(fid=lambda t: t.fid.where(t.codec == "jpeg_5g", 20.0))
    assert holds(
        worse, with_intervals(hits_table(0.0), "semantic_jscc", "deepjscc"), mismatch_table(1.2)
    ) == ["no", "no", "no"]
    nothing = (
        rates_table()[lambda t: t.codec == "gan_codec"],
        better.drop(columns="gain").assign(gain=np.nan),
        mismatch_table(0.5)[lambda t: t.trained_db == t.snr_db],
    )
    assert holds(*nothing) == ["not tested"] * 3


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


def test_figures_draw_what_fits_and_nothing_else():
    figure = rate_curves(rates_table(), "gan_codec", "faces", 6)
    lpips_plane, _, by_rate = figure.axes[:3]
    curve, jpeg = lpips_plane.get_lines()[:2]
    assert list(curve.get_ydata()) == [0.2, 0.1] and list(jpeg.get_ydata()) == [0.5]
    assert [list(line.get_xdata()) for line in by_rate.get_lines()] == [[0.1, 0.2], [0.2]]
    tasks = with_intervals(hits_table(0.04), "semantic_jscc", "deepjscc")
    assert len(importance_curves(tasks, "faces").axes[0].get_lines()) == 2
    assert len(mismatch_curves(mismatch_table(0.5), "faces", 6).axes[0].get_lines()) == 6
