from __future__ import annotations

import pytest
import torch
from torch import Tensor

from editable_deepsc.editing.inversion import MIB, batch_for, invert
from editable_deepsc.networks.stylegan2 import Generator, rms_normalise


@pytest.fixture(scope="module")
def generator() -> Generator:
    torch.manual_seed(0)
    return (
        Generator(16, (16, 16, 16), mapping_hidden=16, mapping_layers=2)
        .eval()
        .requires_grad_(False)
    )


@pytest.fixture(scope="module")
def images(generator) -> torch.Tensor:
    """Pictures that the generator can draw, so that a good inversion exists."""
    return generator.synthesis(
        rms_normalise(torch.randn(5, 16, generator=torch.Generator().manual_seed(1)))
    )


def distance_to(target: torch.Tensor):
    return lambda images: (images.float() - target).abs().mean((1, 2, 3))


def run(images, generator, seed: int = 2, **changes) -> dict[int, torch.Tensor]:
    settings = {"iterations": 12, "batch": 3, "perceptual_weight": 0.5} | changes
    return invert(
        images, generator, distance_to, rng=torch.Generator().manual_seed(seed), **settings
    )


def test_the_loss_falls_and_latents_stay_on_the_sphere(images, generator):
    kept = run(images, generator, iterations=40, keep=(1, 15))
    assert sorted(kept) == [1, 15, 40]
    losses = []
    for latents in kept.values():
        assert latents.shape == (5, 16)
        torch.testing.assert_close(latents.square().mean(1), torch.ones(5), atol=1e-4, rtol=0)
        y = generator.synthesis(latents)
        losses.append(
            (y - images).square().mean((1, 2, 3)) + 0.5 * distance_to(images)(y)
        )  # eq 8, an image at a time
    assert (losses[2] < losses[0]).all() and losses[2].mean() < losses[1].mean() < losses[0].mean()
    assert losses[2].mean() < 0.3 * losses[0].mean()


def test_keeping_latents_on_the_way_does_not_disturb_the_result(images, generator):
    assert torch.equal(run(images, generator, keep=(1, 5))[12], run(images, generator)[12])


def test_the_seed_of_the_start_decides_the_result(images, generator):
    first, again, other = (run(images[:2], generator, seed)[12] for seed in (2, 2, 3))
    assert torch.equal(first, again) and not torch.allclose(first, other, atol=1e-2)


def test_more_candidates_are_a_better_start(images, generator):
    def error(candidates: int) -> float:
        latents = run(images, generator, iterations=1, rate=0.0, candidates=candidates)[1]
        return float((generator.synthesis(latents) - images).square().mean())

    assert error(64) < 0.8 * error(1)


def test_every_image_starts_from_the_nearest_face_of_all_that_were_drawn(generator):
    z = torch.randn(
        20, 16, generator=torch.Generator().manual_seed(2)
    )  # as the inversion of five images draws them
    chosen = generator.mapping(z[[19, 3, 7, 0, 12]])
    started = run(generator.synthesis(chosen), generator, iterations=1, rate=0.0, candidates=4)[1]
    torch.testing.assert_close(started, chosen, atol=1e-5, rtol=0)


def test_the_size_of_a_batch_changes_no_draw(images, generator):
    """Neither faces nor noise are other ones. What remains is bfloat16 in batches of another size,
    far less than other noise makes of the same start.
    """

    def fitted(batch: int, seed: int = 2, noise: float = 1.0) -> Tensor:
        return run(
            images, generator, seed, iterations=6, trial=2, rate=0.01, noise=noise, batch=batch
        )[6]

    def apart(other: Tensor) -> float:
        return float((fitted(5) - other).square().mean().sqrt())

    assert apart(fitted(2)) < 0.3 * apart(fitted(5, noise=-1.0)) < apart(fitted(5, seed=3))


def test_more_starts_find_a_lower_distortion(generator):
    images = generator.synthesis(
        rms_normalise(torch.randn(24, 16, generator=torch.Generator().manual_seed(5)))
    )

    def distortion(starts: int) -> Tensor:
        y = generator.synthesis(
            run(
                images,
                generator,
                iterations=30,
                candidates=1,
                batch=24,
                starts=starts,
                trial=8,
                noise=0.0,
            )[30]
        )
        return (y - images).square().mean((1, 2, 3)) + 0.5 * distance_to(images)(y)

    assert distortion(6).mean() < 0.95 * distortion(1).mean()


def test_noise_fades_before_the_end(images, generator):
    """The last iterations are those of plain descent: they bring the loss down, whatever the noise
    was.
    """
    kept = run(images, generator, iterations=40, keep=(16,), noise=3.0)
    early, late = ((generator.synthesis(kept[q]) - images).square().mean() for q in (16, 40))
    assert late < 0.5 * early


def test_a_killed_inversion_ends_like_one_that_was_left_alone(images, generator, tmp_path):
    """Killed in its second batch of two: the first is not computed again, the second draws what it
    would have drawn.
    """
    expected, calls = run(images, generator, keep=(5,)), []

    def dying(target):
        calls.append(len(target))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return distance_to(target)

    settings = {
        "iterations": 12,
        "batch": 3,
        "perceptual_weight": 0.5,
        "keep": (5,),
        "checkpoint": tmp_path / "c",
    }
    with pytest.raises(KeyboardInterrupt):
        invert(images, generator, dying, rng=torch.Generator().manual_seed(2), **settings)
    resumed = invert(images, generator, dying, rng=torch.Generator().manual_seed(2), **settings)
    assert calls == [3, 2, 2]
    assert all(torch.equal(resumed[q], expected[q]) for q in (5, 12))
    other = invert(
        images, generator, distance_to, rng=torch.Generator().manual_seed(3), **settings
    )  # not its checkpoint
    assert torch.equal(other[12], run(images, generator, seed=3)[12])
    flipped = invert(
        images.flip(-1), generator, distance_to, rng=torch.Generator().manual_seed(2), **settings
    )  # nor this one
    assert torch.equal(flipped[12], run(images.flip(-1), generator, seed=2)[12])


def test_no_images_no_latents(images, generator):
    kept = run(images[:0], generator, keep=(3,))
    assert sorted(kept) == [3, 12] and all(latents.shape == (0, 16) for latents in kept.values())


@pytest.mark.parametrize("keep", [(0,), (13,), (-2, 5)])
def test_counts_that_are_never_reached_cannot_be_kept(images, generator, keep):
    with pytest.raises(ValueError, match="between 1 and 12"):
        run(images, generator, keep=keep)


def test_inversion_needs_an_iteration(images, generator):
    with pytest.raises(ValueError):
        run(images, generator, iterations=0)


def test_the_batch_is_what_fits():
    # The measurement that the rule comes from: at 128 pixels one image 326 MiB with the networks,
    # 139 MiB each further one.
    for images in (1, 4, 16):
        need = (326 + 139 * (images - 1)) * MIB
        assert (
            batch_for(128, int(1.2 * need)) >= images
            and batch_for(128, int(0.95 * need) + 100 * MIB) <= images + 1
        )
    assert (
        batch_for(128, 1600 * MIB) == 9 and batch_for(1024, 3000 * MIB) == 1
    )  # the paper's figures for one image are enough
    assert batch_for(1024, 24_000 * MIB) == 9
    assert batch_for(128, 10**12) == 32 and batch_for(128, 10**12, most=8) == 8
    assert batch_for(128, 1600 * MIB, channel_multiplier=2) < 9  # wider layers, fewer images
    with pytest.raises(ValueError, match="1024 pixels takes 27.. MiB and 1600 MiB are free"):
        batch_for(1024, 1600 * MIB)
