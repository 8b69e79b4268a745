"""Pictures of unusual depth, transparency and colour space come out as they look."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from editable_deepsc.data.photographs import check_image, read_image

RAMP = np.tile(np.linspace(0, 1, 32, dtype=np.float32), (32, 1))
EIGHT = (RAMP * 255).round().astype(np.uint8)


def levels(path, size=32) -> np.ndarray:
    """Pixels as read, [size, size, 3] in 0..255."""
    return ((read_image(path, size) + 1) * 127.5).permute(1, 2, 0).numpy().round()


@pytest.mark.parametrize(
    "values",
    [RAMP, RAMP * 255, (RAMP * 65535).astype(np.uint16), (RAMP * 65535).astype(np.int32)],
    ids=["floats of 0..1", "floats of 0..255", "16 bits", "16 bits in 32"],
)
def test_depths_with_a_known_scale_look_alike(tmp_path, values):
    Image.fromarray(values).save(tmp_path / "p.tif")
    assert np.abs(levels(tmp_path / "p.tif")[..., 0] - EIGHT).max() <= 1


def test_the_transparent_grey_of_16_bits_shows_mid_grey(tmp_path):
    values = (RAMP * 65535).astype(np.uint16)
    values[:16] = 1000
    Image.fromarray(values).save(tmp_path / "p.png", transparency=1000)
    found = levels(tmp_path / "p.png")
    assert (found[:16] == 128).all() and np.abs(found[16:, :, 0] - EIGHT[16:]).max() <= 1


def test_transparent_colours_and_alphas_show_mid_grey(tmp_path):
    grey = Image.fromarray(EIGHT)
    grey.save(tmp_path / "l.png", transparency=0)
    Image.merge("RGB", [grey] * 3).save(tmp_path / "rgb.png", transparency=(0, 0, 0))
    Image.merge("LA", [grey, Image.fromarray(np.where(EIGHT == 0, 0, 255).astype(np.uint8))]).save(
        tmp_path / "la.png"
    )
    expected = np.where(EIGHT == 0, 128, EIGHT)
    for name in ("l", "rgb", "la"):
        assert np.abs(levels(tmp_path / f"{name}.png")[..., 0] - expected).max() <= 1, name


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped() -> bytes:
    """sRGB in which red is called green and green red: a picture that names it means that."""
    icc = bytearray(SRGB)
    for a, b in ((b"rXYZ", b"gXYZ"), (b"rTRC", b"gTRC")):
        i, j = icc.index(a), icc.index(b)
        icc[i : i + 4], icc[j : j + 4] = b, a
    return bytes(icc)


def colours() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_colours_are_those_that_the_profile_means(tmp_path, mode, caplog):
    picture = colours().convert(mode)
    picture.save(tmp_path / "p.png", icc_profile=swapped())
    picture.save(tmp_path / "plain.png")
    found, plain = levels(tmp_path / "p.png"), levels(tmp_path / "plain.png")
    assert np.abs(found - plain[..., [1, 0, 2]]).max() <= 2
    assert not caplog.messages


def test_srgb_named_as_a_profile_changes_no_bit(tmp_path, caplog):
    colours().save(tmp_path / "p.png", icc_profile=SRGB)
    colours().save(tmp_path / "plain.png")
    assert torch.equal(read_image(tmp_path / "p.png", 32), read_image(tmp_path / "plain.png", 32))
    assert not caplog.messages


@pytest.mark.parametrize(
    "icc", [b"no profile", swapped()[:200], bytes(128), ImageCms.ImageCmsProfile(
        ImageCms.createProfile("LAB")).tobytes()]
)  # fmt: skip
def test_a_profile_that_cannot_be_used_is_said(tmp_path, caplog, icc):
    colours().save(tmp_path / "p.png", icc_profile=icc)
    colours().save(tmp_path / "plain.png")
    assert torch.equal(read_image(tmp_path / "p.png", 32), read_image(tmp_path / "plain.png", 32))
    (said,) = caplog.messages
    assert "p.png: its colour profile cannot be used" in said and caplog.records[0].levelno == (
        logging.WARNING
    )


def test_a_profile_of_the_wrong_colour_space_is_said(tmp_path, caplog):
    Image.fromarray(EIGHT).save(tmp_path / "p.png", icc_profile=swapped())
    assert np.abs(levels(tmp_path / "p.png")[..., 0] - EIGHT).max() <= 1
    assert "it is of RGB, the picture of L" in caplog.messages[0]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "WEBP"])
def test_profiles_of_other_formats_count_too(tmp_path, kind):
    red = Image.new("RGB", (32, 32), (200, 50, 50))
    red.save(tmp_path / "p", kind, icc_profile=swapped(), quality=95)
    assert np.abs(levels(tmp_path / "p") - (50, 200, 50)).max() <= 4


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0garbage", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0"]
)
def test_damaged_exif_is_said_and_spoils_no_picture(tmp_path, caplog, exif):
    colours().save(tmp_path / "p.jpg", exif=exif)
    colours().save(tmp_path / "plain.jpg")
    assert torch.equal(read_image(tmp_path / "p.jpg", 32), read_image(tmp_path / "plain.jpg", 32))
    assert check_image(tmp_path / "p.jpg") == (32, 32)
    assert all("its EXIF cannot be read" in said for said in caplog.messages)
