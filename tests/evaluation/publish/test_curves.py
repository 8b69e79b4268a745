from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from editable_deepsc.evaluation.measure.statistics import bootstrap_interval
from editable_deepsc.evaluation.publish.codec_curves import codec_curves
from editable_deepsc.evaluation.publish.curves import information_curves, quality_curves
from editable_deepsc.evaluation.publish.names import PAPER_SYSTEMS, system_name
from editable_deepsc.evaluation.publish.style import break_axis, save_figure

COLUMNS = ("lpips", "fid", "kid", "edit_success", "lpips_truth", "outage")


def metrics(systems: list[str], seeds: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {"dataset": "faces", "system": s, "snr_db": snr, "seed": k, "n_images": 64}
        | dict(zip(COLUMNS, rng.random(6)))
        for s in systems
        for snr in (-6, 0, 6)
        for k in range(seeds)
    )


def singles(table: pd.DataFrame, faces: int = 6) -> pd.DataFrame:
    """images.csv that belongs to a metrics.csv: faces spread around the mean of their cell."""
    spread = np.linspace(-0.1, 0.1, faces)
    return pd.DataFrame(
        {key: row[key] for key in ("dataset", "system", "snr_db", "seed")}
        | {"image": i}
        | {c: row[c] + spread[i] for c in COLUMNS if c not in ("fid", "kid")}
        for _, row in table.iterrows()
        for i in range(faces)
    )


def curves(table: pd.DataFrame, **options) -> Figure:
    return quality_curves(table, singles(table), "faces", **options)


def lines(axes: Axes) -> list[Line2D]:
    return [line for line in axes.lines if not line.get_label().startswith("_")]


def with_a_cliff() -> pd.DataFrame:
    """A digital chain that loses everything at -6 dB, and one image in four at 0 dB."""
    table = metrics(["jpeg_ldpc+talk2edit", "editable_deepsc"], seeds=1).assign(outage=0.0)
    digital = table.system == "jpeg_ldpc+talk2edit"
    for snr, share, lpips, fid in ((-6, 1.0, 6.7, 24), (0, 0.25, 0.9, 2)):
        here = digital & (table.snr_db == snr)
        table.loc[here, ["outage", "lpips", "fid"]] = share, lpips, fid
    return table


def test_quality_curves_draw_one_line_per_system_in_every_panel():
    systems = [*PAPER_SYSTEMS, "webp_ldpc+talk2edit", "talk2edit+webp_ldpc"]
    figure = curves(metrics(systems))
    assert len(figure.axes) == 6
    for axes in figure.axes:
        assert [line.get_label() for line in lines(axes)] == [
            system_name(s) for s in [*PAPER_SYSTEMS, "talk2edit+webp_ldpc", "webp_ldpc+talk2edit"]
        ]
        assert len({line.get_marker() for line in lines(axes)}) == len(systems)
        assert len({line.get_color() for line in lines(axes)}) == len(systems)


def test_quality_curves_draw_means_and_intervals_over_faces():
    table = metrics(["editable_deepsc"], seeds=3)
    figure = quality_curves(table, singles(table), "faces")
    axes = figure.axes[0]
    np.testing.assert_allclose(lines(axes)[0].get_ydata(), table.groupby("snr_db").lpips.mean())
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    ends = [
        bootstrap_interval(faces.groupby("image").lpips.mean().to_numpy())
        for _, faces in singles(table).groupby("snr_db")
    ]
    assert band.min() == min(low for low, _ in ends) and band.max() == max(h for _, h in ends)
    assert [len(a.collections) for a in figure.axes] == [1, 0, 0, 1, 1, 1]  # not FID and KID


@pytest.mark.parametrize("columns, width", [(1, 3.5), (2, 7.16)])
def test_curves_fit_a_column_or_a_page_at_8_points_without_a_title(columns, width):
    figure = curves(with_a_cliff(), columns=columns)
    assert figure.get_figwidth() == width and not figure.texts and figure.get_suptitle() == ""
    figure.draw_without_rendering()
    shown = [text for text in figure.findobj(Text) if text.get_text()]
    assert {text.get_fontsize() for text in shown} == {8}
    assert not any(axes.get_title() for axes in figure.axes)
    edges = figure.get_tightbbox().extents
    assert edges[0] >= -0.02 and edges[1] >= -0.02 and edges[2] <= width + 0.02


def test_an_outage_does_not_flatten_the_other_points():
    figure = curves(with_a_cliff())
    lpips, fid, kid, success = figure.axes[:4]
    for axes in (lpips, fid):
        figure.draw_without_rendering()
        place = axes.transData.transform
        bottom, top = (axes.transAxes.transform((0, y))[1] for y in (0, 1))
        highest = max(y for line in lines(axes) for y in line.get_ydata() if y < 5)
        assert (place((0, highest))[1] - bottom) / (top - bottom) > 0.6
        assert {text.get_text() for text in axes.texts} == {"outage"}
        outage = max(y for line in lines(axes) for y in line.get_ydata())
        assert outage > 5 and outage in axes.get_yticks()
        assert place((0, outage))[1] < top
    assert not kid.texts and not success.texts
    # open markers where images were lost, also where the point is on the scale
    for axes in figure.axes:
        (marks,) = [line for line in axes.lines if line.get_label() == "_open"]
        assert list(marks.get_xdata()) == [-6, 0] and marks.get_markerfacecolor() == "white"
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend[-2:] == ["95 % over faces", "images were lost"]


def test_an_axis_is_not_broken_below_its_other_values():
    axes = Figure().subplots()
    with pytest.raises(ValueError, match="broken at 2 cannot show 1.5"):
        break_axis(axes, 2, [1.5, 7], "outage")


def test_no_open_markers_and_no_break_where_nothing_is_lost():
    figure = curves(metrics(["editable_deepsc"]).assign(outage=0.0))
    assert not any(line.get_label() == "_open" for a in figure.axes for line in a.lines)
    assert "images were lost" not in [t.get_text() for t in figure.legends[0].get_texts()]


def test_codec_curves_draw_every_codec_where_it_edits():
    table = metrics(
        ["deepsc+talk2edit", "talk2edit+deepsc", "talk2edit+webp_5g", "editable_deepsc"]
    ).assign(psnr_db=20.0)
    figure = codec_curves(table, "faces")
    assert [[line.get_label() for line in axes.lines] for axes in figure.axes] == [
        ["DeepSC", "WebP+5G", "Editable-DeepSC"]
    ] * 2 + [["DeepSC", "Editable-DeepSC"]] * 2
    np.testing.assert_allclose(
        figure.axes[1].lines[1].get_ydata(),
        table[table.system == "talk2edit+webp_5g"].groupby("snr_db").lpips.mean(),
    )
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "DeepSC",
        "WebP+5G",
        "Editable-DeepSC",
    ]
    with pytest.raises(ValueError, match="no metrics of any codec"):
        codec_curves(table[table.system == "editable_deepsc"], "faces")


def test_quality_curves_say_when_the_true_edit_is_unknown():
    figure = curves(metrics(["editable_deepsc"]).assign(lpips_truth=float("nan")))
    assert [t.get_text() for t in figure.axes[4].texts] == ["unknown in\nthis data set"]
    assert not figure.axes[0].texts


def test_quality_curves_of_a_missing_data_set_is_an_error():
    table = metrics(["editable_deepsc"])
    with pytest.raises(ValueError, match="MetFaces"):
        quality_curves(table, singles(table), "MetFaces")


@pytest.mark.parametrize(
    "draw", [lambda: curves(metrics([*PAPER_SYSTEMS])), lambda: curves(with_a_cliff(), columns=1)]
)
def test_saved_figures_are_reproducible_to_the_byte(tmp_path, draw):
    for stem in ("one", "two"):
        save_figure(draw(), tmp_path / stem)
    assert (tmp_path / "one.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert (tmp_path / "one.pdf").read_bytes()[:5] == b"%PDF-"
    assert b"CreationDate" not in (tmp_path / "one.pdf").read_bytes()
    for suffix in (".png", ".pdf"):
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


def test_information_curves_draw_received_bits_and_every_chain():
    chains = {
        "deepsc+talk2edit": ("original", "decoded", "received"),
        "editable_deepsc": ("original", "inverted", "edited", "received"),
    }
    rows = [
        {
            "dataset": "faces",
            "system": system,
            "snr_db": snr,
            "stage": stage,
            "bits": 30.0 - i,
            "low": 28.0 - i,
            "high": 32.0 - i,
            "method": "barber-agakov",
        }
        for system, stages in chains.items()
        for i, stage in enumerate(stages)
        for snr in ((float("nan"),) if stage in ("original", "inverted", "edited") else (0, 6))
    ]
    rows += [row | {"method": "infonce", "bits": 8.0} for row in rows if row["stage"] == "received"]
    against_snr, along = information_curves(pd.DataFrame(rows), "faces", 6).axes
    assert [list(line.get_ydata()) for line in against_snr.lines] == [[28, 28], [27, 27]]
    assert [(list(line.get_xdata()), list(line.get_ydata())) for line in along.lines] == [
        ([0, 1, 3], [30, 29, 28]),
        ([0, 1, 2, 3], [30, 29, 28, 27]),
    ]
    with pytest.raises(ValueError, match="no information of data set 'other'"):
        information_curves(pd.DataFrame(rows), "other", 6)
