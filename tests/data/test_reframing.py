"""A folder of photographs, aligned: what is written of each, and what is cut."""

from __future__ import annotations

import json

import pytest
import torch
from PIL import Image

from editable_deepsc.data.albums import FRAMING, read_division, read_framings
from editable_deepsc.data.draw import Drawn, save_face
from editable_deepsc.data.photographs import read_image
from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.data.reframing import NO_DETECTOR, frame_files, read_cut
from editable_deepsc.data.splits import read_images
from editable_deepsc.networks.mtcnn import face_finder

NAMES = ["astronaut.png", "grace_hopper.jpg", "lfw/000.png", "lfw/001.jpg"]


@pytest.mark.parametrize("align", ["rendered", "box", "ffhq"])
def test_faces_of_a_folder_are_found_and_cut(photograph_folder, align):
    found = frame_files(photograph_folder, NAMES, align, face_finder())
    assert list(found) == NAMES and all(about["align"] == align for about in found.values())
    found = json.loads(json.dumps(found))  # as files.json has it
    entry = {"path": str(photograph_folder), "resolution": 64, "source": "folder"}
    images = from_uint8(read_images(NAMES, entry, found))
    for name, image in zip(NAMES, images, strict=True):
        path = photograph_folder / name
        assert (image - read_cut(path, found[name], 64)).abs().max() < 0.01
        assert (image - read_image(path, 64)).abs().mean() > 0.02


def test_without_a_detector_or_alignment_the_entry_decides(photograph_folder):
    assert frame_files(photograph_folder, NAMES, "none", face_finder()) == {}
    found = frame_files(photograph_folder, NAMES, "rendered", None)
    assert all(about == {"align": "none", "note": NO_DETECTOR} for about in found.values())
    entry = {"path": str(photograph_folder), "resolution": 64, "source": "folder"}
    assert torch.equal(read_images(NAMES, entry, found), read_images(NAMES, entry))


def test_pictures_that_are_framed_already_are_left_unless_asked(photograph_folder, tmp_path):
    save_face(Drawn(1, 0, "photo", 256), tmp_path / "drawn.png")
    with Image.open(photograph_folder / "astronaut.png") as picture:
        picture.convert("RGB").crop((150, 0, 350, 200)).resize((64, 64)).save(tmp_path / "64.png")
        picture.convert("RGB").save(tmp_path / "large.png")
    names = ["64.png", "drawn.png", "large.png"]
    found = frame_files(tmp_path, names, "rendered", face_finder(), framed_at=64)
    assert found["64.png"] == found["drawn.png"] == {"align": "none"}
    assert found["large.png"]["align"] == "rendered"
    asked = frame_files(tmp_path, names, "rendered", face_finder())
    assert asked["64.png"]["align"] == "rendered" and "square" in asked["64.png"]


def test_the_file_of_a_division_says_how_its_images_are_aligned(tmp_path):
    path = tmp_path / "files.json"
    path.write_text(json.dumps({"test": ["a.png"], FRAMING: {"a.png": {"align": "none"}}}))
    assert read_division(path, "test") == ["a.png"]
    assert read_framings(path) == {"a.png": {"align": "none"}}
    path.write_text(json.dumps({"test": ["a.png"]}))  # of an earlier version
    with pytest.raises(ValueError, match="how its images are aligned.*delete it and run again"):
        read_framings(path)
