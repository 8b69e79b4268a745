"""Face recogniser with an additive angular margin (ArcFace, Deng et al. 2019): R of eq 13."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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
