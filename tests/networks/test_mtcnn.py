"""The face detector, against what facenet-pytorch 2.6.0 says of the same pictures."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import skimage
import torch
from PIL import Image

from editable_deepsc.networks import mtcnn
from editable_deepsc.networks.weight_files import WeightsError

DATA = Path(skimage.__file__).parent / "data"

# facenet_pytorch.MTCNN(select_largest=True).detect(picture, landmarks=True)
ASTRONAUT = (
    (181.0514, 62.1561, 267.7473, 172.0502),
    ((205.0109, 101.7275), (246.7626, 103.7141), (224.6714, 128.9650)),
    ((201.7161, 139.2462), (245.2655, 141.8570)),
)
CAMERAMAN = (199.2163, 118.9257, 254.2662, 192.2698)


@pytest.fixture(scope="module")
def find() -> mtcnn.FaceFinder:
    found = mtcnn.face_finder()
    assert isinstance(found, mtcnn.FaceFinder)
    return found


@pytest.fixture(scope="module")
def crops() -> list[Image.Image]:
    """100 faces and 100 other pictures, of 25 x 25 pixels."""
    pixels = np.uint8(np.load(DATA / "lfw_subset.npy") * 255)
    return [Image.fromarray(p).convert("RGB") for p in pixels]


def test_the_faces_of_photographs(find):
    names = ("astronaut", "camera", "coffee", "chelsea")
    pictures = [Image.open(DATA / f"{name}.png").convert("RGB") for name in names]
    astronaut, cameraman, coffee, cat = find(pictures)
    assert coffee is None and cat is None
    assert np.allclose(astronaut.box, ASTRONAUT[0], atol=1e-3)
    assert np.allclose(astronaut.points, [*ASTRONAUT[1], *ASTRONAUT[2]], atol=1e-3)
    assert astronaut.score > 0.9999 and astronaut.faces == 1
    assert np.allclose(cameraman.box, CAMERAMAN, atol=1e-3)


def test_faces_of_25_pixels(find, crops):
    found = find(crops)
    assert all(face is not None for face in found[:100])
    assert not any(found[100:])
    # facenet-pytorch's points of the first three, left eye and right corner of the mouth
    expected = [
        ((7.7754, 8.1455), (15.3992, 18.5047)),
        ((2.8032, 9.1420), (13.2816, 18.7200)),
        ((2.4903, 7.8305), (13.3030, 17.0300)),
    ]
    for face, (eye, corner) in zip(found, expected):
        assert np.allclose((face.points[0], face.points[4]), (eye, corner), atol=1e-3)


def test_what_is_found_does_not_depend_on_the_other_pictures(find, crops):
    astronaut = Image.open(DATA / "astronaut.png").convert("RGB")
    together = find([crops[0], astronaut, crops[1], astronaut.resize((300, 300))])
    alone = [find([p])[0] for p in (crops[0], astronaut, crops[1], astronaut.resize((300, 300)))]
    for a, b in zip(together, alone, strict=True):
        assert np.allclose(a.points, b.points, atol=1e-3)


def test_large_pictures_give_the_same_face_in_their_own_pixels(find):
    astronaut = Image.open(DATA / "astronaut.png").convert("RGB")
    (large,) = find([astronaut.resize((2048, 2048), Image.Resampling.BICUBIC)])
    points = np.array(large.points) / 4
    assert np.abs(points - [*ASTRONAUT[1], *ASTRONAUT[2]]).max() < 2


def test_the_largest_of_several_faces(find):
    astronaut = Image.open(DATA / "astronaut.png").convert("RGB")
    both = Image.new("RGB", (800, 512), (128, 128, 128))
    both.paste(astronaut, (0, 0))
    both.paste(astronaut.resize((256, 256), Image.Resampling.BOX), (530, 100))
    (face,) = find([both])
    assert face.faces == 2 and np.allclose(face.box, ASTRONAUT[0], atol=8)


def test_pictures_too_small_for_a_face(find):
    assert find([Image.new("RGB", (16, 16)), Image.new("RGB", (19, 400))]) == [None, None]
    assert find([]) == []


def test_no_detector_where_the_package_is_not_installed(monkeypatch):
    monkeypatch.setattr(mtcnn.importlib.util, "find_spec", lambda name: None)
    mtcnn.face_finder.cache_clear()
    try:
        assert mtcnn.face_finder() is None
    finally:
        mtcnn.face_finder.cache_clear()


def test_altered_weights_are_refused(monkeypatch, tmp_path):
    folder = mtcnn.weights_folder()
    for name in mtcnn.SHA256:
        shutil.copy(folder / f"{name}.lz4", tmp_path)
    onet = tmp_path / "onet.lz4"
    whole = onet.read_bytes()
    onet.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    monkeypatch.setattr(mtcnn, "weights_folder", lambda: tmp_path)
    mtcnn.face_finder.cache_clear()
    try:
        with pytest.raises(WeightsError, match=r"onet.lz4 is missing or not that of mtcnn 1.0.0"):
            mtcnn.face_finder()
    finally:
        mtcnn.face_finder.cache_clear()


def test_another_network_is_refused():
    with pytest.raises(WeightsError, match="holds another network"):
        mtcnn.MTCNN().pnet.read(torch.zeros(40, 3, 3, 3).numpy())
