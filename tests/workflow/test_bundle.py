"""What `make validate-networks` measured goes into the manifest only beside the very files that it
measured.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

MANIFEST = {
    "networks": {
        "generator": {"sha256": "a"},
        "generator_128": {"sha256": "b"},
        "predictor": {"sha256": "c"},
    }
}


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    path = Path(__file__).parents[2] / "workflow/scripts/bundle.py"
    spec = importlib.util.spec_from_file_location("bundle", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "BUNDLED", tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    return module


def measured(tmp_path: Path, dataset: str, networks: dict[str, str]) -> Path:
    path = tmp_path / f"{dataset}.json"
    path.write_text(
        json.dumps({"dataset": dataset, "networks": networks, "figures": {"psnr_db": 30.0}})
    )
    return path


def test_every_data_set_has_its_own_figures(bundle, tmp_path):
    bundle.add_validation(measured(tmp_path, "small", {"generator": "a", "predictor": "c"}))
    bundle.add_validation(measured(tmp_path, "large", {"generator_128": "b", "predictor": "c"}))
    kept = json.loads((tmp_path / "manifest.json").read_text())
    assert kept["networks"] == MANIFEST["networks"] and set(kept["validation"]) == {
        "small",
        "large",
    }
    assert kept["validation"]["large"] == {
        "networks": {"generator_128": "b", "predictor": "c"},
        "figures": {"psnr_db": 30.0},
    }


@pytest.mark.parametrize(
    "networks",
    [{"generator": "b", "predictor": "c"}, {"generator": "a", "judge": "c"}],
    ids=["another's digest", "unknown"],
)
def test_figures_of_other_files_are_refused(bundle, tmp_path, networks):
    with pytest.raises(SystemExit, match="generator|judge"):
        bundle.add_validation(measured(tmp_path, "small", networks))
    assert json.loads((tmp_path / "manifest.json").read_text()) == MANIFEST


def test_a_network_that_is_replaced_takes_its_figures_with_it(bundle):
    of_small, of_large = {"networks": {"generator": "a"}}, {"networks": {"generator_128": "b"}}
    entries = MANIFEST["networks"] | {"generator_128": {"sha256": "new"}}
    assert bundle.not_bundled(of_small, entries) == [] and bundle.not_bundled(
        of_large, entries
    ) == ["generator_128"]
