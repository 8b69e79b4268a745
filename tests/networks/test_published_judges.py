"""LPIPS and Inception from local files: the same numbers as the packages give with those
weights.
"""

from __future__ import annotations

import subprocess
import sys
import warnings

import lpips
import pytest
import torch
import torchvision
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.evaluation.measure.distances import lpips_distance
from editable_deepsc.networks import published
from editable_deepsc.networks.perceptual import lpips_to
from editable_deepsc.networks.published.judges import (
    TRUNKS,
    EmptyInception,
    published_inception,
    published_lpips,
)
from editable_deepsc.networks.weights import WeightsError

ALEXNET = {
    "features.0": (64, 3, 11),
    "features.3": (192, 64, 5),
    "features.6": (384, 192, 3),
    "features.8": (256, 384, 3),
    "features.10": (256, 256, 3),
}


def alexnet() -> dict[str, torch.Tensor]:
    """torchvision's state dict of AlexNet, with random features; its classifier takes no room and
    no part.
    """
    rng, state = torch.Generator().manual_seed(0), {}
    for name, (a, b, k) in ALEXNET.items():
        state[f"{name}.weight"] = torch.randn(a, b, k, k, generator=rng) * (2 / (b * k * k)) ** 0.5
        state[f"{name}.bias"] = 0.1 * torch.randn(a, generator=rng)
    return state | {
        "classifier.1.weight": torch.zeros(1).expand(4096, 9216),
        "classifier.1.bias": torch.zeros(1).expand(4096),
    }


@pytest.fixture
def path(tmp_path):
    torch.save(alexnet(), tmp_path / "alexnet-owt.pth")
    return tmp_path / "alexnet-owt.pth"


def test_lpips_on_a_local_trunk_is_the_packages(path, monkeypatch):
    state, built = alexnet(), torchvision.models.alexnet
    monkeypatch.setattr(torchvision.models, "alexnet", lambda pretrained: torch.nn.Module())
    with torch.device("meta"):
        features = built(weights=None).features
    features.load_state_dict(
        {k.removeprefix("features."): v for k, v in state.items() if k.startswith("features.")},
        assign=True,
    )
    monkeypatch.setattr(
        torchvision.models, "alexnet", lambda pretrained: type("N", (), {"features": features})
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = lpips.LPIPS(
            net="alex", verbose=False
        ).eval()  # the package's own class, channel weights and slices
    model = published_lpips(path)
    rng = torch.Generator().manual_seed(1)
    a, b = (torch.rand(2, 3, 64, 64, generator=rng) * 2 - 1 for _ in range(2))
    expected = reference(a, b).flatten()
    assert expected.min() > 1e-3 and (expected[0] - expected[1]).abs() > 1e-6
    torch.testing.assert_close(lpips_distance(model, a, b), expected, rtol=1e-5, atol=1e-7)
    torch.testing.assert_close(lpips_to(model, b)(a), expected, rtol=1e-4, atol=1e-6)
    a.requires_grad_(True)
    (gradient,) = torch.autograd.grad(lpips_to(model, b)(a).sum(), a)
    (slow,) = torch.autograd.grad(reference(a, b).sum(), a)
    torch.testing.assert_close(gradient, slow, rtol=1e-3, atol=1e-3 * float(slow.abs().max()))
    assert not any(p.requires_grad for p in model.parameters())


def test_bad_trunks_are_refused(path):
    state = alexnet()
    for change, complaint in (
        ({"features.6.weight": torch.zeros(2)}, r"'features.6.weight'.*\[384, 192, 3, 3\]"),
        ({"head.weight": torch.zeros(2)}, "'head.weight'"),
    ):
        torch.save(state | change, path)
        with pytest.raises(WeightsError, match=complaint):
            published_lpips(path)
    torch.save({k: v for k, v in state.items() if k != "features.0.bias"}, path)
    with pytest.raises(WeightsError, match="lacks 'features.0.bias'"):
        published_lpips(path)
    with pytest.raises(ValueError, match="alex, vgg"):
        published_lpips(path, net="squeeze")


def test_the_one_reader_of_published_files_knows_the_judges(path):
    rng = torch.Generator().manual_seed(1)
    a, b = (torch.rand(1, 3, 64, 64, generator=rng) * 2 - 1 for _ in range(2))
    model = published.read(path, "lpips-alex")
    assert torch.equal(model(a, b), published_lpips(path)(a, b))
    with pytest.raises(WeightsError, match="vgg trunk of LPIPS"):
        published.read(path, "lpips-vgg")
    with pytest.raises(WeightsError, match="Inception of torch-fidelity"):
        published.read(path, "inception")
    with pytest.raises(WeightsError, match="takes no sizes|takes path"):
        published.read(path, "lpips-alex", resolution=64)


def test_knowing_the_judges_costs_no_import_of_their_packages():
    code = (
        "import sys, editable_deepsc.networks.published as p; "
        "assert 'inception' in p.FORMATS and 'lpips-alex' in p.FORMATS; "
        "assert not {'lpips', 'torchvision', 'torch_fidelity'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_both_trunks_are_tapped_after_rectifiers():
    for network, taps, widths in TRUNKS.values():
        with torch.device("meta"):
            features = network(weights=None).features
        assert all(isinstance(features[i], torch.nn.ReLU) for i in taps)
        convolutions = [
            max(j for j in range(i) if isinstance(features[j], torch.nn.Conv2d)) for i in taps
        ]
        assert tuple(features[j].out_channels for j in convolutions) == widths


def test_inception_from_a_local_file_is_torch_fidelitys(tmp_path):
    with torch.device("meta"):
        shapes = {k: v.shape for k, v in EmptyInception().state_dict().items()}
    rng = torch.Generator().manual_seed(2)
    state = {}
    for key, shape in shapes.items():
        x = torch.randn(shape, generator=rng)
        if key.endswith("running_var") or len(shape) == 1 and key.endswith("weight"):
            x = x * 0 + 1
        elif len(shape) > 1:
            x *= (2 / x[0].numel()) ** 0.5
        state[key] = torch.tensor(1) if key.endswith("num_batches_tracked") else x
    assert (
        len(state) > 500
        and state["fc.weight"].shape == (1008, 2048)
        and state["Conv2d_1a_3x3.conv.weight"].shape == (32, 3, 3, 3)
    )
    path = tmp_path / "weights-inception-2015-12-05.pth"
    torch.save(state, path)
    theirs = FeatureExtractorInceptionV3(
        "inception-v3-compat", ["2048"], feature_extractor_weights_path=str(path)
    )
    model = published_inception(path)
    images = torch.randint(0, 256, (2, 3, 40, 40), generator=rng, dtype=torch.uint8)
    expected = theirs(images)[0]
    assert expected.shape == (2, 2048) and expected.std() > 1e-3
    torch.testing.assert_close(model(from_uint8(images)), expected)
    del state["fc.bias"]
    torch.save(state, path)
    with pytest.raises(WeightsError, match="lacks 'fc.bias'"):
        published_inception(path)


class Bomb:
    def __reduce__(self):
        return (print, ("exploded",))


def test_inception_is_not_unpickled(tmp_path, capsys):
    torch.save({"fc.bias": torch.zeros(1008), "x": Bomb()}, tmp_path / "i.pth")
    with pytest.raises(WeightsError, match="code"):
        published_inception(tmp_path / "i.pth")
    assert "exploded" not in capsys.readouterr().out
