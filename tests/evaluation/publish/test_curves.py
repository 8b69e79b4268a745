from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure

from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.pixels import to_uint8
from editable_deepsc.evaluation.publish.codec_curves import codec_curves
from editable_deepsc.evaluation.publish.curves import information_curves, quality_curves
from editable_deepsc.evaluation.publish.grids import image_grid
from editable_deepsc.evaluation.publish.names import PAPER_SYSTEMS, system_name
from editable_deepsc.evaluation.publish.style import save_figure

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


def texts(figure: Figure) -> list[str]:
    return [t.get_text() for t in figure.texts]


def grid(outages=None) -> Figure:
    faces = to_uint8(render(sample_faces(2, torch.Generator().manual_seed(0)), 32))
    outputs = {"Editable-DeepSC": faces, "JPEG+LDPC+Talk2Edit": 255 - faces}
    return image_grid(
        faces, faces, outputs, ["add a beard", "no glasses"], outages or {}, "faces at 6 dB"
    )


def test_quality_curves_draw_one_line_per_system_in_every_panel():
    systems = [*PAPER_SYSTEMS, "webp_ldpc+talk2edit", "talk2edit+webp_ldpc"]
    figure = quality_curves(metrics(systems), "faces")
    assert len(figure.axes) == 6
    for axes in figure.axes:
        assert [line.get_label() for line in axes.lines] == [
            system_name(s) for s in [*PAPER_SYSTEMS, "talk2edit+webp_ldpc", "webp_ldpc+talk2edit"]
        ]
        assert len({line.get_marker() for line in axes.lines}) == len(systems)
        assert len({line.get_color() for line in axes.lines}) == len(systems)
    assert "faces: 64 images per point" in texts(figure)


def test_quality_curves_draw_means_and_bands_of_the_seeds():
    table = metrics(["editable_deepsc"], seeds=3)
    axes = quality_curves(table, "faces").axes[0]
    by_snr = table.groupby("snr_db")["lpips"]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), by_snr.mean())
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == by_snr.min().min() and band.max() == by_snr.max().max()


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
    figure = quality_curves(metrics(["editable_deepsc"]).assign(lpips_truth=float("nan")), "faces")
    assert [t.get_text() for t in figure.axes[4].texts] == ["unknown in this data set"]
    assert not figure.axes[0].texts


def test_quality_curves_of_a_missing_data_set_is_an_error():
    with pytest.raises(ValueError, match="MetFaces"):
        quality_curves(metrics(["editable_deepsc"]), "MetFaces")


def test_image_grid_shows_every_image_untouched():
    figure = grid({"JPEG+LDPC+Talk2Edit": torch.tensor([False, True])})
    assert len(figure.axes) == 2 * 4
    assert {a.images[0].get_interpolation() for a in figure.axes} == {"none"}
    np.testing.assert_array_equal(
        figure.axes[3].images[0].get_array(), 255 - figure.axes[0].images[0].get_array()
    )
    assert {"Original", "True edit", "Editable-DeepSC", "JPEG+LDPC+\nTalk2Edit"} <= set(
        texts(figure)
    )
    assert {"“add a beard”", "“no glasses”", "faces at 6 dB"} <= set(texts(figure))
    marked = [bool(a.texts) for a in figure.axes]
    assert marked == [False] * 7 + [True] and figure.axes[7].texts[0].get_text() == "outage"


def test_image_grid_without_truth_has_a_column_less():
    faces = torch.zeros(1, 3, 16, 16, dtype=torch.uint8)
    assert len(image_grid(faces, None, {"A": faces}, ["older"], {}, "t").axes) == 2


def test_image_grid_names_the_column_with_missing_rows():
    faces = torch.zeros(2, 3, 16, 16, dtype=torch.uint8)
    with pytest.raises(ValueError, match="short has 1 rows"):
        image_grid(faces, None, {"short": faces[:1]}, ["a", "b"], {}, "t")
    with pytest.raises(ValueError, match="instructions has 1 rows"):
        image_grid(faces, None, {}, ["a"], {}, "t")


@pytest.mark.parametrize("draw", [lambda: quality_curves(metrics([*PAPER_SYSTEMS]), "faces"), grid])
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
