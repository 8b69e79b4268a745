"""Pictures that are wrong: each is refused in its one sentence, or read rightly.

Nothing here may print a traceback, wait, take much memory, start a program, or be accepted in
silence.
"""

from __future__ import annotations

import io
import os
import re
import resource
import socket
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import EpsImagePlugin, Image

from editable_deepsc.data.photographs import check_image, given_picture, read_image
from editable_deepsc.data.pictures import as_images

from .bad_files import EPS, chunk, encoded, png, refusal, sparse


def tiff(array: np.ndarray) -> bytes:
    return encoded("TIFF", Image.fromarray(array))


def scan(kind: str, share: float) -> bytes:
    content = encoded(kind)
    return content[: int(len(content) * share)]


def flat(value, dtype) -> bytes:
    """A TIFF of one value, but for one darker pixel."""
    array = np.full((40, 40), value, dtype)
    array[0, 0] = 0
    return tiff(array)


GIF_BOMB = b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x00\x00\x00;"
NONE = "cannot be read as an image \\(it is none of JPEG, .*\\); give a whole PNG or JPEG file"
BROKEN = "cannot be read as an image \\(.+\\); give a whole PNG or JPEG file"
SCALE = "of which the scale is not known: save it in 8 bits"

FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "letter": (b"Dear reader, this is no picture.", NONE),
    "web page": (b"<!DOCTYPE html><html><body>Log in</body></html>", NONE),
    "xml error": (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", NONE),
    "lfs pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", NONE),
    "zeros": (bytes(5000), NONE),
    "noise": (np.random.default_rng(1).bytes(5000), NONE),
    "utf-16 text": ("no picture".encode("utf-16"), NONE),
    "eps": (EPS, NONE),
    "eps of windows": (b"\xc5\xd0\xd3\xc6" + struct.pack("<6I", 32, 80, 0, 0, 0, 0) + EPS, NONE),
    "postscript": (b"%!PS\nshowpage\n", NONE),
    "pdf": (b"%PDF-1.4\n1 0 obj\n", NONE),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'/>", NONE),
    "wmf": (b"\xd7\xcd\xc6\x9a\x00\x00" + bytes(80), NONE),
    "emf": (b"\x01\x00\x00\x00" + bytes(36) + b" EMF" + bytes(80), NONE),
    "fits": (b"SIMPLE  =                    T" + b" " * 2850, NONE),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(80), NONE),
    "grib": (b"GRIB" + bytes(3) + b"\x01" + bytes(80), NONE),
    "bufr": (b"BUFR" + bytes(80), NONE),
    "ico": (encoded("ICO"), NONE),
    "icns": (encoded("ICNS", Image.new("RGBA", (64, 64))), NONE),
    "tga": (encoded("TGA"), NONE),
    "pcx": (encoded("PCX"), NONE),
    "sgi": (encoded("SGI"), NONE),
    "dds": (encoded("DDS"), NONE),
    "jpeg 2000": (encoded("JPEG2000"), NONE),
    "blp": (b"BLP2" + bytes(200), NONE),
    "psd": (b"8BPS\x00\x01" + bytes(6) + struct.pack(">HIIHH", 3, 40, 40, 8, 3), NONE),
    "xpm": (b'/* XPM */\nstatic char *a[] = {\n"1 1 1 1",\n"a c #000000",\n"a"};', NONE),
    "xbm": (b"#define a_width 40\n#define a_height 40\nstatic char a_bits[] = {0};", NONE),
    "mp4": (b"\x00\x00\x00\x18ftypmp42" + bytes(200), NONE),
    "heic": (b"\x00\x00\x00\x18ftypheic" + bytes(200), NONE),
    "zip": (b"PK\x03\x04" + bytes(200), NONE),
    "gzip": (b"\x1f\x8b\x08" + bytes(200), NONE),
    "pickle": (b"\x80\x04cos\nsystem\n(S'touch exploded'\ntR.", NONE),
    "numpy": (b"\x93NUMPY\x01\x00v\x00" + bytes(200), NONE),
    "shell script": (b"#!/bin/sh\ntouch exploded\n", NONE),
    "png signature alone": (b"\x89PNG\r\n\x1a\n", NONE),
    "jpeg signature alone": (b"\xff\xd8\xff", NONE),
    "webp head alone": (b"RIFF\x00\x00\x00\x00WEBPVP8 ", BROKEN),
    "gif head alone": (b"GIF89a", BROKEN),
    "bmp head alone": (b"BM", NONE),
    "tiff head alone": (b"II*\x00", NONE),
    "ppm head alone": (b"P6", BROKEN),
    **{
        f"{kind} to {share:.0%}": (scan(kind, share), f"{BROKEN}|{NONE}")
        for kind in ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "AVIF", "PPM")
        for share in (0.1, 0.5, 0.9)
    },
    "png without pixels": (png(), BROKEN),
    "png of noise": (png(body=b"abc"), BROKEN),
    "png with a wrong sum": (encoded("PNG").replace(b"IDAT", b"IDAU", 1), BROKEN),
    "png of no width": (png(width=0), f"{BROKEN}|{NONE}"),
    "png of no colour": (png(colour=5), BROKEN),
    "png of 3 bits": (png(depth=3), BROKEN),
    "png bomb": (png(100_000, 100_000), BROKEN),
    "png bomb of one row": (png(60_000_000, 1), "60,000,000 pixels, more than 50,000,000"),
    "png just too large": (png(7072, 7072, 1, 0), "50,013,184 pixels, more than 50,000,000"),
    "png near Pillow's own limit": (png(10_000, 10_000), "100,000,000 pixels, more than"),
    "png of 2^31": (png(2**31 - 1, 2**31 - 1), BROKEN),
    "png with a text bomb": (
        png(before=chunk(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(80_000_000)))),
        BROKEN,
    ),
    "png with many text bombs": (
        png(before=chunk(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(1_000_000))) * 90),
        BROKEN,
    ),
    "gif bomb": (GIF_BOMB, BROKEN),
    "bmp bomb": (
        b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack(
            "<IiiHHIIiiII", 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0
        ),
        BROKEN,
    ),
    "ppm bomb": (b"P6 60000 60000 255\n", BROKEN),
    "ppm without a number": (b"P6 many 40 255\n", BROKEN),
    "webp bomb": (
        b"RIFF" + struct.pack("<I", 26) + b"WEBPVP8X" + struct.pack("<I", 10)
        + b"\x00\x00\x00\x00" + b"\xfe\x3f\x00" * 2,
        f"{BROKEN}|pixels, more than",
    ),
    "too narrow": (encoded("PNG", Image.new("RGB", (15, 400))), "15 × 400 pixels, 16 are needed"),
    "one pixel": (encoded("PNG", Image.new("RGB", (1, 1))), "1 × 1 pixels, 16 are needed"),
    "float with NaN": (flat(np.nan, np.float32), "not finite"),
    "float with infinity": (flat(np.inf, np.float32), "not finite"),
    "float with minus infinity": (flat(-np.inf, np.float32), "not finite"),
    "float below zero": (flat(-0.5, np.float32), f"floats from -0.5 to 0, {SCALE}"),
    "float of radiance": (flat(3.0, np.float32), f"floats from 0 to 3, {SCALE}"),
    "float of 16 bits": (flat(6e4, np.float32), f"floats from 0 to 60000, {SCALE}"),
    "float of 1e30": (flat(1e30, np.float32), SCALE),
    "32 bits": (flat(2_000_000_000, np.int32), f"from 0 to 2e\\+09, {SCALE}"),
    "32 bits below zero": (flat(-5, np.int32), SCALE),
    "8 bits in 32": (flat(200, np.int32), f"from 0 to 200, {SCALE}"),
    "8 bits in 16": (flat(200, np.uint16), f"from 0 to 200, {SCALE}"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_program(monkeypatch, tmp_path):
    """Starting a program is an error, not only Ghostscript."""

    def started(*args, **_):
        raise AssertionError(f"started {args}")

    for name in ("Popen", "run", "call", "check_call", "check_output"):
        monkeypatch.setattr(subprocess, name, started)
    monkeypatch.setattr(os, "system", started)
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", started)
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused_in_its_sentence(tmp_path, name, suffix):
    content, expected = FILES[name]
    path = tmp_path / f"picture{suffix}"
    path.write_bytes(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sentence = refusal(read_image, path, 32)
    assert str(path) in sentence and re.search(expected, sentence), sentence
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 400_000, f"took {grown} KB"


def fifo(path):
    os.mkfifo(path)


def bound_socket(path):
    socket.socket(socket.AF_UNIX).bind(str(path))


PLACES = {
    "missing": (lambda path: None, "does not exist"),
    "folder": (Path.mkdir, "is a folder"),
    "fifo": (fifo, "is a pipe, a socket or a device, and no file"),
    "socket": (bound_socket, "is a pipe, a socket or a device"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "is a pipe, a socket or a device"),
    "terminal": (lambda path: path.symlink_to("/dev/tty"), "is a pipe, a socket or a device"),
    "link to nothing": (lambda path: path.symlink_to("nowhere.png"), "does not exist"),
    "link to itself": (
        lambda path: path.symlink_to(path.name),
        "cannot be read \\(Too many levels",
    ),
    "sparse giant": (sparse, "1,099,511,627,776 bytes, more than 400,000,000"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "read", [lambda p: read_image(p, 16), check_image, lambda p: as_images(p, 16)]
)
def test_what_is_no_file_is_refused_and_never_opened(tmp_path, place, read):
    make, expected = PLACES[place]
    make(tmp_path / "p.png")
    assert re.search(expected, refusal(read, tmp_path / "p.png"))


@pytest.mark.parametrize(
    "name", ["a" * 300 + ".png", "a\0.png", "a\nb.png", "\udcff.png", "\x1b[2J.png", ""]
)
def test_a_name_that_cannot_be_is_shown_on_one_line(tmp_path, name):
    refusal(read_image, tmp_path / name, 16)


BOXES = [
    ((float("nan"), 0, 20, 20), "no rectangle"),
    ((0, float("inf"), 20, 20), "no rectangle"),
    ((0, 0, float("inf"), 20), "no rectangle"),
    ((0, 0, 0, 20), "no rectangle"),
    ((0, 0, 20, -20), "no rectangle"),
    ((100, 0, 20, 20), "lies outside"),
    ((0, 100, 20, 20), "lies outside"),
    ((-30, -30, 40, 40), "lies outside"),
    ((95, 71, 226, 313), "lies outside"),
    ((0, 0, 1e300, 1e300), "lies outside"),
    ((5, 5, 3, 3), "too small: 16 pixels"),
    ((5, 5, 15.9, 10), "too small: 16 pixels"),
]


@pytest.mark.parametrize(("box", "expected"), BOXES)
def test_a_box_that_is_not_of_the_picture_is_refused(tmp_path, box, expected):
    (tmp_path / "p.png").write_bytes(encoded("PNG"))
    assert expected in refusal(read_image, tmp_path / "p.png", 16, box=box)


def test_a_crop_or_a_size_that_is_not_there_is_refused(tmp_path):
    (tmp_path / "p.png").write_bytes(encoded("PNG"))
    assert "41 are needed" in refusal(read_image, tmp_path / "p.png", 16, crop=41)
    assert "64 are needed" in refusal(check_image, tmp_path / "p.png", least=64)


NO_PICTURES = [
    ([], "no picture was given"), ("", "is a folder"), (None, "NoneType is no picture"),
    (5, "int is no picture"), (b"abc", "int is no picture"), ([3.5], "float is no picture"),
    (np.zeros((3, 16, 16)), "ndarray is no picture"), ({"a": 1}, "dict is no picture"),
    (object(), "object is no picture"), (torch.zeros(16, 16), "a tensor of shape"),
    (torch.zeros(3, 8, 8), "a tensor of shape"), (torch.zeros(1, 16, 16), "a tensor of shape"),
    (torch.full((3, 16, 16), float("nan")), "float in"), (torch.full((3, 16, 16), 2.0), "float in"),
    (torch.zeros(3, 16, 16, dtype=torch.int64), "uint8"), (torch.tensor(1.0), "a tensor of shape"),
    (torch.zeros(3, 16, 16, dtype=torch.bool), "uint8"), (Image.new("RGB", (2, 2)), "2 × 2 pixels"),
    (Image.fromarray(np.full((20, 20), np.nan, np.float32)), "not finite"),
]  # fmt: skip


@pytest.mark.parametrize(("pictures", "expected"), NO_PICTURES, ids=lambda v: type(v).__name__)
def test_what_is_no_picture_is_refused(pictures, expected):
    assert expected in refusal(as_images, pictures, 16)


def test_a_picture_that_pillow_has_opened_may_not_start_a_program(tmp_path):
    assert "format EPS" in refusal(given_picture, Image.open(io.BytesIO(EPS)))
    assert "cannot be read" in refusal(given_picture, Image.open(io.BytesIO(scan("JPEG", 0.6))))
