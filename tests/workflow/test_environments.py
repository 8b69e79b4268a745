"""`snakemake --lint`, and the environments of the rules: their packages, and what they change."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

from experiment import source

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "workflow/rules").glob("*.smk"))
DISTRIBUTION = {
    "PIL": "pillow",
    "joblib": "mtcnn",  # which brings it
    "skimage": "scikit-image",
    "sionna": "sionna-no-rt",
    "yaml": "pyyaml",
}
# draws codes that are not bundled, and builds against an installed numpy
OPTIONAL = {"pyldpc"}


@pytest.mark.parametrize("overlay", [(), ("workflow/configs/codecs.yaml",)])
def test_lint_says_nothing(snakemake, overlay):
    run = snakemake(ROOT, "--lint", cores=None, targets=(), configs=overlay)
    assert run.returncode == 0, run.stdout
    assert "Congratulations, your workflow is in a good condition!" in run.stdout


def environments() -> dict[str, str]:
    """Script -> the environment of its rule."""
    pattern = re.compile(r'conda:\s+"([^"]+)"(?:(?!conda:).)*?script:\s+"([^"]+)"', re.DOTALL)
    found = [match for path in RULES for match in pattern.findall(path.read_text())]
    return {Path(script).name: str(Path("workflow/rules", env)) for env, script in found}


def test_every_script_has_an_environment():
    scripts = {path.name for path in (ROOT / "workflow/scripts").glob("*.py")}
    assert environments().keys() == scripts
    assert {Path(env).name for env in environments().values()} == {
        "data.yaml",
        "networks.yaml",
        "publish.yaml",
    }


def packages(environment: str | Path) -> dict[str, str]:
    """Name -> version of what pip installs in an environment."""
    told = yaml.safe_load((ROOT / environment).read_text())
    pinned = next(entry["pip"] for entry in told["dependencies"] if isinstance(entry, dict))
    return dict(line.lower().split("==") for line in pinned)


def imported(nodes: list[ast.stmt]) -> set[str]:
    """Packages of others that statements import, lazily or not."""
    names = set()
    for node in (node for top in nodes for node in ast.walk(top)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - set(source.OURS)


def needed(script: Path) -> set[str]:
    """What a script imports, and what it uses of ours, and the modules of all that."""
    symbols = [*source.used(script), *(source.Symbol(life, None) for life in source.LIFE)]
    modules = {symbol.module for symbol in symbols}
    waiting = list(source.LIFE)
    while waiting:  # what is imported when the life of a job is
        module = source.module_of(waiting.pop())
        new = {symbol.module for _, symbol in module.imports(module.statements, deep=False)}
        new = {name for name in new - modules if source.module_of(name)}
        modules |= new
        waiting += new
    names = imported(ast.parse(script.read_text()).body)
    for symbol in symbols:
        if module := source.module_of(symbol.module):
            names |= imported(module.nodes_of(symbol.name))
    for name in modules:
        if module := source.module_of(name):
            imports = (ast.Import, ast.ImportFrom)
            names |= imported([node for node in module.statements if isinstance(node, imports)])
    return names


@pytest.mark.parametrize(
    "script", sorted((ROOT / "workflow/scripts").glob("*.py")), ids=lambda p: p.stem
)
def test_an_environment_holds_what_its_scripts_import(script):
    names = {DISTRIBUTION.get(name, name).replace("_", "-") for name in needed(script)}
    missing = names - packages(environments()[script.name]).keys() - OPTIONAL
    assert not missing, f"{environments()[script.name]} lacks {', '.join(sorted(missing))}"


def test_environments_have_the_pins_of_the_lock():
    lock = (ROOT / "envs/lock.txt").read_text().lower().split()
    for name in set(environments().values()):
        for package, version in packages(name).items():
            assert f"{package}=={version}" in lock or (
                f"{package.replace('-', '_')}=={version}" in lock
            ), f"{name}: {package}"


def test_another_environment_makes_nothing_stale(tmp_path, snakemake, copy_of_the_workflow):
    """Without `--sdm` no environment is used."""
    folder = copy_of_the_workflow(tmp_path)
    target = ("results/data/faces/train.safetensors",)
    assert snakemake(folder, targets=target).returncode == 0
    for change in ("numpy", "torch"):
        path = folder / "workflow/envs/data.yaml"
        path.write_text(re.sub(rf"{change}==\S+", f"{change}==1.0", path.read_text()))
        run = snakemake(folder, "-n", targets=target)
        assert "Nothing to be done" in run.stdout, run.stdout
