from __future__ import annotations

import pandas as pd
import pytest

from editable_deepsc.evaluation.publish.tables import (
    bandwidth_table,
    earlier_table,
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
