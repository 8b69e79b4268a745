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


def test_what_is_transparent_shows_grey(tmp_path):
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert read_image(tmp_path / "clear.png", 8).abs().max() < 0.01


def test_the_square_is_where_it_was_asked_for(tmp_path):
    x = np.tile(np.arange(200, dtype=np.uint8), (100, 1))  # every pixel says which column it is of
    Image.fromarray(x).save(tmp_path / "ramp.png")

    def columns(**options) -> tuple[float, float]:
        row = (read_image(tmp_path / "ramp.png", 20, **options)[0, 0] + 1) * 127.5
        return float(row[0]), float(row[-1])

    assert columns() == pytest.approx((52, 147), abs=1)  # the largest square in the centre
    assert columns(crop=20) == pytest.approx((90, 109), abs=0.1)
    assert columns(box=(30, 40, 10, 20)) == pytest.approx(
        (25, 44), abs=0.1
    )  # squared around its centre
    assert columns(box=(190, 40, 30, 30)) == pytest.approx((170.5, 198.5), abs=1)  # moved inside


def test_a_small_photograph_is_enlarged_smoothly_and_a_tiny_one_refused(
    photograph_folder, tmp_path
):
    face = read_image(photograph_folder / "lfw/000.png", 100)
    same = (face[:, :, 1:] == face[:, :, :-1]).all(1).all(0)
    assert same.sum() == 0  # of blocks of repeated pixels, three columns in four equal the next
    Image.new("RGB", (40, 9)).save(tmp_path / "strip.png")
    assert "40 × 9" in refused(tmp_path / "strip.png")


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
