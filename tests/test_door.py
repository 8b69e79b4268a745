"""The door: what `import editable_deepsc` gives, its names, its doctest, what it refuses."""

from __future__ import annotations

import doctest
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch
from PIL import Image

import editable_deepsc as ed
from editable_deepsc.data.draw import Drawn, drawn_face, save_face
from editable_deepsc.data.instructions import Instruction
from editable_deepsc.data.pictures import as_images, to_pictures


def test_the_module_docstring_runs():
    results = doctest.testmod(ed)
    assert results.attempted >= 8 and results.failed == 0


def test_names():
    assert ed.DATASETS[0] == "faces"
    assert set(ed.CODECS) == {"deepsc", "jpeg_ldpc"}
    assert ed.SYSTEMS[0] == "editable_deepsc" and len(ed.SYSTEMS) == 5
    assert all(hasattr(ed, name) for name in ed.__all__)
    assert ed.__version__[0].isdigit()
    with pytest.raises(AttributeError, match="nothing"):
        ed.nothing  # noqa: B018


def test_importing_it_is_cheap():
    script = (
        "import sys, editable_deepsc as ed; assert ed.SYSTEMS; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_an_edit_imports_neither_a_judge_nor_a_compiler():
    """Each takes a second or two, of every edit and of every job that transmits."""
    script = (
        "import sys, torch, editable_deepsc as ed\n"
        "system = ed.load_system('editable_deepsc', dataset='faces', snr_db=6)\n"
        "system.transmit(ed.draw_faces(1), ['add a wide smile'])\n"
        "slow = {'torch._dynamo', 'sympy', 'torchvision', 'lpips', 'pandas', 'matplotlib'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("dataset", ed.DATASETS)
def test_every_bundled_system_loads_and_sends(dataset):
    for name in ed.SYSTEMS:
        system = ed.load_system(name, dataset, snr_db=18)
        n = system.resolution
        prepared = torch.zeros(1, 3, n, n)
        if system.name.edits_at == "both":
            prepared = system.editor.generator.mapping(torch.ones(1, 128))
        symbols = system.send(prepared)
        assert symbols.square().mean().item() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "telegraph"}, "editable_deepsc, jpeg_ldpc.talk2edit, deepsc.talk2edit"),
        ({"name": "hevc+talk2edit"}, "there are: editable_deepsc"),
        ({"dataset": "cats"}, "there are: faces"),
        ({"weights": "no/such/folder"}, "no/such/folder is no folder"),
    ],
)
def test_unknown_names_are_answered_with_the_known_ones(arguments, words):
    with pytest.raises(ValueError, match=words) as error:
        ed.load_system(**arguments)
    assert "\n" not in str(error.value)


def test_weights_of_a_run_are_all_of_that_run(tmp_path):
    with pytest.raises(ValueError, match="jecc.safetensors does not exist"):
        ed.load_system(weights=tmp_path)  # no bundled file takes the place of a missing one


def test_load_network():
    assert ed.load_network("generator").resolution == 64
    assert type(ed.load_network("faces/adapters_6dB")).__name__ == "ChannelAdapters"
    for name in ("gnerator", "faces/adapters_7dB", "cats/jecc"):
        with pytest.raises(ValueError, match="faces/adapters_6dB"):
            ed.load_network(name)


def test_an_snr_between_the_trained_ones_takes_the_nearest_adapters_and_says_so():
    with pytest.warns(UserWarning, match="for 7 dB; those for 6 dB, the nearest"):
        assert ed.load_system(snr_db=7).adapters_snr_db == 6
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ed.load_system(snr_db=6).adapters_snr_db == 6
        assert ed.load_system("talk2edit+deepsc", snr_db=7).adapters_snr_db is None


def test_pictures_of_every_kind(tmp_path):
    images = ed.draw_faces(2, seed=1)
    (first, _), path = to_pictures(images), tmp_path / "face.png"
    first.save(path)
    of_file = as_images(path, 64)
    assert torch.equal(of_file, as_images(first, 64)) and torch.equal(
        of_file, as_images(str(path), 64)
    )
    assert (of_file - images[:1]).abs().max() <= 1 / 255 + 1e-6
    many = as_images([path, first, images[1], images.mul(127.5).add(127.5).byte()], 64)
    assert many.shape == (5, 3, 64, 64)
    for nothing in ([], 7, [None]):
        with pytest.raises((ValueError, TypeError)):
            as_images(nothing, 64)
    with pytest.raises(ValueError, match="needed on either side"):
        as_images(Image.new("RGB", (8, 90)), 64)


def test_a_drawn_face_knows_its_true_edit_until_it_is_altered(tmp_path):
    drawn, path = Drawn(2, 3, "painting", 64), tmp_path / "face.png"
    save_face(drawn, path)
    assert drawn_face(path) == drawn
    assert torch.equal(drawn.image(), ed.draw_faces(5, 2, style="painting")[3:4])
    beard = drawn.face().degrees[0, 2]
    edited = drawn.truth([Instruction("", 2, 1, 5)])
    both = drawn.truth([Instruction("", 2, 1, 5), Instruction("", 1, 1, 5)])
    assert not torch.equal(both, edited)
    assert (edited - drawn.image()).abs().max() > 0.3 or beard > 4.5
    picture = Image.open(path)
    info = picture.info
    altered = picture.copy()
    altered.putpixel((0, 0), (255, 0, 0))
    from PIL import PngImagePlugin

    about = PngImagePlugin.PngInfo()
    for key, value in info.items():
        about.add_text(key, value)
    altered.save(tmp_path / "altered.png", pnginfo=about)
    assert drawn_face(tmp_path / "altered.png") is None
    Image.new("RGB", (64, 64)).save(tmp_path / "other.jpg")
    assert drawn_face(tmp_path / "other.jpg") is None


@pytest.fixture(scope="module")
def sender() -> ed.System:
    return ed.load_system(snr_db=18)


@pytest.fixture(scope="module")
def astronaut() -> Image.Image:
    import skimage

    path = Path(skimage.__file__).parent / "data/astronaut.png"
    return Image.open(path).convert("RGB")


def test_a_photograph_is_framed_by_its_face(sender, astronaut, tmp_path):
    images, (framing,) = sender.frame(astronaut)
    assert framing.align == "rendered" and framing.face.score > 0.99 and framing.note is None
    astronaut.save(tmp_path / "face.jpg", quality=95)
    of_file, _ = sender.frame(tmp_path / "face.jpg")
    assert (of_file - images).abs().mean() < 0.05
    centre, (plain,) = sender.frame(astronaut, align="none")
    assert torch.equal(centre, as_images(astronaut, 64)) and plain.square is None
    assert (centre - images).abs().mean() > 0.2
    boxed, (box,) = sender.frame(astronaut, align="box")
    assert box.align == "box" and (boxed - images).abs().mean() > 0.05


def test_what_is_framed_already_is_left_as_it_is(sender, tmp_path):
    images = ed.draw_faces(2, seed=1)
    assert torch.equal(sender.images(images), images)
    (first, _) = to_pictures(images)
    assert torch.equal(sender.images(first), as_images(first, 64))
    save_face(Drawn(1, 0, "photo", 256), tmp_path / "large.png")  # drawn, of another size
    assert torch.equal(sender.images(tmp_path / "large.png"), as_images(tmp_path / "large.png", 64))


def test_pictures_of_every_kind_at_once_are_framed_each_in_its_place(sender, astronaut):
    drawn = ed.draw_faces(1, seed=1)
    picture = to_pictures(drawn)[0]
    images, framings = sender.frame([drawn, astronaut, picture, astronaut])
    assert [f.align for f in framings] == ["none", "rendered", "none", "rendered"]
    assert torch.equal(images[1], images[3]) and torch.equal(images[0], drawn[0])
    assert torch.equal(images[2:3], as_images(picture, 64))


def test_a_picture_without_a_face_keeps_its_centre_and_says_so(sender):
    grey = Image.new("RGB", (200, 100), (90, 90, 90))
    with pytest.warns(UserWarning, match="no face was found: the largest square in the centre"):
        images, (framing,) = sender.frame(grey)
    assert torch.equal(images, as_images(grey, 64)) and framing.align == "none"


def test_without_a_detector_the_centre_is_kept_and_one_sentence_says_so(
    sender, astronaut, monkeypatch
):
    monkeypatch.setattr("editable_deepsc.systems.system.face_finder", lambda device: None)
    with pytest.warns(UserWarning, match=r"no face detector is installed, which `pip install") as w:
        images = sender.images([astronaut, astronaut])
    assert len(w) == 1 and torch.equal(images[:1], as_images(astronaut, 64))
    with pytest.raises(ValueError, match="none, box, ffhq, rendered"):
        sender.images(astronaut, align="sideways")


def test_pictures_that_the_networks_do_not_know_are_told_from_rendered_faces(sender, astronaut):
    from skimage import data

    rng = torch.Generator().manual_seed(0)
    noise = torch.rand(1, 3, 64, 64, generator=rng) * 2 - 1
    landscape = Image.fromarray(data.rocket())
    strange = [astronaut, noise, landscape, Image.fromarray(data.coffee())]
    with pytest.warns(UserWarning, match="no face was found"):
        delivery = sender.deliver([*strange, ed.draw_faces(4, seed=21)], "add a wide smile")
    assert delivery.unlike.outside.tolist() == [True] * 4 + [False] * 4
    known = delivery.unlike.known
    assert known.faces >= 128 and known.of == "rendered faces"
    told = delivery.report()
    assert "LPIPS" in told[0]["unlike"]["why"] and told[0]["unlike"]["lpips"] > 3 * known.lpips
    assert told[4]["unlike"]["why"] is None and told[4]["framing"] == {"align": "none"}
    assert torch.equal(delivery.originals[4:], ed.draw_faces(4, seed=21))


@pytest.mark.parametrize("dataset", ed.DATASETS)
@pytest.mark.parametrize("inversion", [None, "encoder"])
def test_every_bundled_system_knows_what_it_knows(dataset, inversion):
    assert ed.load_system(dataset=dataset, inversion=inversion).known is not None


def test_what_a_receiver_inverts_is_what_it_decoded(astronaut):
    system = ed.load_system("jpeg_ldpc+talk2edit", snr_db=-6)  # an outage: nothing to invert
    delivery = system.deliver(astronaut, "add a wide smile")
    assert delivery.outage.all() and not delivery.unlike.outside.any()
    assert delivery.report()[0]["unlike"]["lpips"] is None
