"""Verdicts about the codecs that can be no as well as yes, and the figures of their studies."""

from __future__ import annotations

import numpy as np

from editable_deepsc.evaluation.measure.codec_studies import with_intervals
from editable_deepsc.evaluation.publish.codec_claims import codec_claims, lowest_common_rate
from editable_deepsc.evaluation.publish.codec_curves import (
    importance_curves,
    mismatch_curves,
    rate_curves,
)

from ..study_tables import hits_table, mismatch_table, rates_table


def test_a_common_rate_is_one_at_which_every_image_fits():
    assert lowest_common_rate(rates_table(), ["gan_codec", "jpeg_5g"]) == 0.2
    assert lowest_common_rate(rates_table(), ["gan_codec"]) == 0.1
    assert lowest_common_rate(rates_table(), ["gan_codec", "webp_5g"]) is None


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


def test_figures_draw_what_fits_and_nothing_else():
    figure = rate_curves(rates_table(), "gan_codec")
    lpips_plane, _, by_rate = figure.axes[:3]
    curve, jpeg = lpips_plane.get_lines()[:2]
    assert list(curve.get_ydata()) == [0.2, 0.1] and list(jpeg.get_ydata()) == [0.5]
    assert [list(line.get_xdata()) for line in by_rate.get_lines()] == [[0.1, 0.2], [0.2]]
    tasks = with_intervals(hits_table(0.04), "semantic_jscc", "deepjscc")
    assert len(importance_curves(tasks).axes[0].get_lines()) == 2
    assert len(mismatch_curves(mismatch_table(0.5)).axes[0].get_lines()) == 6
