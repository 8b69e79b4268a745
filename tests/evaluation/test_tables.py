from __future__ import annotations

import pandas as pd
import pytest

from editable_deepsc.evaluation.tables import (
    PAPER_SYSTEMS,
    codec_name,
    system_name,
    system_order,
    table1,
    write_table,
)


def rows(system: str, resolution: int, cbr: list[float], factor: float) -> list[dict]:
    return [
        {"system": system, "resolution": resolution, "cbr": c, "real_dims_ratio": factor * c}
        for c in cbr
    ]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("deepsc+talk2edit", "DeepSC+Talk2Edit"),
        ("talk2edit+jpeg_ldpc", "Talk2Edit+JPEG+LDPC"),
        ("editable_deepsc", "Editable-DeepSC"),
        ("webp_ldpc+talk2edit", "WebP+LDPC+Talk2Edit"),
        ("talk2edit+deepjscc", "Talk2Edit+DeepJSCC"),
        ("bpg_ldpc+talk2edit", "BPG+LDPC+Talk2Edit"),
        ("talk2edit+hevc_5g_robust", "Talk2Edit+HEVC+5G robust"),
        ("semantic_gan+talk2edit", "Semantic GAN+Talk2Edit"),
    ],
)
def test_system_names(key, name):
    assert system_name(key) == name


def test_the_name_generator_agrees_with_the_paper_where_it_can():
    for key in PAPER_SYSTEMS.keys() - {"editable_deepsc"}:
        assert "+".join(codec_name(part) for part in key.split("+")) == PAPER_SYSTEMS[key]


def test_order_is_the_papers_with_new_systems_appended():
    keys = [
        "webp_ldpc+talk2edit",
        "editable_deepsc",
        "bpg_ldpc+talk2edit",
        "deepsc+talk2edit",
        "editable_deepsc",
    ]
    assert system_order(keys) == [
        "deepsc+talk2edit",
        "editable_deepsc",
        "bpg_ldpc+talk2edit",
        "webp_ldpc+talk2edit",
    ]


def test_table1_prints_the_papers_table():
    metrics = pd.DataFrame(
        rows("editable_deepsc", 128, [512 / (128 * 128 * 3)], 1)
        + rows("webp_ldpc+talk2edit", 128, [0.02], 2)
        + rows("jpeg_ldpc+talk2edit", 128, [0.0379, 0.0399], 2)
        + rows("deepsc+talk2edit", 128, [1 / 12, 1 / 12], 1)
        + rows("editable_deepsc", 64, [512 / (64 * 64 * 3)], 1)
    )
    table = table1(metrics)
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
