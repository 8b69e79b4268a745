"""Source coder + channel code + QAM: separate source and channel coding, every part chosen by
name.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..channel.link import find_link
from ..channel.noise import Levels
from ..data.pixels import from_uint8, to_uint8
from .base import Decoded, placeholder, register
from .containers import Avif, Hevc, Jpeg2000, WebP
from .source import Jpeg, SourceCoder

SOURCES: dict[str, type[SourceCoder]] = {
    coder.name: coder for coder in (Jpeg, Jpeg2000, WebP, Avif, Hevc)
}


@register("digital")
@register("jpeg_ldpc")
class Digital:
    """A source coder at the largest quality that fits a fixed frame, a channel code, square QAM.

        image -> source stream -> zero padded to the frame -> link -> symbols [N, 2 S] received ->
        link -> channel code finds no error? -> source -> image, else outage and placeholder

    ``source``: a key of ``SOURCES``, or a source coder. ``channel_code``: "gallager" or "5g";
    ``code`` goes to its link (:class:`~editable_deepsc.channel.link.DigitalLink`,
    :class:`~editable_deepsc.channel.link.NRLink`): ``d_v``, ``d_c`` or ``code_rate``,
    ``qam_order``, ``bp_iterations``, ``seed`` and so on. ``bpp`` bits per pixel. The defaults
    (assumed) give the paper's CBR. The frame has S = ``link.symbols`` complex symbols whatever the
    image. An image that does not fit at the coarsest setting is sent as zeros and is an outage.
    ValueError on unknown names and frames that cannot be built.
    """

    dims_per_use = 2

    def __init__(
        self,
        resolution: int,
        source: str | SourceCoder = "jpeg",
        channel_code: str = "gallager",
        bpp: float = 0.35,
        **code,
    ) -> None:
        if isinstance(source, str):
            if source not in SOURCES:
                raise ValueError(
                    f"source coder {source!r} is unknown; choose one of: {', '.join(SOURCES)}"
                )
            source = SOURCES[source]()
        self.resolution = resolution
        self.source = source
        self.link = find_link(channel_code)(bpp * resolution**2, **code)
        self.payload_bytes = self.link.payload_bits // 8

    def encode(self, images: Tensor, snr_db: float) -> Tensor:
        """Images [N, 3, H, W] in [-1, 1] -> symbols [N, 2 S], power 1 (eq 4). The rate does not
        adapt to ``snr_db``.
        """
        if images.shape[1:] != (3, self.resolution, self.resolution):
            raise ValueError(
                (
                    f"images must be [N, 3, {self.resolution}, {self.resolution}], not "
                    f"{list(images.shape)}"
                )
            )
        payload = np.zeros((len(images), self.payload_bytes), np.uint8)
        for row, image in zip(
            payload, to_uint8(images).permute(0, 2, 3, 1).cpu().contiguous().numpy()
        ):
            stream = self.source.encode(image, self.payload_bytes)
            if stream is not None:
                row[: len(stream)] = np.frombuffer(stream, np.uint8)
        bits = torch.zeros(
            len(images), self.link.payload_bits, dtype=torch.uint8, device=images.device
        )
        bits[:, : 8 * self.payload_bytes] = torch.from_numpy(np.unpackbits(payload, axis=1))
        return self.link.modulate(bits)

    def decode(self, received: Tensor, snr_db: Levels) -> Decoded:
        """Received symbols [N, 2 S] -> images [N, 3, H, W]; outage where the channel code or the
        source decoder finds an error.
        """
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
