"""The default config, to be changed by the tests."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from experiment.config import Experiment

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config() -> dict:
    """config.yaml, read anew for every test."""
    return yaml.safe_load((ROOT / "config.yaml").read_text())


@pytest.fixture
def experiment(config) -> Experiment:
    """The default experiment; a change of ``config`` is a change of it."""
    return Experiment(config)


@pytest.fixture
def schema() -> dict:
    return yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())


@pytest.fixture
def overlay():
    """A function: overlay of workflow/configs by its name -> what it says."""
    return lambda name: yaml.safe_load((ROOT / f"workflow/configs/{name}.yaml").read_text())
