"""Files that are wrong, and what is expected of every refusal."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

NOISE = np.random.default_rng(0).integers(0, 255, (48, 40, 3), np.uint8)
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 40\n%%EndComments\nshowpage\n%%EOF\n"


def encoded(kind: str, picture=None, **options) -> bytes:
    out = io.BytesIO()
    (picture or Image.fromarray(NOISE)).save(out, kind, **options)
    return out.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + crc


def png(width=40, height=40, depth=8, colour=2, body=b"", before=b"") -> bytes:
    """A PNG whose head says what it likes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(body))
    return b"\x89PNG\r\n\x1a\n" + head + before + data + chunk(b"IEND", b"")


def refusal(call, *args, **options) -> str:
    with pytest.raises(ValueError) as error:
        call(*args, **options)
    sentence = str(error.value)
    assert "\n" not in sentence and "Traceback" not in sentence and len(sentence) < 600
    assert sentence.isprintable()
    return sentence


def sparse(path):
    with open(path, "wb") as file:
        file.write(encoded("PNG"))
        file.truncate(1 << 40)
