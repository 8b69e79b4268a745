"""JPEG 2000, WebP, AVIF and HEVC intra (in the role of BPG) as source coders: files less what both
ends know.

    stream = payload, the image-dependent bytes of a file | 0x80        zero padding behind it is
    stripped by the receiver

The rest of a file is constant for a given side, whatever image and quality, but for lengths that
follow from the payload's. The receiver re-creates it from a grey picture that it compresses itself.
Which bytes are constant was measured (docs/conventions.md) and is checked on every image:
``encode`` puts the file together again as the receiver will, and refuses to send one that does not
come out the same.
"""

from __future__ import annotations

import functools
import io

import numpy as np
import pillow_heif
from PIL import Image

_MARK = b"\x80"
_OBU_FRAME = 6
_LIBRARY_ERRORS = (
    OSError,
    RuntimeError,
    SyntaxError,
    ValueError,
    IndexError,
)  # each has its own way to say that a file is broken


class _FileCoder:
    """What the four formats share. Images are uint8 [H, H, 3]."""

    name: str
    format: str  # its name in Pillow

    def encode(self, image: np.ndarray, max_bytes: int) -> bytes | None:
        """The stream at the largest quality of 0..100 whose stream fits, found by bisection; None
        where none does.
        """
        picture = self._picture(image)
        best, low, high = None, -1, 101
        while high - low > 1:
            quality = (low + high) // 2
            stream = self._stream(self._write(picture, quality), picture.width)
            if len(stream) <= max_bytes:
                best, low = stream, quality
            else:
                high = quality
        return best

    def decode(self, stream: bytes, resolution: int) -> np.ndarray:
        """Image uint8 [resolution, resolution, 3]. ValueError on a stream that is empty or that the
        format's library rejects.
        """
        payload = stream.rstrip(b"\0")
        if not payload.endswith(_MARK):
            raise ValueError(f"the {self.name} stream does not end with its mark")
        try:
            image = self._read(self._close(payload[: -len(_MARK)], resolution))
        except _LIBRARY_ERRORS as error:
            raise ValueError(f"the {self.name} stream is corrupted: {error}") from error
        if image.shape != (resolution, resolution, 3):
            raise ValueError(
                f"the {self.name} stream is corrupted: it holds a picture of {image.shape}"
            )
        return image

    def _picture(self, image: np.ndarray) -> Image.Image:
        height, width, _ = image.shape
        if height != width:
            raise ValueError(
                f"{self.name} streams here carry square images, not {height} x {width}"
            )
        return Image.fromarray(image)

    def _stream(self, file: bytes, side: int) -> bytes:
        payload = self._open(file)
        if self._close(payload, side) != file:
            raise ValueError(
                (
                    f"{self.name}: the library wrote header bytes that the receiver cannot "
                    "re-create; install the versions of envs/lock.txt"
                )
            )
        return payload + _MARK

    def _write(self, picture: Image.Image, quality: float) -> bytes:
        raise NotImplementedError

    def _read(self, file: bytes) -> np.ndarray:
        picture = Image.open(io.BytesIO(file), formats=[self.format])
        picture.load()
        return np.asarray(picture)

    def _open(self, file: bytes) -> bytes:
        """A file's payload."""
        raise NotImplementedError

    def _close(self, payload: bytes, side: int) -> bytes:
        """The file of a payload."""
        raise NotImplementedError


@functools.cache
def _grey_file(coder: type[_FileCoder], side: int) -> bytes:
    """The file whose constant bytes are everybody's. Its quality does not matter to them."""
    return coder()._write(Image.new("RGB", (side, side), (128, 128, 128)), 20)


class Jpeg2000(_FileCoder):
    """JPEG 2000 codestream (no JP2 boxes), irreversible 9/7 wavelet, 5 resolutions, as OpenJPEG
    writes it.

        SOC SIZ COD QCD COM SOT[length] SOD | payload | EOC

    Its rate control is asked for the frame's size itself, so there is no quality to search.
    """

    name, format = "jpeg2000", "JPEG2000"

    def encode(self, image: np.ndarray, max_bytes: int) -> bytes | None:
        """The stream that rate control makes for ``max_bytes``; None where even empty packets do
        not fit.
        """
        picture = self._picture(image)
        aim = (
            max_bytes
            + len(_grey_file(Jpeg2000, picture.width))
            - len(self._open(_grey_file(Jpeg2000, picture.width)))
            - len(_MARK)
        )
        for _ in range(8):  # rate control may overshoot by a few bytes
            stream = self._stream(self._write(picture, image.size / aim), picture.width)
            if len(stream) <= max_bytes:
                return stream
            aim -= len(stream) - max_bytes
            if aim < 1:
                break
        return None

    def _write(self, picture: Image.Image, quality: float) -> bytes:
        """Here ``quality`` is the ratio of raw to compressed size."""
        file = io.BytesIO()
        picture.save(
            file,
            "JPEG2000",
            no_jp2=True,
            irreversible=True,
            mct=1,
            num_resolutions=5,
            quality_mode="rates",
            quality_layers=[quality],
        )
        return file.getvalue()

    def _open(self, file: bytes) -> bytes:
        return file[file.index(b"\xff\x93") + 2 : -2]

    def _close(self, payload: bytes, side: int) -> bytes:
        grey = _grey_file(Jpeg2000, side)
        tile, data = grey.index(b"\xff\x90"), grey.index(b"\xff\x93") + 2
        length = data - tile + len(payload)
        return (
            grey[: tile + 6]
            + length.to_bytes(4, "big")
            + grey[tile + 10 : data]
            + payload
            + grey[-2:]
        )


class WebP(_FileCoder):
    """Lossy WebP (VP8).

    RIFF[length] WEBP VP8[length] | payload: frame tag (3 bytes) | start code, width, height |
    payload: partitions
    """

    name, format = "webp", "WEBP"

    def _write(self, picture: Image.Image, quality: float) -> bytes:
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=quality, method=6)
        return file.getvalue()

    def _open(self, file: bytes) -> bytes:
        return file[20:23] + file[30:]

    def _close(self, payload: bytes, side: int) -> bytes:
        grey, chunk = _grey_file(WebP, side), len(payload) + 7
        return (
            grey[:4]
            + (chunk + 12).to_bytes(4, "little")
            + grey[8:16]
            + chunk.to_bytes(4, "little")
            + payload[:3]
            + grey[23:30]
            + payload[3:]
        )


class _BoxCoder(_FileCoder):
    """A still picture in ISO media boxes: everything before ``mdat`` is constant but for two
    lengths.
    """

    def _open(self, file: bytes) -> bytes:
        return self._open_data(file[file.index(b"mdat") + 4 :])

    def _close(self, payload: bytes, side: int) -> bytes:
        grey = _grey_file(type(self), side)  # type: ignore[arg-type]  # a class is hashable
        start = grey.index(b"mdat") + 4
        head, old = grey[:start], grey[start:]
        new = self._close_data(payload, old)
        place = head.index(
            len(old).to_bytes(4, "big"), head.index(b"iloc")
        )  # the extent of the only item
        head = head[:place] + len(new).to_bytes(4, "big") + head[place + 4 :]
        return head[:-8] + (len(new) + 8).to_bytes(4, "big") + b"mdat" + new

    def _open_data(self, data: bytes) -> bytes:
        raise NotImplementedError

    def _close_data(self, payload: bytes, grey: bytes) -> bytes:
        raise NotImplementedError


class Avif(_BoxCoder):
    """AVIF (AV1), 4:2:0.

    boxes[2 lengths] | temporal delimiter | sequence header | frame header byte[length] | payload
    """

    name, format = "avif", "AVIF"

    def _write(self, picture: Image.Image, quality: float) -> bytes:
        file = io.BytesIO()
        picture.save(file, "AVIF", quality=quality, speed=6, subsampling="4:2:0", max_threads=1)
        return file.getvalue()

    def _open_data(self, data: bytes) -> bytes:
        return data[_frame_start(data)[1] :]

    def _close_data(self, payload: bytes, grey: bytes) -> bytes:
        return grey[: _frame_start(grey)[0]] + _leb128(len(payload)) + payload


class Hevc(_BoxCoder):
    """HEVC intra, 4:2:0, in HEIF, as x265 writes it: the coding tools of BPG, whose own container
    is no longer maintained.

    boxes, parameter sets[2 lengths] | NAL unit[length] header | payload: the slice
    """

    name = "hevc"

    def _write(self, picture: Image.Image, quality: float) -> bytes:
        file = io.BytesIO()
        pillow_heif.from_pillow(picture).save(file, quality=quality, chroma=420)
        return file.getvalue()

    def _read(self, file: bytes) -> np.ndarray:
        return np.asarray(pillow_heif.open_heif(io.BytesIO(file)).to_pillow())

    def _open_data(self, data: bytes) -> bytes:
        return data[6:]

    def _close_data(self, payload: bytes, grey: bytes) -> bytes:
        return (len(payload) + 2).to_bytes(4, "big") + grey[4:6] + payload


def _frame_start(data: bytes) -> tuple[int, int]:
    """Where the length of the frame's open bitstream unit (OBU) stands, and where its content
    starts.
    """
    position = 0
    while True:
        kind, position = data[position] >> 3 & 15, position + 1
        start, length, shift = position, 0, 0
        while True:
            byte = data[position]
            length, shift, position = length | (byte & 127) << shift, shift + 7, position + 1
            if byte < 128:
                break
        if kind == _OBU_FRAME:
            return start, position
        position += length


def _leb128(number: int) -> bytes:
    """Little-endian base 128, as AV1 writes lengths."""
    digits = []
    while number > 127:
        digits.append(number & 127 | 128)
        number >>= 7
    return bytes([*digits, number])
