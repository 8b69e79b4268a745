from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from editable_deepsc.data.photographs import read_image


def test_a_picture_comes_out_square_and_in_range(tmp_path):
    Image.new("RGB", (80, 40), (255, 0, 0)).save(tmp_path / "red.png")
    image = read_image(tmp_path / "red.png", 16)
    assert image.shape == (3, 16, 16)
    assert (image[0] == 1).all() and (image[1:] == -1).all()


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "P"])
def test_other_modes_become_rgb(tmp_path, mode):
    path = tmp_path / ("picture.tif" if mode == "CMYK" else "picture.png")
    Image.fromarray(np.full((20, 20), 100, np.uint8)).convert("RGB").convert(mode).save(path)
    image = read_image(path, 8)
    assert image.shape == (3, 8, 8)
    assert (image - (100 / 127.5 - 1)).abs().max() < 0.05


def test_16_bits_are_scaled_not_clipped(tmp_path):
    Image.fromarray(np.full((20, 20), 100 * 257, np.uint16)).save(tmp_path / "deep.png")
    assert (read_image(tmp_path / "deep.png", 8) - (100 / 127.5 - 1)).abs().max() < 0.01


def test_the_turn_of_a_photograph_is_undone(tmp_path):
    picture = Image.new("RGB", (16, 16))
    picture.paste((255, 255, 255), (0, 0, 16, 8))  # the upper half is white
    exif = Image.Exif()
    exif[0x0112] = 3  # "turned by 180 degrees"
    picture.save(tmp_path / "turned.png", exif=exif)
    image = read_image(tmp_path / "turned.png", 16)
    assert image[:, :8].mean() < 0 < image[:, 8:].mean()


def refused(path) -> str:
    with pytest.raises(ValueError) as error:
        read_image(path, 8)
    sentence = str(error.value)
    assert path.name in sentence and "\n" not in sentence
    return sentence


def test_what_is_no_image_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "letter.png").write_text("Dear reader, this is no picture.")
    assert "cannot be read" in refused(tmp_path / "letter.png")
    assert "does not exist" in refused(tmp_path / "nowhere.png")


def test_half_an_image_is_refused(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "whole.png")
    content = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "half.png").write_bytes(content[: len(content) // 2])
    assert "cannot be read" in refused(tmp_path / "half.png")


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path):
    Image.new("1", (12000, 12000)).save(tmp_path / "bomb.png")
    refused(tmp_path / "bomb.png")
