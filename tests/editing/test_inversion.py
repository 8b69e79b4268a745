from __future__ import annotations

import pytest
import torch
from torch import Tensor

from editable_deepsc.editing import start
from editable_deepsc.editing.inversion import InversionRecipe, invert
from editable_deepsc.editing.recipes import RECIPES, inversion_options
from editable_deepsc.networks.encoder import LatentEncoder
from editable_deepsc.networks.precision import computing
from editable_deepsc.networks.stylegan2 import Generator, rms_normalise

RECIPE = {
    "iterations": 12,
    "rate": 0.25,
    "perceptual_weight": 0.5,
    "start": "searched",
    "starts": 3,
    "trial": 10,
    "noise": 0.5,
}


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
    how = {key: changes.pop(key) for key in ("keep", "checkpoint", "encoder") if key in changes}
    return invert(
        images,
        generator,
        distance_to,
        InversionRecipe(**RECIPE | {"batch": 3} | changes),
        torch.Generator().manual_seed(seed),
        **how,
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


def test_more_candidates_are_a_better_start(images, generator, monkeypatch):
    def error(candidates: int) -> float:
        monkeypatch.setattr(start, "CANDIDATES", candidates)
        latents = run(images, generator, iterations=1, rate=0.0)[1]
        return float((generator.synthesis(latents) - images).square().mean())

    assert error(64) < 0.8 * error(1)


def test_every_image_starts_from_the_nearest_face_of_all_that_were_drawn(generator, monkeypatch):
    monkeypatch.setattr(start, "CANDIDATES", 4)
    z = torch.randn(
        20, 16, generator=torch.Generator().manual_seed(2)
    )  # as the inversion of five images draws them
    chosen = generator.mapping(z[[19, 3, 7, 0, 12]])
    started = run(generator.synthesis(chosen), generator, iterations=1, rate=0.0)[1]
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


def test_more_starts_find_a_lower_distortion(generator, monkeypatch):
    monkeypatch.setattr(start, "CANDIDATES", 1)
    images = generator.synthesis(
        rms_normalise(torch.randn(24, 16, generator=torch.Generator().manual_seed(5)))
    )

    def distortion(starts: int) -> Tensor:
        y = generator.synthesis(
            run(
                images,
                generator,
                iterations=30,
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

    def resumable(x: Tensor, distance=distance_to, seed: int = 2) -> dict[int, Tensor]:
        return invert(
            x,
            generator,
            distance,
            InversionRecipe(**RECIPE, batch=3),
            torch.Generator().manual_seed(seed),
            keep=(5,),
            checkpoint=tmp_path / "c",
        )

    with pytest.raises(KeyboardInterrupt):
        resumable(images, dying)
    resumed = resumable(images, dying)
    assert calls == [3, 2, 2]
    assert all(torch.equal(resumed[q], expected[q]) for q in (5, 12))
    other = resumable(images, seed=3)  # not its checkpoint
    assert torch.equal(other[12], run(images, generator, seed=3)[12])
    flipped = resumable(images.flip(-1))  # nor this one
    assert torch.equal(flipped[12], run(images.flip(-1), generator, seed=2)[12])


def test_no_images_no_latents(images, generator):
    kept = run(images[:0], generator, keep=(3,))
    assert sorted(kept) == [3, 12] and all(latents.shape == (0, 16) for latents in kept.values())


@pytest.mark.parametrize("keep", [(0,), (13,), (-2, 5)])
def test_counts_that_are_never_reached_cannot_be_kept(images, generator, keep):
    with pytest.raises(ValueError, match="between 1 and 12"):
        run(images, generator, keep=keep)


def test_inversion_needs_an_iteration(images, generator):
    with pytest.raises(ValueError, match="at least one iteration"):
        run(images, generator, iterations=0)


def test_the_papers_start_is_one_random_face(images, generator):
    """Without a step, image i is where M(z_i) is, whatever the image, and whatever an encoder that
    is at hand would guess.
    """
    how = {"start": "random", "starts": 1, "iterations": 1, "rate": 0.0, "noise": 0.0}
    z = torch.randn(5, 16, generator=torch.Generator().manual_seed(2))
    for encoder in (None, LatentEncoder(16, 16).eval().requires_grad_(False)):
        started = run(images, generator, encoder=encoder, **how)
        torch.testing.assert_close(started[1], generator.mapping(z), atol=1e-5, rtol=0)


def test_an_encoders_guess_is_the_start_and_without_iterations_the_result(images, generator):
    torch.manual_seed(3)
    encoder = LatentEncoder(16, 16).eval().requires_grad_(False)
    how = {"start": "encoder", "starts": 1, "noise": 0.0, "encoder": encoder}
    with computing("cpu"):
        guess = torch.cat([encoder(images[:3]), encoder(images[3:])])
    assert torch.equal(run(images, generator, iterations=0, **how)[0], guess)
    fitted = run(images, generator, iterations=20, **how)[20]

    def error(latents: Tensor) -> float:
        return float((generator.synthesis(latents) - images).square().mean())

    assert error(fitted) < 0.7 * error(guess)


@pytest.mark.parametrize(
    "changes, why",
    [
        ({"start": "nearest"}, "choose one of: random, searched, encoder"),
        ({"start": "random"}, "only searched starts can be many"),
        ({"start": "encoder", "starts": 1}, "give one"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(images, generator, changes, why):
    with pytest.raises(ValueError, match=why):
        run(images, generator, **changes)


def test_recipes_by_name_say_where_they_start():
    section = {
        "recipe": "searched",
        "rate": 0.25,
        "perceptual_weight": 0.1,
        "paper": {"iterations": 110},
        "searched": {
            "iterations": 40,
            "rate": 0.2,
            "memory": 0.9,
            "starts": 3,
            "trial": 7,
            "noise": 0.5,
        },
        "refined": {"iterations": 30, "rate": 0.1},
        "encoder": {"iterations": 0},
    }

    def recipes_of(guided: bool) -> dict[str, InversionRecipe]:
        options = {n: inversion_options(section, n, guided=guided) for n in RECIPES}
        return {name: InversionRecipe(**of) for name, of in options.items()}

    unguided, recipes = recipes_of(False), recipes_of(True)
    assert {name: recipe.start for name, recipe in unguided.items()} == RECIPES
    assert unguided["searched"].evaluations == 40 + 2 * 7  # trials count
    assert recipes == unguided | {
        "searched": InversionRecipe(40, 0.2, 0.1, start="encoder", memory=0.9)
    }
    assert InversionRecipe(**inversion_options(section)) == recipes["searched"]
    assert recipes["paper"].evaluations == 110
    assert recipes["refined"].rate == 0.1 and recipes["paper"].rate == 0.25
    with pytest.raises(ValueError, match="choose one of: paper, searched, refined, encoder"):
        inversion_options(section, "best")
