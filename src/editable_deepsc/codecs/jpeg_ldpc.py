"""JPEG + LDPC + QAM: the separate source and channel coding baseline."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..channel.link import DigitalLink
from ..data.faces import from_uint8, to_uint8
from .base import Decoded, placeholder, register
from .source import Jpeg


@register("jpeg_ldpc")
class JpegLdpc:
    """JPEG at the largest quality that fits a fixed frame, LDPC, square QAM.

        image -> Jpeg stream -> zero padded to the frame -> DigitalLink -> symbols [N, 2 S]
        received -> DigitalLink -> parity checks ok? -> Jpeg -> image, else outage and placeholder

    ``bpp`` bits per pixel (assumed, as the QAM order and the code rate 1 - d_v / d_c are: together they
    give the paper's CBR). The frame has S = ``link.symbols`` complex symbols whatever the image. An
    image that does not fit at the coarsest setting is sent as zeros and is an outage.
    """

    name = "jpeg_ldpc"
    dims_per_use = 2

    def __init__(
        self,
        resolution: int,
        bpp: float = 0.35,
        qam_order: int = 16,
        d_v: int = 3,
        d_c: int = 12,
        max_block_length: int = 1032,
        bp_iterations: int = 30,
        seed: int = 0,
    ) -> None:
        self.resolution = resolution
        self.source = Jpeg()
        self.link = DigitalLink(bpp * resolution**2, d_v, d_c, qam_order, max_block_length, bp_iterations, seed)
        self.payload_bytes = self.link.payload_bits // 8

    def encode(self, images: Tensor, snr_db: float) -> Tensor:
        """Images [N, 3, H, W] in [-1, 1] -> symbols [N, 2 S], power 1 (eq 4). The rate does not adapt to ``snr_db``."""
        if images.shape[1:] != (3, self.resolution, self.resolution):
            raise ValueError(f"images must be [N, 3, {self.resolution}, {self.resolution}], not {list(images.shape)}")
        payload = np.zeros((len(images), self.payload_bytes), np.uint8)
        for row, image in zip(payload, to_uint8(images).permute(0, 2, 3, 1).cpu().contiguous().numpy()):
            stream = self.source.encode(image, self.payload_bytes)
            if stream is not None:
                row[: len(stream)] = np.frombuffer(stream, np.uint8)
        bits = torch.zeros(len(images), self.link.payload_bits, dtype=torch.uint8, device=images.device)
        bits[:, : 8 * self.payload_bytes] = torch.from_numpy(np.unpackbits(payload, axis=1))
        return self.link.modulate(bits)

    def decode(self, received: Tensor, snr_db: float) -> Decoded:
        """Received symbols [N, 2 S] -> images [N, 3, H, W]; outage where a parity check or the JPEG decoder fails."""
        bits, ok = self.link.demodulate(received, snr_db)
        payload = np.packbits(bits[:, : 8 * self.payload_bytes].cpu().numpy(), axis=1)
        images = placeholder(len(received), self.resolution)
        outage = ~ok.cpu()
        for index in torch.nonzero(ok).flatten().tolist():
            try:
                image = self.source.decode(payload[index].tobytes(), self.resolution)
            except ValueError:
                outage[index] = True
            else:
                images[index] = from_uint8(torch.from_numpy(image.copy())).permute(2, 0, 1)
        return Decoded(images.to(received.device), outage.to(received.device))
