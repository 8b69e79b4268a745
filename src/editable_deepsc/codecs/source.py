"""Source coders: an image to a byte string of bounded length, and back."""

from __future__ import annotations

import functools
import io
import struct
from typing import Protocol

import numpy as np
from PIL import Image

MAX_QUALITY = 95  # above it Pillow's JPEG only grows
_EOI = b"\xff\xd9"
_SOS = 0xDA


class SourceCoder(Protocol):
    """Images here are uint8 [H, W, 3], square."""

    name: str

    def encode(self, image: np.ndarray, max_bytes: int) -> bytes | None:
        """The best stream of at most ``max_bytes``; None where no stream is that short."""
        ...

    def decode(self, stream: bytes, resolution: int) -> np.ndarray:
        """The image of a stream, which may be followed by any number of zero bytes. ValueError if
        there is none.
        """
        ...


class Jpeg:
    """Baseline JPEG, 4:2:0, standard Huffman tables, as a stream of one setting byte and the scan.

        setting (1 byte) | entropy-coded scan

    SOI, APP0, DQT, SOF, DHT, SOS and EOI are the same for every image of one size and quality, so
    they are constants of both ends and stay off the air: this is JPEG's abbreviated format, less
    its constant markers. The scan ends by itself, when its last block is complete, and what follows
    is ignored; hence zero padding needs no length.

    The setting is a quality of 1..95; where even quality 1 does not fit, the image is averaged down
    to half its side and sent at a quality of 1..95, as setting 96..190, and the receiver enlarges
    it (bicubic). That rung is needed because a 4:2:0 scan has at least 32 bits per 16 x 16 pixels,
    0.125 bits per pixel, whatever the quality. Setting 0 never occurs: all zeros is no image.
    """

    name = "jpeg"

    def encode(self, image: np.ndarray, max_bytes: int) -> bytes | None:
        """The stream at the largest quality whose stream fits, found by bisection."""
        height, width, _ = image.shape
        if height != width:
            raise ValueError(f"JPEG streams here carry square images, not {height} x {width}")
        for rung in (0, 1):
            picture = Image.fromarray(image)
            if rung:
                picture = picture.resize((_half(width), _half(width)), Image.Resampling.BOX)
            # The best stream so far always fits; the size grows with quality but for rare ties.
            best, low, high = None, 0, MAX_QUALITY + 1
            while high - low > 1:
                quality = (low + high) // 2
                scan = _compress(picture, quality)[
                    len(_header(picture.width, quality)) : -len(_EOI)
                ]
                if 1 + len(scan) <= max_bytes:
                    best, low = bytes([rung * MAX_QUALITY + quality]) + scan, quality
                else:
                    high = quality
            if best is not None:
                return best
        return None

    def decode(self, stream: bytes, resolution: int) -> np.ndarray:
        """Image uint8 [resolution, resolution, 3].

        Raises ValueError on a setting outside 1..190 and on a scan that the JPEG library rejects; a
        corrupted scan that it accepts gives a corrupted image.
        """
        rung, quality = divmod(stream[0] - 1, MAX_QUALITY) if stream else (-1, 0)
        if rung not in (0, 1):
            raise ValueError("the stream does not start with a JPEG setting of 1..190")
        side = _half(resolution) if rung else resolution
        try:
            picture: Image.Image = Image.open(
                io.BytesIO(_header(side, quality + 1) + stream[1:] + _EOI), formats=["JPEG"]
            )
            picture.load()
        except OSError as error:
            raise ValueError(f"the JPEG scan is corrupted: {error}") from error
        if rung:
            picture = picture.resize((resolution, resolution), Image.Resampling.BICUBIC)
        return np.asarray(picture)


def _half(side: int) -> int:
    return (side + 1) // 2


def _compress(picture: Image.Image, quality: int) -> bytes:
    stream = io.BytesIO()
    picture.save(
        stream, "JPEG", quality=quality, subsampling="4:2:0", optimize=False, progressive=False
    )
    return stream.getvalue()


@functools.cache
def _header(side: int, quality: int) -> bytes:
    """All bytes before the scan, a constant of side and quality: read off the stream of a grey
    image.
    """
    stream = _compress(Image.new("RGB", (side, side)), quality)
    position, marker = 2, None
    while marker != _SOS:
        marker, length = struct.unpack_from(">xBH", stream, position)
        position += 2 + length
    return stream[:position]
