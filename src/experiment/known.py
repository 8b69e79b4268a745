"""The ranges of inverted rendered faces, by which a picture is unlike what the networks know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from editable_deepsc.editing.recipes import RECIPES
from editable_deepsc.networks.manifest import BUNDLED, known, manifest

from .config import Experiment
from .provenance import fingerprint
from .trained import BundleError

ROLES = ("generator", "discriminator", "recogniser", "perceptual", "encoder")
# At 64 pixels; the larger the images the fewer, and the slower the recipe.
FACES = {"refined": 384, "encoder": 384, "searched": 128, "paper": 128}
CHECKPOINTS = Path("results/known")  # of the inversions


def measured_ranges(
    experiment: Experiment, recipes: list[str]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Generator, recipe and their entry under ``known`` in the manifest, one after another.

    Of the bundled networks of the swept data sets and of ``recipes``, all where none is named.
    """
    unknown = [recipe for recipe in recipes if recipe not in RECIPES]
    if unknown:
        raise BundleError(f"bundle: no recipe {unknown[0]!r}; there are: {', '.join(RECIPES)}")
    for recipe in recipes or FACES:
        done = set()
        for dataset in experiment.datasets:
            generator = Path(experiment.network("generator", dataset))
            if generator.parent == BUNDLED and generator not in done:
                done.add(generator)
                yield generator.stem, recipe, _measured(experiment, dataset, recipe)


def _measured(experiment: Experiment, dataset: str, recipe: str) -> dict[str, Any]:
    from dataclasses import asdict
    from functools import partial

    from editable_deepsc.editing.inversion import InversionRecipe
    from editable_deepsc.editing.known import Judges, rendered_range
    from editable_deepsc.networks.perceptual import lpips_to
    from editable_deepsc.networks.weights import load_bundled

    options = experiment.inversion(recipe, dataset)
    names = {role: Path(experiment.network(role, dataset)).stem for role in ROLES}
    networks = {role: load_bundled(name) for role, name in names.items()}
    judges = Judges(
        partial(lpips_to, networks["perceptual"]), networks["recogniser"], networks["discriminator"]
    )
    facts = {
        "inversion": options,
        "networks": {name: manifest()[name]["sha256"] for name in names.values()},
    }
    # Another recipe or network does not go on from the checkpoint of this one.
    checkpoint = CHECKPOINTS / f"{names['generator']}-{recipe}-{fingerprint(facts)}"
    measured = rendered_range(
        networks["generator"],
        judges,
        InversionRecipe(**options),
        networks["encoder"],
        FACES[recipe] * 64**2 // networks["generator"].resolution ** 2,
        experiment.seed,
        checkpoint,
    )
    for done in CHECKPOINTS.glob(f"{checkpoint.name}.*"):
        done.unlink()
    return {"range": asdict(measured)} | facts


def still_valid(
    ranges: Mapping[str, Mapping[str, Mapping]], networks: Mapping[str, Mapping]
) -> dict[str, dict[str, Any]]:
    """Those entries of the manifest that were measured with these very networks."""

    def same(entry: Mapping) -> bool:
        return all(
            networks.get(name, {}).get("sha256") == digest
            for name, digest in entry["networks"].items()
        )

    return {
        generator: {recipe: entry for recipe, entry in recipes.items() if same(entry)}
        for generator, recipes in ranges.items()
    }


def bundled_range(experiment: Experiment, dataset: str) -> dict[str, Any] | None:
    """The range that ships for the networks and the recipe of a data set; None without any."""
    paths = [Path(experiment.network(role, dataset)) for role in ROLES]
    if any(path.parent != BUNDLED for path in paths):
        return None
    for entry in known().get(paths[0].stem, {}).values():
        same = set(entry["networks"]) == {path.stem for path in paths}
        if same and entry["inversion"] == experiment.inversion(dataset=dataset):
            return entry["range"]
    return None
