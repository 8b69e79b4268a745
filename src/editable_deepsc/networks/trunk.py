"""The convolutional trunk that the attribute predictor and the face recogniser share in design (not
in weights).
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class Trunk(nn.Module):
    """Four-stage residual-free convolutional network: images [N, 3, H, W] in [-1, 1] -> stages,
    pooled features.

    Images of another size are brought to ``resolution`` by area averaging, so that one set of
    weights reads faces of 64 and of 128 pixels.
    """

    def __init__(self, width: int = 32, resolution: int = 64):
        super().__init__()
        self.width, self.resolution = width, resolution
        widths = (width, 2 * width, 4 * width, 6 * width)
        self.stages = nn.ModuleList()
        inputs = 3
        for i, w in enumerate(widths):
            stride = 1 if i == 0 else 2
            layers = [
                nn.Conv2d(inputs, w, 3, stride=stride, padding=1, bias=False),
                nn.BatchNorm2d(w),
                nn.ReLU(),
            ]
            if i > 0:
                layers += [nn.Conv2d(w, w, 3, padding=1, bias=False), nn.BatchNorm2d(w), nn.ReLU()]
            self.stages.append(nn.Sequential(*layers))
            inputs = w
        self.features = widths[-1]

    def forward(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Returns features of a 4 by 4 grid, flattened [N, 16 * 6 * width], and the maps of every
        stage.
        """
        if images.shape[-1] != self.resolution:
            images = F.interpolate(images, size=self.resolution, mode="area")
        maps = []
        x = images
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return F.adaptive_avg_pool2d(x, 4).flatten(1), maps
