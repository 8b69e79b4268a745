"""Tables I and II at the paper's own sizes, counted on the wire of its systems."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from experiment.paper import paper_bandwidth, paper_sizes

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        ("celeba", ["0.0833", "0.0389", "0.0833", "0.0389", "0.0104"]),
        ("celeba-hq", ["0.0833", "0.0111", "0.0833", "0.0111", "0.0002"]),
        ("metfaces", ["0.0833", "0.0111", "0.0833", "0.0111", "0.0002"]),
    ],
)
def test_tables_1_and_2_at_the_papers_sizes(dataset, expected):
    defaults = ROOT / "config.yaml"
    counted = paper_bandwidth(paper_sizes(defaults, ROOT / "workflow/configs/paper.yaml", dataset))
    systems = yaml.safe_load(defaults.read_text())["sweep"]["systems"]  # in the order of Table I
    assert [f"{counted[system]:.4f}" for system in systems] == expected
