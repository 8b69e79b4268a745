from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from skimage.metrics import structural_similarity

from editable_deepsc.data.faces import (
    FACTORS,
    PERSON_FACTORS,
    another_degree,
    another_light,
    another_person,
    render,
    sample_faces,
)
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.evaluation.measure.distances import (
    dists_of_sets,
    embedded_lpips,
    lpips_distance,
    psnr_db,
    ssim,
)
from editable_deepsc.networks.perceptual import FidelityFeatures, PerceptualBackbone, lpips_to
from editable_deepsc.training.classifiers import calibrate_channels, measure_strangers


@pytest.fixture(scope="module")
def faces() -> torch.Tensor:
    """160 uint8 faces of 32 pixels."""
    return to_uint8(render(sample_faces(160, torch.Generator().manual_seed(1)), 32))


@pytest.fixture
def backbone() -> PerceptualBackbone:
    torch.manual_seed(0)
    backbone = PerceptualBackbone(n_out=39)
    with torch.no_grad():
        for weights in backbone.channel_weights:
            weights.copy_(0.2 + 2 * torch.rand(len(weights)))
    return backbone


@pytest.mark.parametrize("resolution", [64, 128])
def test_networks_have_the_documented_shapes(backbone, resolution):
    images = torch.rand(2, 3, resolution, resolution) * 2 - 1
    maps = backbone(images)
    assert [tuple(m.shape) for m in maps] == [
        (2, width, resolution >> i, resolution >> i) for i, width in enumerate(backbone.widths)
    ]
    assert backbone.head(maps).shape == (2, 39)
    network = FidelityFeatures(n_out=7)
    features = network(images)
    assert features.shape == (2, 128) and network.head(features).shape == (2, 7)


def test_networks_are_small():
    for network in (PerceptualBackbone(39), FidelityFeatures(39)):
        assert 3e5 < sum(p.numel() for p in network.parameters()) < 5e5


# --- LPIPS
# -----------------------------------------------------------------------------------------


def slow_lpips(backbone: PerceptualBackbone, a: torch.Tensor, b: torch.Tensor) -> float:
    """The definition of Zhang et al. for one pair of images [3, H, W], pixel by pixel."""
    total = 0.0
    for fa, fb, weights in zip(backbone(a[None]), backbone(b[None]), backbone.channel_weights):
        _, c, h, w = fa.shape
        stage = 0.0
        for y in range(h):
            for x in range(w):
                u, v = fa[0, :, y, x], fb[0, :, y, x]
                stage += float(
                    (weights * (u / (u.norm() + 1e-10) - v / (v.norm() + 1e-10)).pow(2)).sum()
                )
        total += stage / (h * w)
    return total


def test_lpips_equals_its_definition(backbone, faces):
    a, b = from_uint8(faces[:2]), from_uint8(faces[2:4])
    fast = lpips_distance(embedded_lpips(backbone), a, b)
    assert fast.shape == (2,)
    with torch.no_grad():
        for i in range(2):
            assert fast[i] == pytest.approx(slow_lpips(backbone, a[i], b[i]), rel=1e-4)


def test_lpips_to_a_target_is_lpips(backbone, faces):
    a, b = from_uint8(faces[:4]), from_uint8(faces[4:8])
    model = embedded_lpips(backbone)
    torch.testing.assert_close(
        lpips_to(model, b)(a), lpips_distance(model, a, b), rtol=1e-4, atol=1e-6
    )
    fast, slow = a.clone().requires_grad_(True), a.clone().requires_grad_(True)
    weights = torch.arange(1.0, 5.0)  # a gradient of its own for each image
    (lpips_to(model, b)(fast) * weights).sum().backward()
    (model(slow, b).flatten() * weights).sum().backward()
    torch.testing.assert_close(
        fast.grad, slow.grad, rtol=1e-3, atol=1e-3 * float(slow.grad.abs().max())
    )


def test_lpips_to_a_target_survives_images_without_any_feature(backbone, faces):
    class Dead(torch.nn.Module):
        widths = (3,)

        def forward(self, images):
            return [torch.relu(images)]

    images = torch.full((1, 3, 16, 16), -1.0, requires_grad=True)
    distance = lpips_to(Dead(), from_uint8(faces[:1])[..., :16, :16].abs())(images)
    distance.sum().backward()
    assert distance.item() == pytest.approx(1.0, abs=1e-4) and not images.grad.any()


def test_judgements_of_light_and_person_weigh_the_channels():
    torch.manual_seed(3)
    backbone = PerceptualBackbone(1).requires_grad_(False)
    generator = torch.Generator().manual_seed(4)
    faces, other = sample_faces(120, generator), sample_faces(120, generator)
    clean, light, person, degree = (
        from_uint8(to_uint8(render(f, 32)))
        for f in (
            faces,
            another_light(faces, other),
            another_person(faces, other),
            another_degree(faces, generator),
        )
    )

    def distances() -> list[torch.Tensor]:
        model = embedded_lpips(backbone)
        return [lpips_distance(model, clean, x) for x in (light, person, degree)]

    light_before, person_before, degree_before = distances()
    calibrate_channels(backbone, 32, seed=5, n=200, steps=150)
    to_light, to_person, to_degree = distances()
    assert (to_light < to_person).float().mean() > (
        light_before < person_before
    ).float().mean() + 0.01
    assert (to_light < to_degree).float().mean() > (
        light_before < degree_before
    ).float().mean() + 0.01
    assert float(to_person.mean()) == pytest.approx(
        float(person_before.mean()), rel=0.1
    )  # a distance keeps its scale
    weights = torch.cat(list(backbone.channel_weights))
    assert weights.min() > 0 and weights.std() > 0.1


def test_the_unit_of_lpips_is_the_mean_distance_of_two_faces():
    torch.manual_seed(3)
    backbone = PerceptualBackbone(1).requires_grad_(False)
    assert backbone.unit(64) == 1
    measure_strangers(backbone, seed=6, resolutions=(32, 16), n=24, batch=8)
    assert backbone.resolutions == [32, 16] and backbone.unit(128) == backbone.strangers[0]
    assert backbone.unit(16) == backbone.unit(8) == backbone.strangers[1] != backbone.unit(32)
    for resolution in (32, 16):  # all pairs, one by one
        images = from_uint8(to_uint8(render(sample_faces(24, seeded(6, "strangers")), resolution)))
        first, second = torch.triu_indices(24, 24, 1)
        model = embedded_lpips(backbone)
        distances = lpips_distance(model, images[first], images[second])
        assert float(distances.mean()) == pytest.approx(1, abs=6e-3)  # three digits
        torch.testing.assert_close(lpips_to(backbone, images[second])(images[first]), distances)
    again = PerceptualBackbone(**backbone.config())
    assert again.unit(16) == backbone.unit(16)


def test_another_degree_moves_one_attribute_within_its_scale():
    generator = torch.Generator().manual_seed(4)
    faces = sample_faces(200, generator)
    moved = another_degree(faces, generator)
    assert (
        torch.equal(moved.factors, faces.factors)
        and 0 <= moved.degrees.min()
        and moved.degrees.max() <= 5
    )
    change = (moved.degrees - faces.degrees).abs()
    torch.testing.assert_close(change.max(1).values, torch.full((200,), 2.0))
    torch.testing.assert_close(change.sum(1), torch.full((200,), 2.0))
    assert (change > 1).any(0).all()  # each attribute has its turn


def test_another_light_and_another_person_change_nothing_else():
    generator = torch.Generator().manual_seed(4)
    faces, other = sample_faces(5, generator), sample_faces(5, generator)
    light, person = another_light(faces, other), another_person(faces, other)
    assert {FACTORS[i] for i in (light.factors != faces.factors).any(0).nonzero()} == {
        "light_azimuth",
        "light_elevation",
    }
    assert {FACTORS[i] for i in (person.factors != faces.factors).any(0).nonzero()} == set(
        PERSON_FACTORS
    )
    assert torch.equal(light.degrees, faces.degrees) and torch.equal(person.degrees, faces.degrees)


def test_lpips_is_zero_for_equal_images_and_symmetric(backbone, faces):
    model = embedded_lpips(backbone)
    a, b = from_uint8(faces[:4]), from_uint8(faces[4:8])
    assert torch.equal(lpips_distance(model, a, a), torch.zeros(4))
    torch.testing.assert_close(lpips_distance(model, a, b), lpips_distance(model, b, a))
    assert (lpips_distance(model, a, b) > 0).all()


def test_lpips_descends_by_its_gradient(backbone, faces):
    model = embedded_lpips(backbone)
    target, start = from_uint8(faces[:1]), from_uint8(faces[1:2]).requires_grad_()
    before = lpips_distance(model, start, target).sum()
    (gradient,) = torch.autograd.grad(before, start)
    after = lpips_distance(model, start - 0.5 * gradient / gradient.norm(), target).sum()
    assert after < before
    assert not any(p.requires_grad for p in model.parameters())


def test_lpips_gradient_is_finite_where_every_channel_is_rectified_to_zero(backbone):
    # The norm over channels has no gradient at 0; the rectifier in front of it must keep the NaN
    # from the image.
    with torch.no_grad():
        for stage in backbone.stages:
            stage.bias.fill_(-100.0)
    a = torch.zeros(1, 3, 32, 32, requires_grad=True)
    lpips_distance(embedded_lpips(backbone), a, torch.ones(1, 3, 32, 32)).sum().backward()
    assert torch.isfinite(a.grad).all()


# --- DISTS
# -----------------------------------------------------------------------------------------


def slow_dists(network: FidelityFeatures, a: torch.Tensor, b: torch.Tensor) -> float:
    """Of one pair of images in [-1, 1], channel by channel."""
    similar = []
    for x, y in zip([(a + 1) / 2, *network.maps(a)], [(b + 1) / 2, *network.maps(b)]):
        for u, v in zip(x[0].double(), y[0].double()):
            covariance = ((u - u.mean()) * (v - v.mean())).mean()
            variances = (u - u.mean()).square().mean() + (v - v.mean()).square().mean()
            similar.append(
                (2 * u.mean() * v.mean() + 1e-6) / (u.mean() ** 2 + v.mean() ** 2 + 1e-6)
            )
            similar.append((2 * covariance + 1e-6) / (variances + 1e-6))
    return 1 - float(torch.stack(similar).mean())


def test_dists_equals_its_definition(faces):
    torch.manual_seed(0)
    network = FidelityFeatures(1)
    found = dists_of_sets(network, faces[:4], faces[4:8], batch_size=3)
    with torch.no_grad():
        for i in range(4):
            expected = slow_dists(network, *(from_uint8(faces[k : k + 1]) for k in (i, i + 4)))
            assert float(found[i]) == pytest.approx(expected, abs=1e-5)
    torch.testing.assert_close(dists_of_sets(network, faces[:4], faces[:4]), torch.zeros(4))
    blurred = F.interpolate(F.avg_pool2d(faces[:4].float(), 4), 32).to(torch.uint8)
    shifted = (faces[:4].float() + 4).clamp(0, 255).to(torch.uint8)
    assert (
        dists_of_sets(network, faces[:4], blurred) > dists_of_sets(network, faces[:4], shifted)
    ).all()


# --- PSNR and SSIM
# ---------------------------------------------------------------------------------


def test_psnr_of_a_constant_offset_is_the_closed_form():
    a = torch.full((2, 3, 8, 8), 100, dtype=torch.uint8)
    b = a.clone()
    b[0] += 5
    b[1] -= 51
    torch.testing.assert_close(
        psnr_db(a, b), torch.tensor([20 * math.log10(255 / 5), 20 * math.log10(5)])
    )
    assert torch.isinf(psnr_db(a, a)).all()


def test_ssim_of_constants_is_the_luminance_term():
    a = torch.full((1, 3, 32, 32), 100, dtype=torch.uint8)
    b = torch.full((1, 3, 32, 32), 150, dtype=torch.uint8)
    c1 = (0.01 * 255) ** 2
    assert ssim(a, b).item() == pytest.approx(
        (2 * 100 * 150 + c1) / (100**2 + 150**2 + c1), abs=2e-4
    )


def test_ssim_is_that_of_scikit_image(faces):
    options = {
        "gaussian_weights": True,
        "sigma": 1.5,
        "use_sample_covariance": False,
        "data_range": 255,
        "channel_axis": 0,
    }
    noisy = (
        (
            faces[:4].float()
            + 20 * torch.randn(faces[:4].shape, generator=torch.Generator().manual_seed(0))
        )
        .clamp(0, 255)
        .to(torch.uint8)
    )
    reference = [
        structural_similarity(a.float().numpy(), b.float().numpy(), **options)
        for a, b in zip(faces[:4], noisy)
    ]
    torch.testing.assert_close(
        ssim(faces[:4], noisy), torch.tensor(reference, dtype=torch.float32), atol=1e-4, rtol=0
    )


def test_ssim_is_per_image(faces):
    other = faces[:3].clone()
    other[1] = 255 - other[1]
    values = ssim(faces[:3], other)
    assert values.shape == (3,)
    torch.testing.assert_close(values[[0, 2]], torch.ones(2))
    assert values[1] < 0.9
