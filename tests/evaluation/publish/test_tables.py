from __future__ import annotations

import re

import pandas as pd
import pytest

from editable_deepsc.evaluation.publish.latex import latex_table
from editable_deepsc.evaluation.publish.tables import (
    ablation_table,
    bandwidth_table,
    earlier_table,
    inversion_table,
    write_table,
)


def rows(system: str, resolution: int, cbr: list[float], factor: float) -> list[dict]:
    return [
        {"system": system, "resolution": resolution, "cbr": c, "real_dims_ratio": factor * c}
        for c in cbr
    ]


def test_the_bandwidth_table_is_the_papers():
    metrics = pd.DataFrame(
        rows("editable_deepsc", 128, [512 / (128 * 128 * 3)], 1)
        + rows("webp_ldpc+talk2edit", 128, [0.02], 2)
        + rows("jpeg_ldpc+talk2edit", 128, [0.0379, 0.0399], 2)
        + rows("deepsc+talk2edit", 128, [1 / 12, 1 / 12], 1)
        + rows("editable_deepsc", 64, [512 / (64 * 64 * 3)], 1)
    )
    table = bandwidth_table(metrics)
    assert list(table.columns) == [
        "Method",
        "Resolution",
        "CBR",
        "Real dimensions per pixel-channel",
    ]
    assert table.values.tolist() == [
        ["Editable-DeepSC", "64×64", "0.0417", "0.0417"],
        ["DeepSC+Talk2Edit", "128×128", "0.0833", "0.0833"],
        ["JPEG+LDPC+Talk2Edit", "128×128", "0.0389", "0.0778"],
        ["Editable-DeepSC", "128×128", "0.0104", "0.0104"],
        ["WebP+LDPC+Talk2Edit", "128×128", "0.0200", "0.0400"],
    ]


def test_write_table_keeps_every_digit_in_three_formats(tmp_path):
    table = pd.DataFrame({"Method": ["A_b", "C"], "CBR": ["0.0110", "0.2000"]})
    write_table(table, tmp_path / "table1", caption="Cost in 100% of cases, A_b & C.")
    assert (tmp_path / "table1.csv").read_text() == "Method,CBR\nA_b,0.0110\nC,0.2000\n"
    assert (tmp_path / "table1.md").read_text() == (
        "Cost in 100% of cases, A_b & C.\n\n"
        "| Method   |    CBR |\n|:---------|-------:|\n| A_b      | 0.0110 |\n"
        "| C        | 0.2000 |\n"
    )
    latex = (tmp_path / "table1.tex").read_text()
    assert r"\caption{Cost in 100\% of cases, A\_b \& C.}" in latex
    assert r"A\_b & 0.0110 \\" in latex and r"\label{tab:table1}" in latex and r"\toprule" in latex


def test_latex_numbers_and_aligns_by_itself():
    table = pd.DataFrame(
        {
            "Method": ["A", "B"],
            "KID": ["-0.0110", "nan"],
            "All": ["1,234,567", "12"],
            "A long head of a column": ["3.5%", "12.25%"],
        }
    )
    latex = latex_table(table, "Table III: of two methods.", "tab:x", {(1, "All"), (0, "Method")})
    assert r"\caption{Of two methods.}" in latex
    assert [spec for spec in re.findall(r"table-format=([-\d.]+)", latex)] == ["-1.4", "7.0", "2.2"]
    assert r"Method} & {KID} & {All} & {\shortstack{A long head of \\ a column (\%)}}" in latex
    assert r"\bfseries A & -0.0110 & 1234567 & 3.5 \\" in latex
    assert r"B & {--} & \bfseries 12 & 12.25 \\" in latex


def test_the_best_of_each_data_set_is_bold_with_its_interval(tmp_path):
    table = pd.DataFrame(
        {
            "Data set": ["a", "a", "b", "b"],
            "LPIPS": ["0.50", "0.40", "0.30", "0.30"],
            "LPIPS, 95 %": ["0.4 to 0.6", "0.3 to 0.5", "0.2 to 0.4", "0.2 to 0.4"],
            "Edit success": ["0.9", "0.1", "nan", "nan"],
        },
        index=[7, 7, 9, 9],
    )
    better = {"LPIPS": "lower", "Edit success": "higher"}
    write_table(table, tmp_path / "t", "Table II: x.", better, within=["Data set"])
    assert "**" not in (tmp_path / "t.csv").read_text()
    markdown = (tmp_path / "t.md").read_text()
    assert re.findall(r"\*\*(.*?)\*\*", markdown) == ["0.9", "0.40", "0.3 to 0.5"]
    assert markdown.startswith("Table II: x.")
    latex = (tmp_path / "t.tex").read_text()
    assert r"a & \bfseries 0.40 & \bfseries 0.3 to 0.5 & 0.1 \\" in latex


def test_ablations_are_rows_with_intervals_over_faces():
    cell = {"fid": 3.0, "kid": -0.001, "edit_success": 0.5, "lpips_truth": 0.2, "dists": 0.1}
    summary = pd.DataFrame(
        [
            {"dataset": "faces", "kind": "finetune", "value": v, "snr_db": -6.0, "lpips": 1.0 - v}
            | cell
            for v in (0, 1)
        ]
    )
    images = pd.DataFrame(
        [
            row | {"edit_success": i % 2, "lpips": row["lpips"]}
            for row in summary.to_dict("records")
            for i in range(8)
        ]
    )
    table = ablation_table(summary, images, "finetune", "Fine-tuned")
    assert table.iloc[0].to_dict() | {"Edit success, 95 %": ""} == {
        "Data set": "faces",
        "SNR (dB)": "-6",
        "Fine-tuned": 0,
        "LPIPS": "1.0000",
        "LPIPS, 95 %": "1.000 to 1.000",
        "DISTS": "0.1000",
        "FID": "3.00",
        "KID": "-0.0010",
        "Edit success": "0.500",
        "Edit success, 95 %": "",
        "LPIPS to the true edit": "0.2000",
    }
    low, high = map(float, table["Edit success, 95 %"][1].split(" to "))
    assert 0 < low < 0.5 < high < 1
    unknown = ablation_table(summary.assign(dists=float("nan")), images, "finetune", "Fine-tuned")
    assert set(unknown.DISTS) == {"–"}


def test_the_earlier_papers_table_has_its_systems_in_its_order():
    row = {"snr_db": 6.0, "ssim": 0.9, "lpips": 0.2, "fid": 8.0, "edit_success": 0.5, "outage": 0.0}
    systems = {
        "editable_deepsc": 1 / 96,
        "talk2edit+deepjscc": 1 / 12,
        "jpeg_ldpc+talk2edit": 0.0389,
        "talk2edit+jpeg_ldpc_earlier": 599 / 12288,
        "talk2edit+webp_5g": 0.0389,
    }
    metrics = pd.DataFrame(
        [row | {"system": system, "cbr": cbr} for system, cbr in systems.items()]
    )
    table = earlier_table(metrics)
    assert list(table.Method) == [
        "Talk2Edit+DeepJSCC",
        "Talk2Edit+JPEG+LDPC earlier",
        "JPEG+LDPC+Talk2Edit",
        "Editable-DeepSC",
    ]
    assert list(table["Editable-DeepSC's share of it"]) == ["12.5%", "21.4%", "26.8%", "100.0%"]
    with pytest.raises(ValueError, match="at 6 dB"):
        earlier_table(metrics.assign(snr_db=0.0))


def test_recipes_of_inversion_are_rows_with_what_they_cost_and_deliver():
    quality = pd.DataFrame(
        [
            {
                "dataset": "faces",
                "recipe": recipe,
                "evaluations": iterations,
                "psnr_db": 31.456,
                "ssim": 0.93,
                "lpips": 0.0543,
                "within_one": 0.975,
                "snr_db": snr,
                "received_lpips": distance,
            }
            for recipe, iterations in (("paper", 110), ("encoder", 0))
            for snr, distance in ((-6.0, 1.5), (18.0, 0.25))
        ]
    )
    seconds = [
        {"dataset": "faces", "recipe": "paper", "one": 1.25, "batched": 0.6},
        {"dataset": "faces", "recipe": "encoder", "one": 0.01, "batched": 0.002},
    ]
    table = inversion_table(quality, seconds)
    assert table["Recipe"].tolist() == ["paper", "encoder"]
    assert table.iloc[0].to_dict() == {
        "Data set": "faces",
        "Recipe": "paper",
        "Iterations": "110",
        "Seconds, one": "1.250",
        "Seconds, batched": "0.600",
        "PSNR (dB)": "31.46",
        "SSIM": "0.930",
        "LPIPS": "0.0543",
        "Degrees within one": "97.5%",
        "LPIPS, -6 dB": "1.500",
        "LPIPS, 18 dB": "0.250",
    }
