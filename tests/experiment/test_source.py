"""What a script uses, and so which changes of the code make its results again."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiment import source
from experiment.source import Symbol, used

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"

LIBRARY = {
    "editable_deepsc/__init__.py": "",
    "editable_deepsc/metrics/__init__.py": "from .errors import error as mistake\n",
    "editable_deepsc/metrics/errors.py": '''
"""Errors."""
from __future__ import annotations
from .. import limits
from . import unrelated

THRESHOLD = 1

def error(x: int) -> int:
    """How wrong."""
    return helper(x) > THRESHOLD * limits.HIGHEST  # strictly

def helper(x):
    from ..lazy import late
    return late(x)

def nobody():
    return unrelated.thing()
''',
    "editable_deepsc/metrics/unrelated.py": "def thing():\n    return 3\n",
    "editable_deepsc/limits.py": "HIGHEST = 5\nLOWEST = 0\n",
    "editable_deepsc/lazy.py": "def late(x):\n    return x + 1\n",
    "experiment/__init__.py": "",
    "experiment/job.py": "def job(snakemake):\n    return snakemake\n",
    "experiment/inputs.py": "def read_network(path):\n    return path\n",
}
SCRIPT = """
from editable_deepsc.metrics import mistake
from experiment.job import job

with job(snakemake) as this:
    print(mistake(1))
"""


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """A function: whether the digest of the script is another after a change in a file."""
    monkeypatch.setattr(source, "PACKAGES", tmp_path)
    for name, text in (LIBRARY | {"script.py": SCRIPT}).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    def digest() -> str:
        source.module_of.cache_clear()
        source.code_digest.cache_clear()
        return source.code_digest(tmp_path / "script.py")

    def change(name: str, old: str, new: str) -> bool:
        before, path = digest(), tmp_path / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
        return digest() != before

    yield change
    source.module_of.cache_clear()
    source.code_digest.cache_clear()


ERRORS = "editable_deepsc/metrics/errors.py"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (ERRORS, "THRESHOLD = 1", "THRESHOLD = 2"),
        (ERRORS, "helper(x) >", "helper(x) >="),
        ("editable_deepsc/limits.py", "HIGHEST = 5", "HIGHEST = 6"),  # an attribute of a module
        ("editable_deepsc/lazy.py", "x + 1", "x + 2"),  # imported inside of a function
        ("script.py", "mistake(1)", "mistake(2)"),
    ],
)
def test_what_the_script_uses_is_seen(changed, name, old, new):
    assert changed(name, old, new)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (ERRORS, "# strictly", "# no less"),
        (ERRORS, "How wrong.", "How wrong it is."),
        (ERRORS, "x: int) -> int", "x: float) -> bool"),
        (ERRORS, "helper(x) >", "(\n        helper(x)\n    ) >"),
        (ERRORS, "return unrelated.thing()", "return 4"),
        ("editable_deepsc/metrics/unrelated.py", "3", "4"),
        ("editable_deepsc/limits.py", "LOWEST = 0", "LOWEST = 1"),
        ("experiment/job.py", "return snakemake", "return None"),
        ("experiment/inputs.py", "return path", "return None"),
    ],
)
def test_what_it_does_not_use_or_changes_nothing_is_not(changed, name, old, new):
    assert not changed(name, old, new)


def test_a_job_that_reads_a_network_uses_the_reader(changed):
    assert changed("script.py", "print(", "this.network('judge'); print(")
    assert changed("experiment/inputs.py", "return path", "return None")


METRICS = "editable_deepsc.evaluation.measure.metrics"


@pytest.mark.parametrize(
    ("script", "inside", "outside"),
    [
        ("evaluate", (METRICS, "edit_outcomes"), ("editable_deepsc.editing.matching", "match")),
        ("edit", ("editable_deepsc.editing.matching", "match"), (METRICS, "evaluate")),
        ("transmit", ("editable_deepsc.channel.noise", "awgn"), (METRICS, "evaluate")),
        (
            "curves",
            ("editable_deepsc.evaluation.publish.style", "STYLE"),
            ("editable_deepsc.evaluation.publish.claims", "judge_claims"),
        ),
        (
            "train_codec",
            ("editable_deepsc.networks.jscc", "DeepSC"),
            ("editable_deepsc.training.jecc", "train_fields"),
        ),
    ],
)
def test_the_grain_of_real_scripts(script, inside, outside):
    symbols = used(SCRIPTS / f"{script}.py")
    assert Symbol(*inside) in symbols and Symbol(*outside) not in symbols


@pytest.mark.parametrize(
    ("script", "reads", "not_read"),
    [
        ("train_codec", "AttributePredictor", "TextEncoder"),  # a rule for sentences trains nothing
        ("train_fields", "Discriminator", "LayeredCodec"),
        ("finetune", "Generator", "TextEncoder"),
        ("evaluate", "FidelityFeatures", "DeepSC"),
        ("inversions", "ChannelAdapters", "LayeredCodec"),  # a role is the beginning of a text
        ("edit", "TextEncoder", "DeepSC"),  # roles in a comprehension
    ],
)
def test_of_the_networks_those_of_the_roles_that_a_script_reads_count(script, reads, not_read):
    symbols = used(SCRIPTS / f"{script}.py")
    names = {symbol.name for symbol in symbols}
    assert reads in names and not_read not in names
    assert Symbol(source.WEIGHTS, "KINDS") not in symbols


@pytest.mark.parametrize("script", ["transmit", "mismatch", "information_of"])
def test_where_a_role_is_not_written_all_networks_count(script):
    symbols = used(SCRIPTS / f"{script}.py")
    assert Symbol(source.WEIGHTS, "KINDS") in symbols
    assert {"LayeredCodec", "TextEncoder"} <= {symbol.name for symbol in symbols}


def test_readers_of_published_networks_count_where_one_may_be_read():
    reader = Symbol("editable_deepsc.networks.published.stylegan2", "Generator")
    script = SCRIPTS / "invert.py"
    assert reader in used(script, published=True)
    assert reader not in used(script, published=False)
    assert source.code_digest(script, True) != source.code_digest(script, False)
    ours = ["results/data/faces/test.safetensors", "/package/weights/generator.safetensors"]
    assert not source.reads_published([*ours, "results/bar.json"])
    assert source.reads_published([*ours, "/home/me/ffhq.pkl"])


def test_every_script_is_read_and_uses_no_life_of_a_job():
    for script in SCRIPTS.glob("*.py"):
        symbols = used(script)
        assert len(symbols) > 1 and not any(s.module in source.LIFE for s in symbols), script


REGISTER = {
    "editable_deepsc/kinds/__init__.py": "from . import one\nfrom .base import find\n",
    "editable_deepsc/kinds/base.py": """
KINDS = {}

def register(kind):
    KINDS[kind.__name__] = kind
    return kind

def find(name):
    return KINDS[name]

def shape():
    return 3
""",
    "editable_deepsc/kinds/one.py": '''
"""One kind."""
from .base import register

@register
class One:
    """The first."""
    size = 1

def unregistered():
    return 2
''',
}


@pytest.mark.parametrize(
    ("imported", "seen"), [("kinds import find", True), ("kinds.base import shape as find", False)]
)
def test_what_is_entered_in_a_register_counts_where_the_register_is_used(
    changed, tmp_path, imported, seen
):
    script = f"from editable_deepsc.{imported}\nprint(find('One'))\n"
    for name, text in (REGISTER | {"script.py": script}).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    one = "editable_deepsc/kinds/one.py"
    assert not changed(one, "One kind.", "The only kind.")
    assert not changed(one, "return 2", "return 3")
    assert changed(one, "size = 1", "size = 2") is seen


def test_packages_of_others_are_not_looked_into(changed, tmp_path):
    """Where the library is installed they lie beside it."""
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/__init__.py").write_text("def tensor(values):\n    return values\n")
    (tmp_path / "script.py").write_text("import torch\n" + SCRIPT + "torch.tensor(1)\n")
    assert not changed("torch/__init__.py", "return values", "return 2 * values")
