"""Tiny networks and recipes that the tests of training share; budgets are given by each test."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from editable_deepsc.networks.predictor import AttributePredictor
from editable_deepsc.networks.recogniser import FaceRecogniser
from editable_deepsc.networks.stylegan2 import Discriminator, Generator
from editable_deepsc.training.codecs import CodecRecipe
from editable_deepsc.training.gan_codec import GanRecipe
from editable_deepsc.training.generator import GeneratorRecipe
from editable_deepsc.training.jecc import FieldRecipe, Guides

LATENT = 40

FIELDS = {
    "batch": 8,
    "rate": 1e-3,
    "faces": 64,
    "jitter": 0.25,
    "predictor_weight": 1.0,
    "identity_weight": 0.2,
    "discriminator_weight": 0.05,
    "discriminator_every": 2,
    "snr_db": (22.0, 28.0),
}
GENERATOR = {
    "batch": 8,
    "rate": 3e-3,
    "late_from": 0.55,
    "adversarial_from": 1.0,
    "features_from": 1.0,
    "compile": False,
}
CODEC = {"width": 8, "symbols_per_position": 4, "batch": 16, "rate": 5e-3}
GAN_CODEC = {
    "width": 16,
    "base_channels": 4,
    "enhancement_channels": 6,
    "batch": 16,
    "rate": 5e-3,
    "base_rate_weight": 0.06,
    "enhancement_rate_weight": 0.04,
    "perceptual_weight": 0.05,
    "adversarial_weight": 0.002,
}


def field_recipe(**changes) -> FieldRecipe:
    return FieldRecipe(**FIELDS | changes)


def generator_recipe(**changes) -> GeneratorRecipe:
    return GeneratorRecipe(**GENERATOR | changes)


def codec_recipe(**changes) -> CodecRecipe:
    return CodecRecipe(**CODEC | changes)


def gan_recipe(**changes) -> GanRecipe:
    return GanRecipe(**GAN_CODEC | changes)


def tiny_generator() -> Generator:
    torch.manual_seed(0)
    return Generator(LATENT, (12, 12, 12), mapping_hidden=24, mapping_layers=2).eval()


def tiny(kind: type[nn.Module], *arguments) -> nn.Module:
    torch.manual_seed(0)
    return kind(*arguments).eval().requires_grad_(False)


def tiny_guides() -> tuple[nn.Module, Guides]:
    """A generator, and predictor, recogniser and discriminator, all frozen."""
    return tiny_generator().requires_grad_(False), Guides(
        tiny(AttributePredictor, 4, 16),
        tiny(FaceRecogniser, 4, 8, 16),
        tiny(Discriminator, (8, 8, 8)),
    )


def frozen(*networks: nn.Module) -> list[dict]:
    return [copy.deepcopy(network.state_dict()) for network in networks]


def moved(network: nn.Module, before: dict) -> list[str]:
    return [
        name
        for name, tensor in network.state_dict().items()
        if not torch.equal(tensor, before[name])
    ]


def mse(a: Tensor, b: Tensor) -> Tensor:
    """Mean square error of each image [N]."""
    return (a.float() - b.float()).square().mean((1, 2, 3))
