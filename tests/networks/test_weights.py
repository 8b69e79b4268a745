"""Weight files: what is saved comes back, and a bad file is refused in one sentence."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from editable_deepsc.networks.manifest import codes, systems
from editable_deepsc.networks.weights import (
    BUNDLED,
    KINDS,
    WeightsError,
    load_bundled,
    load_network,
    manifest,
    save_network,
    sha256,
)

SMALL = {
    "Generator": {"latent": 8, "channels": [4, 4], "mapping_hidden": 8, "mapping_layers": 2},
    "Encoder": {"latent": 8, "resolution": 8, "width": 4},
    "LatentEncoder": {"latent": 8, "resolution": 8},
    "Discriminator": {"channels": [4, 4]},
    "AttributePredictor": {"width": 2, "resolution": 16},
    "FaceRecogniser": {"width": 2, "embedding": 8, "resolution": 16},
    "JudgeRecogniser": {"width": 2, "embedding": 8, "resolution": 32},
    "TextEncoder": {"vocabulary": ["smile", "beard"], "embedding_size": 4, "hidden_size": 4},
    "PerceptualBackbone": {"n_out": 3, "resolutions": [32], "strangers": [2.5]},
    "FidelityFeatures": {"n_out": 3},
    "SemanticFields": {"latent": 8, "hidden": 6, "layers": 2},
    "ChannelAdapters": {"latent": 8, "hidden": 6},
    "ConditionedAdapters": {"knots": [-6.0, 0.0, 18.0], "latent": 8, "hidden": 6},
    "GenerativeJSCC": {"knots": [-6.0, 18.0], "latent": 8, "resolution": 8, "hidden": 6},
    "DeepSC": {"resolution": 16, "width": 8},
    "DeepJSCC": {"resolution": 16, "width": 8},
    "LayeredCodec": {"resolution": 16, "width": 8, "base_channels": 2, "enhancement_channels": 2},
}


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_comes_back(tmp_path, kind, half):
    torch.manual_seed(0)
    model = KINDS[kind](**SMALL[kind])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(
                0.01 * torch.randn_like(parameter)
            )  # no zeros or ones that would come back by chance
    save_network(model, tmp_path / "n.safetensors", half)
    back = load_network(tmp_path / "n.safetensors", kind)
    assert type(back) is KINDS[kind] and not back.training
    assert back.config() == model.config() and model.config().items() >= SMALL[kind].items()
    assert not any(p.requires_grad for p in back.parameters())
    expected, found = model.state_dict(), back.state_dict()
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        tolerance = 1e-3 if half and tensor.ndim >= 2 else 0
        assert found[name].dtype == tensor.dtype
        torch.testing.assert_close(
            found[name], tensor, rtol=tolerance, atol=tolerance / 100, msg=name
        )
    assert [p.name for p in tmp_path.iterdir()] == ["n.safetensors"]


def test_the_same_network_gives_the_same_bytes(tmp_path):
    """safetensors shuffles two entries of metadata in about half of all calls."""
    torch.manual_seed(0)
    model, found = KINDS["ChannelAdapters"](8, 6), set()
    for _ in range(12):
        save_network(model, tmp_path / "n.safetensors")
        found.add((tmp_path / "n.safetensors").read_bytes())
    assert len(found) == 1


def test_half_precision_halves_the_file(tmp_path):
    model = KINDS["DeepSC"](**SMALL["DeepSC"] | {"width": 32})
    sizes = []
    for half in (False, True):
        save_network(model, tmp_path / "n.safetensors", half)
        sizes.append((tmp_path / "n.safetensors").stat().st_size)
    assert sizes[1] < 0.6 * sizes[0]


@pytest.fixture
def path(tmp_path):
    save_network(KINDS["ChannelAdapters"](8, 6), tmp_path / "n.safetensors")
    return tmp_path / "n.safetensors"


def refusal(path, **expectations) -> str:
    with pytest.raises(WeightsError) as error:
        load_network(path, **expectations)
    message = str(error.value)
    assert str(path) in message and "\n" not in message
    return message


@pytest.mark.parametrize("keep", [0, 6, 100, -1])
def test_truncated(path, keep):
    path.write_bytes(path.read_bytes()[:keep])
    refusal(path)


def test_altered(path):
    digest = sha256(path)
    load_network(path, expected_sha256=digest)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    load_network(path)  # whole as far as its format can tell: only the digest knows
    assert "SHA-256" in refusal(path, expected_sha256=digest)


def test_missing(path):
    assert "does not exist" in refusal(path.with_name("other.safetensors"))


def test_wrong_kind(path):
    message = refusal(path, kind="Generator")
    assert "ChannelAdapters" in message and "Generator" in message


def test_no_network_at_all(path):
    save_file({"x": torch.zeros(2)}, path)
    refusal(path)


def rewritten(path, model, config: dict) -> None:
    """A file whose config is not that of its tensors."""
    metadata = {"kind": type(model).__name__, "config": json.dumps(config)}
    save_file(model.state_dict(), path, metadata)


def test_wrong_shape(path):
    rewritten(path, KINDS["ChannelAdapters"](8, 6), {"latent": 8, "hidden": 7})
    assert "ChannelAdapters" in refusal(path)


def test_missing_tensors(path):
    rewritten(path, KINDS["SemanticFields"](8, 6, 2), {"latent": 8, "hidden": 6, "layers": 3})
    refusal(path)


def test_an_unknown_bundled_network_names_the_known_ones():
    with pytest.raises(WeightsError, match="'oracle'.*predictor"):
        load_bundled("oracle")


@pytest.mark.parametrize("name", manifest())
def test_bundled_network_is_what_the_manifest_says(name):
    entry = manifest()[name]
    assert sha256(BUNDLED / entry["file"]) == entry["sha256"]
    network = load_bundled(name)
    for parameter in network.parameters():
        assert parameter.isfinite().all()
    with safe_open(BUNDLED / entry["file"], "pt") as file:
        assert json.dumps(network.config(), sort_keys=True) == file.metadata()["config"]


def test_the_bundle_is_complete_and_small():
    entries = [*manifest().values(), *codes().values()]
    entries += [entry for system in systems().values() for entry in system["files"].values()]
    files = {p.relative_to(BUNDLED).as_posix() for p in BUNDLED.rglob("*.safetensors")}
    assert files == {entry["file"] for entry in entries}
    assert sum(p.stat().st_size for p in BUNDLED.rglob("*.safetensors")) <= 34e6


TRAINED = {
    entry["file"]: entry for system in systems().values() for entry in system["files"].values()
}


@pytest.mark.parametrize("file", TRAINED)
def test_a_trained_part_of_a_bundled_system_is_what_the_manifest_says(file):
    model = load_network(BUNDLED / file, expected_sha256=TRAINED[file]["sha256"])
    assert all(parameter.isfinite().all() for parameter in model.parameters())


def test_the_generators_share_their_latents():
    """Fields of 64 pixels edit faces of 128 (`fields_of`): where the two drew the same latents at
    21 dB, not 35, making a face older failed two times in five.
    """
    small, large = load_bundled("generator"), load_bundled("generator_128")
    with torch.inference_mode():
        w = small.mapping(torch.randn(8, small.latent, generator=torch.Generator().manual_seed(0)))
        error = small.synthesis(w).clamp(-1, 1) - torch.nn.functional.avg_pool2d(
            large.synthesis(w).clamp(-1, 1), 2
        )
    psnr_db = -10 * torch.log10((error / 2).square().mean((1, 2, 3)))
    assert psnr_db.mean() > 30
