from __future__ import annotations

import pytest

from editable_deepsc.evaluation.publish.names import (
    PAPER_SYSTEMS,
    codec_name,
    system_name,
    system_order,
)


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
