"""Attribute predictor: the degree of every attribute of a face (paper, Section IV-B)."""

from __future__ import annotations

from torch import Tensor, nn

from ..data.attributes import ATTRIBUTES, NUM_DEGREES
from .trunk import Trunk


class AttributePredictor(nn.Module):
    """images [N, 3, H, W] in [-1, 1] -> logits [N, 5 attributes, 6 degrees]; p_a of eq 10 is their
    argmax.
    """

    def __init__(self, width: int = 32, resolution: int = 64):
        super().__init__()
        self.trunk = Trunk(width, resolution)
        self.head = nn.Sequential(
            nn.Linear(16 * self.trunk.features, 128),
            nn.ReLU(),
            nn.Linear(128, len(ATTRIBUTES) * NUM_DEGREES),
        )

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``AttributePredictor(**config)`` has this state."""
        return {"width": self.trunk.width, "resolution": self.trunk.resolution}

    def forward(self, images: Tensor) -> Tensor:
        return self.read(self.features(images))

    def features(self, images: Tensor) -> Tensor:
        """What the decision is read from, [N, F]: a 4 by 4 grid of the last stage."""
        return self.trunk(images)[0]

    def read(self, features: Tensor) -> Tensor:
        """Features [N, F] -> logits [N, 5, 6]."""
        return self.head(features).float().unflatten(1, (len(ATTRIBUTES), NUM_DEGREES))

    def degrees(self, images: Tensor) -> Tensor:
        """Most likely integer degree of every attribute, [N, 5]."""
        return self(images).argmax(-1)
