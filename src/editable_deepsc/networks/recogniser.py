"""Face recognisers with an additive angular margin (ArcFace, Deng et al. 2019).

One is R of eq 13 and trains the semantic fields. The other only judges, and has another
architecture, so that what deceives the first need not deceive it.
"""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .activations import halved
from .trunk import Trunk


class FaceRecogniser(nn.Module):
    """images [N, 3, H, W] in [-1, 1] -> unit embeddings [N, embedding]; a dot product compares two
    faces.
    """

    def __init__(self, width: int = 24, embedding: int = 64, resolution: int = 64):
        super().__init__()
        self.trunk = Trunk(width, resolution)
        self.head = nn.Linear(16 * self.trunk.features, embedding)

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``FaceRecogniser(**config)`` fits this state dict."""
        return {
            "width": self.trunk.width,
            "embedding": self.head.out_features,
            "resolution": self.trunk.resolution,
        }

    def forward(self, images: Tensor) -> Tensor:
        pooled, _ = self.trunk(images)
        return F.normalize(self.head(pooled).float(), dim=1)


class _Block(nn.Module):
    """Residual block, half the size: two 3×3 convolutions beside a 1×1 one (He et al. 2016)."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.SiLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(self.body(x) + self.shortcut(halved(x)))


class JudgeRecogniser(nn.Module):
    """The recogniser that guides nothing and says whether an edited face is still the same person.

        images [N, 3, H, W] in [-1, 1], brought to ``resolution`` by area averaging
          -> conv 5×5 /2 -> three residual blocks /2 each -> 4 by 4 grid
          -> unit embeddings [N, embedding]; a dot product compares two faces

    A residual network with SiLU, where :class:`FaceRecogniser` is a plain one with ReLU.
    """

    def __init__(self, width: int = 32, embedding: int = 96, resolution: int = 64):
        super().__init__()
        self.width, self.resolution = width, resolution
        widths = (width, 2 * width, 3 * width, 4 * width)
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 5, stride=2, padding=2, bias=False),
            nn.BatchNorm2d(width),
            nn.SiLU(),
        )
        self.blocks = nn.Sequential(*(_Block(a, b) for a, b in itertools.pairwise(widths)))
        self.head = nn.Linear(16 * widths[-1], embedding)

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``JudgeRecogniser(**config)`` fits this state dict."""
        return {
            "width": self.width,
            "embedding": self.head.out_features,
            "resolution": self.resolution,
        }

    def forward(self, images: Tensor) -> Tensor:
        if images.shape[-1] != self.resolution:
            images = F.interpolate(images, size=self.resolution, mode="area")
        grid = F.adaptive_avg_pool2d(self.blocks(self.stem(images)), 4)
        return F.normalize(self.head(grid.flatten(1)).float(), dim=1)


class ArcFaceLoss(nn.Module):
    """-log softmax of s·cos(theta + m) for the true identity and s·cos(theta) for the others."""

    def __init__(self, embedding: int, identities: int, scale: float = 16.0, margin: float = 0.2):
        super().__init__()
        self.centres = nn.Parameter(torch.randn(identities, embedding))
        self.scale, self.margin = scale, margin

    def forward(self, embeddings: Tensor, identity: Tensor) -> Tensor:
        cosine = (embeddings @ F.normalize(self.centres, dim=1).T).clamp(-1 + 1e-6, 1 - 1e-6)
        target = cosine.gather(1, identity[:, None])
        shifted = torch.cos(torch.acos(target) + self.margin)
        logits = cosine.scatter(1, identity[:, None], shifted)
        return F.cross_entropy(self.scale * logits, identity)
