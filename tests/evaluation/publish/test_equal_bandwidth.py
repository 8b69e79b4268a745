"""The comparison by bandwidth: what the table says, what the figure shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from editable_deepsc.evaluation.publish.equal_bandwidth import (
    MEASURES,
    bandwidth_figure,
    bandwidth_paragraphs,
    bandwidth_points,
    bandwidth_rows,
    staircase,
)
from editable_deepsc.evaluation.publish.training_noise import training_noise_rows

SYSTEMS = {  # system -> CBR, LPIPS to the true edit, family
    "editable_deepsc": (1 / 96, 0.30, "Editable-DeepSC"),
    "editable_deepsc_x4": (1 / 24, 0.20, "Editable-DeepSC"),
    "talk2edit+deepsc": (1 / 12, 0.25, "DeepSC"),
    "talk2edit+jpeg_ldpc": (0.0389, 0.40, "digital chains"),
    "talk2edit+jpeg_ldpc_narrow": (1 / 96, 1.80, "digital chains"),
}


def tables(draws: int = 2) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(0)
    images, bits = [], []
    for system, (_, lpips, _) in SYSTEMS.items():
        for snr_db in (0.0, 18.0):
            for image in range(30):
                face = 0.05 * rng.standard_normal()
                lost = float(system == "talk2edit+jpeg_ldpc_narrow")
                keys = {"system": system, "snr_db": snr_db, "image": image}
                bits.append(keys | {"bits": 40.0 - 10 * lpips})
                for seed in range(draws):
                    value = lpips + face + 0.01 * seed
                    images.append(
                        keys
                        | {"seed": seed, "lpips_truth": value, "lpips": value / 2}
                        | {"edit_success": 1 - lost, "outage": lost}
                    )
    cbr = pd.DataFrame({"system": list(SYSTEMS), "cbr": [entry[0] for entry in SYSTEMS.values()]})
    return pd.DataFrame(images), pd.DataFrame(bits), cbr


@pytest.fixture(scope="module")
def points():
    return bandwidth_points(*tables())


def test_a_face_counts_once_however_often_it_was_sent(points):
    assert len(points) == len(SYSTEMS) * 2 * 30
    assert {*MEASURES, "cbr", "outage"} <= set(points.columns)


def test_the_table_goes_by_bandwidth_and_compares_face_by_face(points):
    table = bandwidth_rows(points)
    at_18 = table[table["SNR (dB)"] == "18"]
    assert list(at_18.CBR) == sorted(at_18.CBR) and len(at_18) == len(SYSTEMS)
    by = at_18.set_index("Method")
    column = "Difference from Editable-DeepSC"
    assert by.loc["Editable-DeepSC", column] == "–"
    assert by.loc["Editable-DeepSC x4", column].startswith("−0.1")
    low, high = (by.loc["Editable-DeepSC", "LPIPS to the true edit, 95 %"]).split(" to ")
    assert float(low) < 0.305 < float(high)
    assert by.loc["Talk2Edit+JPEG+LDPC narrow", "Outage"] == "100.0%"


def test_the_paragraphs_name_the_best_on_both_sides(points):
    first, second = bandwidth_paragraphs(bandwidth_rows(points))
    assert first.startswith("At 0 dB") and second.startswith("At 18 dB")
    assert "no more bandwidth is Talk2Edit+JPEG+LDPC narrow (CBR 0.0104) with 1.79" in second
    assert "any bandwidth is Talk2Edit+DeepSC (CBR 0.0833) with 0.2" in second
    assert "Editable-DeepSC x4 (CBR 0.0417) reaches 0.2" in second


def test_without_true_edits_and_bits_the_table_says_so():
    images, bits, cbr = tables()
    table = bandwidth_rows(bandwidth_points(images.assign(lpips_truth=np.nan), bits[:0], cbr))
    for column in ("LPIPS to the true edit", "Bits about the original"):
        assert set(table[column]) == {"–"}


@pytest.mark.parametrize(
    "column, values, wanted",
    [
        ("lpips", [0.9, 0.5, 0.7], [0.9, 0.5, 0.5, 0.5]),
        ("edit_success", [0.1, 0.8, 0.3], [0.1, 0.8, 0.8, 0.8]),
    ],
)
def test_more_bandwidth_is_never_worse_on_the_staircase(column, values, wanted):
    systems = pd.DataFrame({"cbr": [0.01, 0.04, 0.08], column: values})
    steps = staircase(systems, column, last=0.1)
    assert list(steps.cbr) == [0.01, 0.04, 0.08, 0.1] and list(steps[column]) == wanted


def test_the_figure_has_every_system_and_a_staircase(points):
    families = {system: entry[2] for system, entry in SYSTEMS.items()}
    figure = bandwidth_figure(points, families, [0.0, 18.0])
    assert len(figure.axes) == len(MEASURES) * 2
    axes = figure.axes[0]
    lines = {str(line.get_label()): line for line in axes.lines}
    assert lines["best of the digital chains"].get_drawstyle() == "steps-post"
    assert list(lines["Editable-DeepSC"].get_xdata()) == pytest.approx([1 / 96, 1 / 24])
    drawn = sum(len(line.get_xdata()) for name, line in lines.items() if name in families.values())
    assert drawn == len(SYSTEMS)
    with pytest.raises(ValueError, match="no points at 7 dB"):
        bandwidth_figure(points, families, [7.0])


def test_two_trainings_stand_beside_the_differences_between_systems():
    images = tables()[0]
    again = images.assign(lpips_truth=images.lpips_truth + 0.02, dataset="again")
    table = training_noise_rows(pd.concat([images.assign(dataset="first"), again]), "first")
    row = table[(table["SNR (dB)"] == "0") & (table.Method == "Talk2Edit+DeepSC")].iloc[0]
    assert row["Training 2 − training 1"].startswith("+0.0200")
    own = table[table.Method == "Editable-DeepSC"].iloc[0]
    assert own["More than Editable-DeepSC's, training 2"] == "–"
    first, second = (row[f"More than Editable-DeepSC's, training {i}"] for i in (1, 2))
    assert first == second and first[0] == "−"
