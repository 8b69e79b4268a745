"""Grids of pictures: what is drawn, and what is said below each picture."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure

from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.pixels import to_uint8
from editable_deepsc.evaluation.publish.grids import Note, image_grid, judgements
from editable_deepsc.evaluation.publish.style import save_figure

OUTAGES = {"JPEG+LDPC+Talk2Edit": torch.tensor([False, True])}


def texts(figure: Figure) -> set[str]:
    return {t.get_text() for t in figure.texts}


def grid(**options) -> Figure:
    faces = to_uint8(render(sample_faces(2, torch.Generator().manual_seed(0)), 32))
    outputs = {"Editable-DeepSC": faces, "JPEG+LDPC+Talk2Edit": 255 - faces}
    return image_grid(faces, faces, outputs, ["add a beard", "no glasses"], OUTAGES, **options)


def test_image_grid_shows_every_image_untouched():
    figure = grid(title="faces at 6 dB")
    assert len(figure.axes) == 2 * 4
    assert {a.images[0].get_interpolation() for a in figure.axes} == {"none"}
    np.testing.assert_array_equal(
        figure.axes[3].images[0].get_array(), 255 - figure.axes[0].images[0].get_array()
    )
    assert {"Original", "True edit", "Editable-DeepSC", "JPEG+LDPC+\nTalk2Edit"} <= texts(figure)
    assert {"“add a beard”", "“no glasses”", "faces at 6 dB"} <= texts(figure)
    marked = [bool(a.texts) for a in figure.axes]
    assert marked == [False] * 7 + [True] and figure.axes[7].texts[0].get_text() == "outage"


def test_an_image_of_64_pixels_is_enlarged_by_a_whole_number():
    figure = grid()
    (width, height) = figure.axes[0].get_window_extent().size
    assert width == pytest.approx(256) and height == pytest.approx(256)


def test_notes_stand_below_their_pictures_and_are_red_without_success():
    notes = [
        Note("similarity 0.90\ndegree as asked"),
        Note("similarity 0.31\ndegree missed", False),
    ]
    figure = grid(notes={"Editable-DeepSC": notes})
    for row, note in enumerate(notes):
        (text,) = [t for t in figure.texts if t.get_text() == note.text]
        box = figure.axes[4 * row + 2].get_position()
        assert text.get_position()[0] == pytest.approx((box.x0 + box.x1) / 2)
        assert box.y0 - 0.05 < text.get_position()[1] < box.y0
        assert (text.get_color() == "#B00020") != note.success


def test_judgements_say_how_similar_the_face_is_and_how_far_the_degree_is_off():
    columns = ["identity", "edit_exact", "edit_within_one", "edit_success", "outage"]
    rows = [(0.912, 1, 1, 1, 0), (0.4, 1, 1, 0, 0), (0.8, 0, 1, 1, 0), (0.8, 0, 0, 0, 0)]
    images = pd.DataFrame([*rows, (0.1, 0, 1, 0, 1)], columns=columns)
    assert judgements(images) == [
        Note("similarity 0.91\ndegree as asked", True),
        Note("similarity 0.40\ndegree as asked", False),
        Note("similarity 0.80\none degree off", True),
        Note("similarity 0.80\ndegree missed", False),
        Note("", False),
    ]


def test_image_grid_without_truth_has_a_column_less():
    faces = torch.zeros(1, 3, 16, 16, dtype=torch.uint8)
    assert len(image_grid(faces, None, {"A": faces}, ["older"], {}).axes) == 2


def test_image_grid_names_the_column_with_missing_rows():
    faces = torch.zeros(2, 3, 16, 16, dtype=torch.uint8)
    with pytest.raises(ValueError, match="short has 1 rows"):
        image_grid(faces, None, {"short": faces[:1]}, ["a", "b"], {})
    with pytest.raises(ValueError, match="instructions has 1 rows"):
        image_grid(faces, None, {}, ["a"], {})
    with pytest.raises(ValueError, match="Original has 1 rows"):
        image_grid(faces, None, {}, ["a", "b"], {}, {"Original": [Note("degree 1")]})


def test_saved_grids_are_reproducible_to_the_byte(tmp_path):
    for stem in ("one", "two"):
        save_figure(grid(notes={"Original": [Note("degree 1")] * 2}), tmp_path / stem)
    for suffix in (".png", ".pdf"):
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()
