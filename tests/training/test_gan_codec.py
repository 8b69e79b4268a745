"""Training of the layered codec: both layers and the prior learn, and finer quantizer levels cost
more and show more.
"""

from __future__ import annotations

import pytest
import torch

from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.networks.gan_codec import LARGEST, LayeredCodec
from editable_deepsc.training.corpus import labelled_corpus
from editable_deepsc.training.gan_codec import rounded, train_gan_codec

from .small import gan_recipe


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return labelled_corpus(48, 16, 0)[0]


def distance(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """In place of LPIPS: gradients of the picture."""
    return (a.diff(dim=3) - b.diff(dim=3)).square().mean((1, 2, 3))


@torch.no_grad()
def sent(model: LayeredCodec, images: torch.Tensor, level: int) -> tuple[float, float, float]:
    """Mean squared error of the base picture, of both layers, and bits of an image, at one
    level.
    """
    x, levels = from_uint8(images), torch.full((len(images),), level)
    k = rounded(model.base_prior.symbols(model.analyse_base(x), levels))
    base = model.base_picture(k, levels)
    e = rounded(model.enhancement_prior.symbols(model.analyse_residual(x, base), levels))
    both = base + model.residual(e, levels, base)
    bits = model.base_prior.bits(k, levels) + model.enhancement_prior.bits(e, levels)
    return float((base - x).square().mean()), float((both - x).square().mean()), float(bits.mean())


def test_both_layers_learn_and_finer_levels_cost_more_and_show_more(images):
    torch.manual_seed(3)
    fresh = LayeredCodec(16, 16, 4, 6).eval()
    # 300 steps are past the enhancement layer's take-off: at 140 the processor decided.
    recipe = gan_recipe(steps=300, adversarial_from=0.8)
    trained = train_gan_codec(images, recipe, distance, 3, "gan_codec")
    (base, both, _), (fresh_base, _, _) = sent(trained, images, 12), sent(fresh, images, 12)
    assert base < 0.5 * fresh_base and both < 0.95 * base
    (_, coarse, few), (_, fine, many) = sent(trained, images, 3), sent(trained, images, 15)
    assert fine < coarse and many > 1.5 * few
    assert (
        not trained.training and (trained.base_prior.index != fresh.base_prior.index).any()
    )  # the table is of the trained prior


def test_rounding_passes_gradients_and_clips():
    k = torch.tensor([0.4, -1.6, 40.0], requires_grad=True)
    out = rounded(k)
    assert out.tolist() == [0.0, -2.0, float(LARGEST)]
    out.sum().backward()
    assert k.grad.tolist() == [1.0, 1.0, 1.0]
