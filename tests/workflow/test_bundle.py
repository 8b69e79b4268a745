"""What goes into the manifest of the package, and what it takes along when it is replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from editable_deepsc.networks.manifest import read_manifest, sha256
from experiment import bundle, known, trained
from experiment.config import Experiment
from experiment.known import bundled_range, still_valid

NETWORKS = {
    "generator": {"sha256": "a"},
    "generator_128": {"sha256": "b"},
    "predictor": {"sha256": "c"},
}
MANIFEST = {"networks": NETWORKS}
CONFIG = Path(__file__).parents[2] / "config.yaml"
ROLES = ("generator", "discriminator", "predictor", "recogniser", "perceptual", "text_encoder")


@pytest.fixture
def weights(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    for module in (bundle, trained):
        monkeypatch.setattr(module, "BUNDLED", folder)
    monkeypatch.setattr("experiment.config.BUNDLED", folder)
    return folder


def manifest_in(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def measured(tmp_path: Path, dataset: str, networks: dict[str, str]) -> Path:
    path = tmp_path / f"{dataset}.json"
    path.write_text(
        json.dumps({"dataset": dataset, "networks": networks, "figures": {"psnr_db": 30.0}})
    )
    return path


def test_every_data_set_has_its_own_figures(weights, tmp_path):
    bundle.add_validation(measured(tmp_path, "small", {"generator": "a", "predictor": "c"}))
    bundle.add_validation(measured(tmp_path, "large", {"generator_128": "b", "predictor": "c"}))
    kept = manifest_in(weights)
    assert kept["networks"] == NETWORKS and set(kept["validation"]) == {"small", "large"}
    assert kept["validation"]["large"] == {
        "networks": {"generator_128": "b", "predictor": "c"},
        "figures": {"psnr_db": 30.0},
    }


@pytest.mark.parametrize(
    "networks",
    [{"generator": "b", "predictor": "c"}, {"generator": "a", "judge": "c"}],
    ids=["another's digest", "unknown"],
)
def test_figures_of_other_files_are_refused(weights, tmp_path, networks):
    path = measured(tmp_path, "small", networks)
    with pytest.raises(SystemExit, match="generator|judge"):
        bundle.main(["validation", str(path)])
    assert manifest_in(weights) == MANIFEST


def test_a_network_that_is_replaced_takes_its_figures_with_it():
    of_small, of_large = {"networks": {"generator": "a"}}, {"networks": {"generator_128": "b"}}
    entries = NETWORKS | {"generator_128": {"sha256": "new"}}
    assert bundle.not_bundled(of_small, entries) == []
    assert bundle.not_bundled(of_large, entries) == ["generator_128"]


def system(generator: str, *files: str) -> dict:
    networks = {"generator": generator, "predictor": "predictor", "text_encoder": "text_encoder"}
    return {"networks": networks, "files": {Path(name).stem: {"file": name} for name in files}}


SYSTEMS = {
    "small": system("generator", "small/jecc.safetensors"),
    "other": system("another", "other/jecc.safetensors"),
    "borrower": system("generator_128", "small/jecc.safetensors"),
    "large": system("generator_128", "large/jecc.safetensors"),
}


def test_systems_do_not_outlive_the_networks_that_trained_them():
    assert bundle.stale_systems(SYSTEMS, ["generator"]) == ["small", "borrower"]
    assert bundle.stale_systems(SYSTEMS, ["generator_128"]) == ["borrower", "large"]
    assert bundle.stale_systems(SYSTEMS, ["predictor"]) == list(SYSTEMS)
    assert bundle.stale_systems(SYSTEMS, ["text_encoder"]) == []
    old = MANIFEST | {"systems": SYSTEMS, "codes": {"a code": {}}}
    entries = NETWORKS | {"generator": {"sha256": "new"}}
    manifest, dropped = bundle.with_networks(old, entries, None)
    assert dropped == ["small", "borrower"] and list(manifest["systems"]) == ["other", "large"]
    assert manifest["codes"] == {"a code": {}}
    assert bundle.with_networks(old, NETWORKS, None)[1] == []


def write_trained(path: Path, recipe: dict, seed: int, inputs: dict[str, str]) -> None:
    """A file and its provenance, as a job of the workflow leaves them: the adapters that others
    start from are an input.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(path.as_posix().encode())
    rule = "finetune" if path.name.startswith("adapters") else "train"
    if rule == "finetune" and "starts_from" in recipe:
        recipe = dict(recipe)
        start = path.parent.with_name(recipe.pop("starts_from")) / path.name
        inputs = inputs | {start.as_posix(): "0" * 64}
    params = {"recipe": recipe, "seed": seed}
    facts = {"rule": rule, "sha256": sha256(path), "params": params, "inputs": inputs}
    Path(f"{path}.provenance.json").write_text(json.dumps(facts))


@pytest.fixture
def experiment(weights) -> Experiment:
    """The default experiment, with a bundle of tiny files for networks."""
    experiment = Experiment(yaml.safe_load(CONFIG.read_text()))
    names = {Path(experiment.network(role, d)).name for d in experiment.datasets for role in ROLES}
    names |= {f"{role}.safetensors" for role in experiment.config["networks"]}
    entries = {}
    for name in sorted(names):
        (weights / name).write_bytes(name.encode())
        entries[Path(name).stem] = bundle.file_entry(weights / name)
    (weights / "manifest.json").write_text(json.dumps({"networks": entries, "validation": {}}))
    return experiment


@pytest.fixture
def models(tmp_path, weights, experiment) -> Path:
    """The folder results/models of a finished run."""
    folder = tmp_path / "results/models"
    entries = manifest_in(weights)["networks"]
    for dataset in experiment.datasets:
        for path, recipe in trained.trained_parts(experiment, dataset).values():
            inputs = {"elsewhere/weights/predictor.safetensors": entries["predictor"]["sha256"]}
            source = folder / Path(path).relative_to("results/models")
            write_trained(source, recipe, experiment.seed, inputs)
    return folder


def test_systems_are_put_in_place_and_listed(models, weights, experiment):
    left = weights / "gone/jecc.safetensors"
    left.parent.mkdir()
    left.write_bytes(b"of an earlier bundle")
    bundle.bundle_systems(models, experiment)
    listed = manifest_in(weights)["systems"]
    assert list(listed) == ["faces", "faces-hq", "faces-ood"]
    faces, large, painted = listed.values()
    assert large["resolution"] == 128 and painted["style"] == "painting"
    assert faces["snr_db"] == [-6, 0, 6, 12, 18]
    assert faces["networks"]["generator"] == "generator"
    assert large["networks"]["generator"] == "generator_128"
    assert faces["settings"]["inversion"] == experiment.config["inversion"]
    assert large["codecs"]["jpeg_ldpc"]["bpp"] == 0.10 and faces["codecs"]["jpeg_ldpc"]["d_c"] == 12
    adapters = {f"adapters_{snr}dB" for snr in (-6, 0, 6, 12, 18)}
    assert set(faces["files"]) == {"jecc", "talk2edit", "deepsc"} | adapters
    assert painted["files"]["deepsc"]["file"] == "faces/deepsc.safetensors"
    assert large["files"]["jecc"] == faces["files"]["jecc"]
    assert large["files"]["deepsc"]["recipe"]["images"] == 2000
    assert large["files"]["adapters_6dB"] == faces["files"]["adapters_6dB"]
    assert painted["files"]["adapters_6dB"]["file"] == "faces-ood/adapters_6dB.safetensors"
    for entry in (entry for system in listed.values() for entry in system["files"].values()):
        assert sha256(weights / entry["file"]) == entry["sha256"]
        assert (weights / entry["file"]).stat().st_size == entry["bytes"]
        assert entry["seed"] == experiment.seed
    assert not left.exists()


def refused(models: Path, weights: Path, experiment: Experiment) -> str:
    """The one sentence of a refusal, which changes nothing."""
    before = {path: path.read_bytes() for path in weights.rglob("*") if path.is_file()}
    with pytest.raises(ValueError) as error:
        bundle.bundle_systems(models, experiment)
    assert {path: path.read_bytes() for path in weights.rglob("*") if path.is_file()} == before
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_missing_file_is_named(models, weights, experiment):
    path = models / "faces-ood/adapters_6dB.safetensors"
    path.unlink()
    assert f"{path} is missing" in refused(models, weights, experiment)


def test_an_altered_file_is_refused(models, weights, experiment):
    (models / "faces/jecc.safetensors").write_bytes(b"altered")
    assert "faces/jecc.safetensors" in refused(models, weights, experiment)


def test_another_recipe_is_refused(models, weights, experiment):
    experiment.config["jecc"]["steps"] += 1
    assert "another recipe or seed" in refused(models, weights, experiment)


def test_adapters_that_started_elsewhere_are_refused(models, weights, experiment):
    own = experiment.config["datasets"]["faces-ood"]
    recipe, path = experiment.finetune_options("faces-ood"), "faces-ood/adapters_6dB.safetensors"
    borrowed = recipe | {"starts_from": "faces"}
    write_trained(models / path, borrowed, experiment.seed, {})
    assert f"{path} was trained" in refused(models, weights, experiment)
    own["finetune"] = {"starts_from": "faces"}
    for snr in experiment.snrs:
        other = models / f"faces-ood/adapters_{snr}dB.safetensors"
        write_trained(other, borrowed, experiment.seed, {})
    bundle.bundle_systems(models, experiment)
    write_trained(models / path, recipe, experiment.seed, {})
    assert f"{path} was trained" in refused(models, weights, experiment)


def test_files_of_another_network_are_refused(models, weights, experiment):
    path = models / "faces/talk2edit.safetensors"
    inputs = {"elsewhere/weights/predictor.safetensors": "0" * 64}
    write_trained(path, experiment.config["talk2edit"], experiment.seed, inputs)
    assert "another predictor" in refused(models, weights, experiment)


def test_a_network_from_elsewhere_is_refused(models, weights, experiment):
    experiment.config["networks"]["generator"] = "mine.safetensors"
    assert "mine.safetensors" in refused(models, weights, experiment)


def test_more_than_fits_is_refused(models, weights, experiment, monkeypatch):
    monkeypatch.setattr(bundle, "MAX_BYTES", 100)
    assert "all weights together" in refused(models, weights, experiment)


def test_ranges_go_with_the_networks_that_they_were_measured_with():
    of = {"range": {}, "inversion": {}, "networks": {"generator": "a", "predictor": "c"}}
    old = MANIFEST | {"known": {"generator": {"refined": of}}}
    same, _ = bundle.with_networks(old, dict(NETWORKS), None)
    assert same["known"] == {"generator": {"refined": of}}
    other, _ = bundle.with_networks(old, NETWORKS | {"predictor": {"sha256": "new"}}, None)
    assert other["known"] == {"generator": {}}


def test_an_unknown_recipe_is_refused_before_anything_is_measured(capsys):
    with pytest.raises(SystemExit, match="no recipe 'fast'; there are: paper, searched, refined"):
        bundle.main(["known", "refined", "fast"])


def test_a_range_is_measured_anew_for_another_recipe(monkeypatch, tmp_path):
    monkeypatch.setattr(known, "CHECKPOINTS", tmp_path)
    monkeypatch.setattr(known, "FACES", {"encoder": 8})
    experiment = bundle.read_experiment()
    experiment.config["sweep"]["datasets"] = [experiment.main]

    def measured(rate: float) -> dict:
        experiment.config["inversion"]["encoder"] |= {"iterations": 1, "rate": rate}
        ((generator, recipe, entry),) = known.measured_ranges(experiment, ["encoder"])
        assert (generator, recipe) == ("generator", "encoder")
        return entry["range"]

    first = measured(0.1)
    assert first["faces"] == 8 and first == measured(0.1) != measured(0.4)
    assert list(tmp_path.iterdir()) == []


def test_the_ranges_that_ship_are_of_the_networks_that_ship():
    experiment = bundle.read_experiment()
    networks = read_manifest()["networks"]
    for generator, recipes in read_manifest()["known"].items():
        assert still_valid({generator: recipes}, networks) == {generator: recipes}
    for dataset in experiment.datasets:
        assert bundled_range(experiment, dataset) is not None, dataset
    experiment.config["inversion"]["encoder"]["iterations"] = 7  # another recipe
    assert bundled_range(experiment, experiment.main) is None
