"""The encoder E: an image to the latent that draws it, in one pass instead of an inversion."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from .sizes import unusual
from .stylegan2 import rms_normalise


class LatentEncoder(nn.Module):
    """E: images [N, 3, H, H] in [-1, 1] -> latents [N, k] of mean square 1.

        image, by area averaging R x R  -> conv 48
          -> /2 conv 96, conv 96  -> /2 conv 160, conv 160  -> /2 conv 192, conv 192  -> ...
          -> /2 conv, at 4 x 4 pixels -> linear -> mean square 1

    A leaky ReLU follows every convolution, and the second one of an octave has a skip around it.
    One that is trained at R pixels serves a generator of more pixels too, where the two generators
    share their latents.
    """

    widths = (48, 96, 160, 192)  # at R, R/2, R/4, and all below

    def __init__(self, latent: int = 128, resolution: int = 64):
        super().__init__()
        self.resolution = resolution
        self.first = nn.Conv2d(3, self.widths[0], 3, padding=1)
        self.down, self.same = nn.ModuleList(), nn.ModuleList()
        inputs, size, octave = self.widths[0], resolution, 0
        while size > 4:
            octave, size = octave + 1, size // 2
            outputs = self.widths[min(octave, len(self.widths) - 1)]
            self.down.append(nn.Conv2d(inputs, outputs, 3, stride=2, padding=1))
            if size > 4:
                self.same.append(nn.Conv2d(outputs, outputs, 3, padding=1))
            inputs = outputs
        self.out = nn.Linear(16 * inputs, latent)

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``LatentEncoder(**config)`` fits this state dict."""
        return {"latent": self.out.out_features} | unusual(type(self), resolution=self.resolution)

    def forward(self, images: Tensor) -> Tensor:
        x = images
        if x.shape[-1] != self.resolution:
            x = F.interpolate(x, size=self.resolution, mode="area")
        x = F.leaky_relu(self.first(x), 0.2)
        for octave, down in enumerate(self.down):
            x = F.leaky_relu(down(x), 0.2)
            if octave < len(self.same):
                x = x + F.leaky_relu(self.same[octave](x), 0.2)
        return rms_normalise(self.out(x.flatten(1)).float())
