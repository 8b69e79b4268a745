from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.pixels import to_uint8
from editable_deepsc.evaluation.measure.distances import embedded_lpips
from editable_deepsc.evaluation.measure.fid_kid import features_of
from editable_deepsc.evaluation.measure.metrics import (
    EvaluationNetworks,
    KidSettings,
    References,
    evaluate,
)
from editable_deepsc.networks.perceptual import FidelityFeatures, PerceptualBackbone

KEYS = (
    "lpips",
    "dists",
    "fid",
    "kid",
    "fid_paired",
    "kid_paired",
    "ssim",
    "psnr_db",
    "identity",
    "edit_exact",
    "edit_within_one",
    "edit_success",
    "drift",
    "lpips_truth",
    "dists_truth",
    "psnr_truth_db",
    "outage",
    "cbr",
    "real_dims_ratio",
    "n_images",
)
N, SIZE = 12, 32
COUNTS = {"cbr": 0.01, "real_dims_ratio": 0.02}
KID = KidSettings(subsets=2, subset_size=8, seed=0)


def corner_evaluator(images: torch.Tensor) -> torch.Tensor:
    """Reads degree j of an image off the brightness of pixel (0, j), red, in steps of 0.4: certain
    about all of them.
    """
    degrees = ((images[:, 0, 0, :5] + 1) / 0.4).round().long()
    return 50.0 * F.one_hot(degrees, 6).float()


def corner_recogniser(images: torch.Tensor) -> torch.Tensor:
    """Person A or B, perpendicular, by the sign of pixel (1, 0), red."""
    return F.one_hot((images[:, 0, 1, 0] > 0).long(), 2).float()


def stamped(images: torch.Tensor, degrees: torch.Tensor, person: torch.Tensor) -> torch.Tensor:
    """Write what the corner judges read into uint8 images."""
    images = images.clone()
    images[:, 0, 0, :5] = (51 * degrees).to(torch.uint8)
    images[:, 0, 1, 0] = torch.where(person, 255, 0).to(torch.uint8)
    return images


@pytest.fixture(scope="module")
def networks() -> EvaluationNetworks:
    torch.manual_seed(0)
    return EvaluationNetworks(
        lpips=embedded_lpips(PerceptualBackbone(1)),
        fidelity=FidelityFeatures(1),
        evaluator=corner_evaluator,
        recogniser=corner_recogniser,
        identity_threshold=0.5,
    )


@pytest.fixture(scope="module")
def cell() -> dict:
    generator = torch.Generator().manual_seed(2)
    images = to_uint8(render(sample_faces(N, generator), SIZE))
    degrees = torch.full((N, 5), 2)
    return {
        "images": images,
        "degrees": degrees,
        "attribute": torch.arange(N) % 5,
        "person": torch.ones(N).bool(),
    }


def real_features(networks, n=40) -> torch.Tensor:
    """Features of faces that are in no cell."""
    faces = sample_faces(n, torch.Generator().manual_seed(7))
    return features_of(networks.fidelity, to_uint8(render(faces, SIZE)))


def run(cell, networks, received, expected, truths=None, outage=None, kid=KID, batch_size=5):
    originals = stamped(cell["images"], cell["degrees"], cell["person"])
    current = torch.full((N,), 2)
    references = References(originals, truths, cell["attribute"], current, expected)
    if outage is None:
        outage = torch.zeros(received.shape[:2], dtype=torch.bool)
    real = real_features(networks)
    return evaluate(
        received, outage, references, real, networks, kid, **COUNTS, batch_size=batch_size
    )[0]


def test_a_perfect_copy(cell, networks):
    originals = stamped(cell["images"], cell["degrees"], cell["person"])
    rows = run(cell, networks, originals[None], torch.full((N,), 2))
    assert len(rows) == 1 and set(rows[0]) == set(KEYS)
    row = rows[0]
    assert row["lpips"] == 0 and math.isinf(row["psnr_db"]) and abs(row["fid_paired"]) < 1e-4
    assert row["dists"] == pytest.approx(0, abs=1e-6) and row["fid"] > 1e-3
    assert row["ssim"] == pytest.approx(1) and row["identity"] == pytest.approx(1)
    assert row["edit_exact"] == row["edit_within_one"] == 1
    assert math.isnan(row["edit_success"])  # nobody asked for anything
    assert row["drift"] == 0 and row["outage"] == 0
    assert math.isnan(row["lpips_truth"]) and math.isnan(row["psnr_truth_db"])
    assert {k: row[k] for k in COUNTS} == COUNTS and row["n_images"] == N


def test_edits_identity_and_drift_are_counted_by_hand(cell, networks):
    index = torch.arange(N)
    # From degree 2 to 4. Errors by image: 0, 1, 2, 0, 1, 2, ...; the last six images show somebody
    # else.
    edited = cell["degrees"].clone()
    edited[index, cell["attribute"]] = 4 - index % 3
    person = index < 6
    # Image 0 also drifts: two untargeted attributes by 3 and by 1.
    edited[0, 1] += 3
    edited[0, 2] -= 1
    received = stamped(cell["images"], edited, person)
    (row,) = run(cell, networks, received[None], torch.full((N,), 4))
    assert row["edit_exact"] == pytest.approx(1 / 3)
    assert row["edit_within_one"] == pytest.approx(2 / 3)
    assert row["edit_success"] == pytest.approx(4 / 12)  # images 0, 1, 3, 4
    assert row["identity"] == pytest.approx(0.5)
    assert row["drift"] == pytest.approx((3 + 1) / 4 / N, abs=1e-5)


def test_who_does_nothing_succeeds_nowhere_and_is_judged_only_where_something_was_asked(
    cell, networks
):
    originals = stamped(cell["images"], cell["degrees"], cell["person"])
    expected = torch.where(torch.arange(N) < 6, 3, 2)  # one degree more, or nothing
    (row,) = run(cell, networks, originals[None], expected)
    assert row["edit_within_one"] == 1 and row["edit_success"] == 0
    done = cell["degrees"].clone()
    done[torch.arange(6), cell["attribute"][:6]] = torch.tensor([3, 3, 4, 4, 1, 3])
    (row,) = run(cell, networks, stamped(cell["images"], done, cell["person"])[None], expected)
    assert row["edit_success"] == pytest.approx(3 / 6)  # one too far is no nearer than before


def test_one_row_per_seed_with_its_own_outage_and_truth(cell, networks):
    originals = stamped(cell["images"], cell["degrees"], cell["person"])
    worse = (originals.float() + 30 * torch.randn(originals.shape)).clamp(0, 255).to(torch.uint8)
    outage = torch.zeros(2, N, dtype=torch.bool)
    outage[1, :3] = True
    truths = originals.clone()
    truths[:, 2] = truths[:, 2] // 2 + 60
    first, second = run(
        cell,
        networks,
        torch.stack([truths, worse]),
        torch.full((N,), 2),
        truths=truths,
        outage=outage,
    )
    assert (first["outage"], second["outage"]) == (0, 0.25)
    assert first["lpips_truth"] == 0 and math.isinf(first["psnr_truth_db"]) and first["lpips"] > 0
    assert second["lpips_truth"] > 0 and math.isfinite(second["psnr_truth_db"])
    assert second["fid_paired"] > first["fid_paired"] > 0
    assert first["dists_truth"] == pytest.approx(0, abs=1e-6) and second["dists_truth"] > 0


def test_the_batch_size_changes_nothing(cell, networks):
    received = stamped(cell["images"].flip(3), cell["degrees"], cell["person"])[None]
    small, large = (
        run(cell, networks, received, torch.full((N,), 2), batch_size=b)[0] for b in (5, 64)
    )
    assert small == pytest.approx(large, rel=1e-3, nan_ok=True)


def test_shapes_that_do_not_belong_together_are_named(cell, networks):
    received = cell["images"][None]
    expected = torch.full((N,), 2)
    with pytest.raises(ValueError, match="received is"):
        run(cell, networks, cell["images"], expected, outage=torch.zeros(1, N).bool())
    with pytest.raises(ValueError, match="outage is"):
        run(cell, networks, received, expected, outage=torch.zeros(N).bool())
    with pytest.raises(ValueError, match="truths is"):
        run(cell, networks, received, expected, truths=cell["images"][:3])
    with pytest.raises(ValueError, match="attribute and degrees"):
        run(cell, networks, received, expected[:3])
    with pytest.raises(ValueError, match="kid_subset_size"):
        run(cell, networks, received, expected, kid=KidSettings(2, N + 1, 0))


def test_a_row_is_the_mean_of_its_images(cell, networks):
    originals = stamped(cell["images"], cell["degrees"], cell["person"])
    received = torch.stack([originals.roll(s, 0) for s in (1, 2)])
    degrees = torch.full((N,), 2)
    references = References(originals, None, cell["attribute"], degrees, degrees)
    outage = torch.zeros(2, N, dtype=torch.bool)
    real = real_features(networks)
    rows, images = evaluate(received, outage, references, real, networks, KID, **COUNTS)
    assert [(i["seed"], i["image"]) for i in images] == [(s, i) for s in range(2) for i in range(N)]
    for name in ("lpips", "dists", "ssim", "psnr_db", "drift", "edit_exact"):
        assert rows[1][name] == pytest.approx(
            np.mean([i[name] for i in images if i["seed"] == 1]), rel=1e-5
        )
