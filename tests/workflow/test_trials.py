"""The trials of workflow/trials take long; here only that what they would change is there."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "workflow/trials"))

from changes import CHANGES  # noqa: E402
from torture import LOWER_BAR  # noqa: E402
from workflow_copy import Replacement  # noqa: E402

REPLACEMENTS = [LOWER_BAR, *(c.make for c in CHANGES if isinstance(c.make, Replacement))]


@pytest.mark.parametrize("change", REPLACEMENTS, ids=lambda change: change.name)
def test_the_text_that_a_trial_replaces_is_there_once(change):
    assert (ROOT / change.name).read_text().count(change.old) == 1
