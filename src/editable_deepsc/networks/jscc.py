"""Learned joint source-channel codecs for images: DeepSC and DeepJSCC.

Neither normalises the power of what it transmits: ``channel.power`` does, for every sender.

DeepSC, a convolutional codec that knows the SNR at both ends:

    image [N, 3, H, W] -> conv /2 -> conv /2 -> residual -> conv -> [N, c, H/4, W/4] -> channel
    channel -> conv -> residual -> conv x2 -> conv x2 -> image

With c = 4 the bandwidth ratio is 4·(H/4)(W/4) / (3·H·W) = 1/12. More than two halvings make a
narrower bottleneck: three and c = 2 are 128 reals of an image of 64 pixels, a ratio of 1/96.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .activations import PReLU
from .sizes import unusual


class _Residual(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.act = PReLU(width)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(self.act(self.first(x)))


class DeepSC(nn.Module):
    """``transmit``: images [N, 3, H, W] in [-1, 1] -> symbols [N, k]; ``receive``: back.

    H and W are divisible by 2 to the power of ``halvings``, which is 2 or more.
    """

    def __init__(
        self,
        resolution: int = 64,
        width: int = 64,
        symbols_per_position: int = 4,
        halvings: int = 2,
    ):
        super().__init__()
        self.resolution, self.width, self.halvings = resolution, width, halvings
        side, more = resolution // 2**halvings, range(halvings - 2)
        self.grid = (symbols_per_position, side, side)

        def halved(inputs: int) -> list[nn.Module]:
            return [nn.Conv2d(inputs, width, 5, stride=2, padding=2), PReLU(width)]

        def doubled(inputs: int) -> list[nn.Module]:
            up = [nn.Conv2d(inputs, width * 2, 3, padding=1), nn.PixelShuffle(2)]
            return [*up, PReLU(width // 2)]

        self.encoder = nn.Sequential(
            nn.Conv2d(4, width // 2, 5, stride=2, padding=2),
            PReLU(width // 2),
            *halved(width // 2),
            *(layer for _ in more for layer in halved(width)),
            _Residual(width),
            _Residual(width),
            nn.Conv2d(width, symbols_per_position, 3, padding=1),
        )
        self.decoder_in = nn.Sequential(
            nn.Conv2d(symbols_per_position + 1, width, 3, padding=1),
            PReLU(width),
            _Residual(width),
            _Residual(width),
        )
        self.decoder_out = nn.Sequential(
            *doubled(width),
            *(layer for _ in range(halvings - 1) for layer in doubled(width // 2)),
            nn.Conv2d(width // 2, 3, 3, padding=1),
        )

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``DeepSC(**config)`` fits this state dict."""
        return {
            "resolution": self.resolution,
            "width": self.width,
            "symbols_per_position": self.grid[0],
        } | unusual(type(self), halvings=self.halvings)

    @staticmethod
    def _with_snr(x: Tensor, snr_db: Tensor) -> Tensor:
        plane = (snr_db.clamp(-10, 30) / 20)[:, None, None, None].expand(-1, 1, *x.shape[2:]).to(x)
        return torch.cat([x, plane], 1)

    def transmit(self, images: Tensor, snr_db: Tensor) -> Tensor:
        """``snr_db`` [N]."""
        return self.encoder(self._with_snr(images, snr_db)).float().flatten(1)

    def receive(self, received: Tensor, snr_db: Tensor) -> Tensor:
        """received [N, k], ``snr_db`` [N] -> images in [-1, 1]."""
        x = self.decoder_in(self._with_snr(received.unflatten(1, self.grid), snr_db))
        return torch.tanh(self.decoder_out(x).float())


class DeepJSCC(nn.Module):
    """DeepJSCC (Bourtsoulatze, Kurka and Gündüz, IEEE TCCN 2019).

    Fully convolutional, PReLU, blind to the SNR; all kernels 5 x 5:

        image -> conv 16 /2 -> conv w /2 -> conv w -> conv w -> conv c -> channel
        channel -> convT w -> convT w -> convT w -> convT 16 x2 -> convT 3 x2 -> image

    The paper counts complex channel uses; here ``symbols_per_position`` c counts real ones, as
    everywhere in this project: c = 4 has CBR c / 48 = 1/12. The output is tanh instead of the
    paper's sigmoid because images lie in [-1, 1].

    ``transmit``: images [N, 3, H, W] in [-1, 1] -> symbols [N, k]; ``receive``: back. H and W are
    divisible by 4. Neither uses ``snr_db``: whether a model is for one SNR or for a range of them
    is a matter of its training.
    """

    def __init__(self, resolution: int = 64, width: int = 32, symbols_per_position: int = 4):
        super().__init__()
        self.resolution, self.width = resolution, width
        self.grid = (symbols_per_position, resolution // 4, resolution // 4)

        def down(inputs: int, outputs: int, stride: int = 1) -> nn.Module:
            return nn.Conv2d(inputs, outputs, 5, stride=stride, padding=2)

        def up(inputs: int, outputs: int, stride: int = 1) -> nn.Module:
            return nn.ConvTranspose2d(
                inputs, outputs, 5, stride=stride, padding=2, output_padding=stride - 1
            )

        self.encoder = nn.Sequential(
            down(3, 16, 2),
            PReLU(16),
            down(16, width, 2),
            PReLU(width),
            down(width, width),
            PReLU(width),
            down(width, width),
            PReLU(width),
            down(width, symbols_per_position),
        )
        self.decoder = nn.Sequential(
            up(symbols_per_position, width),
            PReLU(width),
            up(width, width),
            PReLU(width),
            up(width, width),
            PReLU(width),
            up(width, 16, 2),
            PReLU(16),
            up(16, 3, 2),
        )

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``DeepJSCC(**config)`` fits this state dict."""
        return {
            "resolution": self.resolution,
            "width": self.width,
            "symbols_per_position": self.grid[0],
        }

    def transmit(self, images: Tensor, snr_db: Tensor) -> Tensor:
        return self.encoder(images).float().flatten(1)

    def receive(self, received: Tensor, snr_db: Tensor) -> Tensor:
        return torch.tanh(self.decoder(received.unflatten(1, self.grid)).float())
