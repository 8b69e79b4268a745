"""DeepSC for images: a convolutional joint source-channel codec that knows the SNR at both ends.

    image [N, 3, H, W] -> conv /2 -> conv /2 -> residual -> conv -> [N, c, H/4, W/4] -> power 1 -> channel
    channel -> conv -> residual -> conv x2 -> conv x2 -> image

With c = 4 the bandwidth ratio is 4·(H/4)(W/4) / (3·H·W) = 1/12.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .stylegan2 import rms_normalise


class _Residual(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.act = nn.PReLU(width)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(self.act(self.first(x)))


class DeepSC(nn.Module):
    """``transmit``: images [N, 3, H, W] in [-1, 1] -> symbols [N, k] of power 1; ``receive``: back. H, W divisible by 4."""

    def __init__(self, resolution: int = 64, width: int = 64, symbols_per_position: int = 4):
        super().__init__()
        self.resolution = resolution
        self.grid = (symbols_per_position, resolution // 4, resolution // 4)
        self.encoder = nn.Sequential(
            nn.Conv2d(4, width // 2, 5, stride=2, padding=2), nn.PReLU(width // 2),
            nn.Conv2d(width // 2, width, 5, stride=2, padding=2), nn.PReLU(width),
            _Residual(width), _Residual(width),
            nn.Conv2d(width, symbols_per_position, 3, padding=1),
        )
        self.decoder_in = nn.Sequential(nn.Conv2d(symbols_per_position + 1, width, 3, padding=1), nn.PReLU(width), _Residual(width), _Residual(width))
        self.decoder_out = nn.Sequential(
            nn.Conv2d(width, width * 2, 3, padding=1), nn.PixelShuffle(2), nn.PReLU(width // 2),
            nn.Conv2d(width // 2, width * 2, 3, padding=1), nn.PixelShuffle(2), nn.PReLU(width // 2),
            nn.Conv2d(width // 2, 3, 3, padding=1),
        )

    @property
    def channel_uses(self) -> int:
        return self.grid[0] * self.grid[1] * self.grid[2]

    @staticmethod
    def _with_snr(x: Tensor, snr_db: Tensor) -> Tensor:
        plane = (snr_db.clamp(-10, 30) / 20)[:, None, None, None].expand(-1, 1, *x.shape[2:]).to(x)
        return torch.cat([x, plane], 1)

    def transmit(self, images: Tensor, snr_db: Tensor) -> Tensor:
        """``snr_db`` [N]."""
        return rms_normalise(self.encoder(self._with_snr(images, snr_db)).float().flatten(1))

    def receive(self, received: Tensor, snr_db: Tensor) -> Tensor:
        """received [N, k], ``snr_db`` [N] -> images in [-1, 1]."""
        x = self.decoder_in(self._with_snr(received.unflatten(1, self.grid), snr_db))
        return torch.tanh(self.decoder_out(x).float())
