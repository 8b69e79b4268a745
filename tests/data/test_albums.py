"""Folders of real photographs and the text files that are published about them."""

from __future__ import annotations

import json
import shutil

import pytest
import torch

from editable_deepsc.data.albums import choose_images, divide
from editable_deepsc.data.annotations import (
    check_directions,
    read_boxes,
    read_labels,
    read_partition,
)
from editable_deepsc.data.edit_requests import read_requests, requested
from editable_deepsc.data.folders import list_images
from editable_deepsc.data.instructions import Instruction
from editable_deepsc.data.splits import instructions_for, published_degrees, read_images

LABELS = "img_name Bangs Eyeglasses No_Beard Smiling Young\n"


def write(path, text):
    path.write_text(text)
    return path


def test_real_photographs_become_one_tensor(photograph_folder):
    entry = {
        "source": "folder",
        "path": str(photograph_folder),
        "resolution": 64,
        "images": {"train": 60, "test": 42},
    }
    chosen = choose_images("mine", entry, 1)
    images = read_images(chosen["test"], entry)
    assert images.shape == (42, 3, 64, 64) and images.dtype == torch.uint8
    colour = {name for name, image in zip(chosen["test"], images) if (image[0] != image[2]).any()}
    assert colour == {
        n for n in chosen["test"] if not n.startswith("lfw/")
    }  # grey photographs stay grey, coloured ones coloured
    assert images.float().std((1, 2, 3)).min() > 10  # pictures, not flat areas
    assert sorted(chosen["test"] + chosen["train"]) == list_images(photograph_folder)


def test_a_box_shows_the_face_larger(photograph_folder, tmp_path):
    boxes = write(
        tmp_path / "boxes.txt", "1\nimage_id x_1 y_1 width height\nastronaut.png 170 30 110 150\n"
    )
    assert read_boxes(boxes) == {"astronaut.png": (170, 30, 110, 150)}
    entry = {
        "source": "folder",
        "path": str(photograph_folder),
        "resolution": 32,
        "images": {"test": 1},
    }
    (whole,) = read_images(["astronaut.png"], entry)
    (face,) = read_images(["astronaut.png"], entry | {"boxes": str(boxes)})
    assert (whole.float() - face.float()).abs().mean() > 20
    assert choose_images("mine", entry | {"boxes": str(boxes)}, 1) == {
        "test": ["astronaut.png"]
    }  # only images that have one


def test_splits_are_disjoint_seeded_and_keep_their_test_images():
    names = [f"{i:03}.jpg" for i in range(40)]
    chosen = divide("a", names, {"train": 10, "finetune": 5, "test": 8}, 1)
    assert {s: len(set(n)) for s, n in chosen.items()} == {"train": 10, "finetune": 5, "test": 8}
    assert len(set().union(*chosen.values())) == 23
    assert divide("a", names[::-1], {"train": 10, "finetune": 5, "test": 8}, 1) == chosen
    assert (
        divide("a", names, {"train": 10, "finetune": 5, "test": 8}, 2)
        != chosen
        != divide("b", names, {"train": 10, "finetune": 5, "test": 8}, 1)
    )
    assert divide("a", names, {"train": 20, "finetune": 5, "test": 8}, 1)["test"] == chosen["test"]


def test_no_person_is_in_two_splits():
    names = [f"{i:03}.jpg" for i in range(60)]
    person = {name: str(i // 4) for i, name in enumerate(names)}
    chosen = divide("a", names, {"train": 10, "finetune": 9, "test": 7}, 1, identities=person)
    seen = [{person[n] for n in images} for images in chosen.values()]
    assert sum(map(len, seen)) == len(set().union(*seen))


def test_celebas_partition_is_obeyed(tmp_path):
    partition = read_partition(
        write(tmp_path / "p.txt", "".join(f"{i:06}.jpg {i % 3}\n" for i in range(60)))
    )
    chosen = divide(
        "a",
        list(partition),
        {"train": 10, "validation": 20, "finetune": 10, "test": 20},
        1,
        partition=partition,
    )
    assert {s: {partition[n] for n in images} for s, images in chosen.items()} == {
        "test": {"2"},
        "finetune": {"0"},
        "train": {"0"},
        "validation": {"1"},
    }
    with pytest.raises(ValueError, match="test is 1 short"):
        divide("a", list(partition), {"test": 21}, 1, partition=partition)


def test_a_copy_of_a_photograph_is_counted_once(photograph_folder, tmp_path):
    for name in ("a.png", "b.png"):
        shutil.copy(photograph_folder / "astronaut.png", tmp_path / name)
    with pytest.raises(
        ValueError, match="'mine': 1 of 1 images .* 1 test \\+ 1 train.* train is 1 short"
    ):
        choose_images(
            "mine",
            {"source": "folder", "path": str(tmp_path), "images": {"test": 1, "train": 1}},
            1,
        )


def test_labels_count_as_ours(tmp_path):
    labels = read_labels(
        write(tmp_path / "c.txt", LABELS + "000001.jpg 0 1 2 3 4\n000002.jpg -1 -1 -1 -1 -1\n")
    )
    assert labels == {"000001.jpg": (0, 1, 3, 3, 4)}  # No_Beard 2 is three degrees of beard
    assert (
        read_labels(
            write(
                tmp_path / "d.txt",
                "Bangs Eyeglasses No_Beard Smiling Young\n000001.jpg 0 1 2 3 4\n",
            )
        )
        == labels
    )
    entry = {"labels": str(tmp_path / "c.txt")}
    assert published_degrees(["sub/000001.jpg"], entry).tolist() == [[0, 1, 3, 3, 4]]
    turned = read_labels(tmp_path / "c.txt", ["No_Beard", "Young"])
    assert turned == {"000001.jpg": (0, 1, 2, 3, 1)}


@pytest.mark.parametrize("column", ["No_Beard", "Young"])
def test_a_file_shows_when_it_counts_the_other_way(tmp_path, column):
    """Most of CelebA's faces have no beard and are young, whatever the code says of the labels."""
    usual = {"No_Beard": [5, 5, 5, 3], "Young": [4, 4, 3, 1]}
    usual[column] = [5 - label for label in usual[column]]
    rows = [
        f"{i:06}.jpg 0 0 {usual['No_Beard'][i % 4]} 2 {usual['Young'][i % 4]}\n"
        for i in range(1000)
    ]
    path = write(tmp_path / "c.txt", LABELS + "".join(rows))
    with pytest.raises(ValueError, match=f"column {column} most of 1,000 faces would be") as error:
        check_directions(path, read_labels(path))
    assert "give the column under `turned`" in str(error.value)
    check_directions(path, read_labels(path, [column]))
    few = write(tmp_path / "d.txt", LABELS + "".join(rows[:100]))
    check_directions(few, read_labels(few))  # says nothing of so few


def test_celeba_is_checked_when_its_images_are_chosen(photograph_folder, tmp_path):
    rows = [f"{i:03}.png 0 0 0 2 0\n" for i in range(1200)]
    labels = write(tmp_path / "c.txt", LABELS + "".join(rows))
    entry = {"path": str(photograph_folder), "labels": str(labels), "images": {"test": 4}}
    with pytest.raises(ValueError, match="bearded"):
        choose_images("mine", entry | {"source": "celeba-hq", "resolution": 16}, 1)
    assert choose_images("mine", entry | {"source": "folder"}, 1)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {"attribute": "Smiling", "score_change_direction": "positive", "score_change_value": 2},
            (3, 1, 2),
        ),
        (
            {
                "attribute": "Bangs",
                "score_change_direction": "negative",
                "score_change_value": None,
            },
            (0, -1, 1),
        ),
        ({"attribute": "No_Beard", "target_score": 5}, (2, 1, 3)),
        ({"attribute": "No_Beard", "target_score": 0}, (2, -1, 2)),
        (
            {"attribute": "Young", "score_change_direction": "positive", "score_change_value": 3},
            (4, -1, 3),
        ),  # older
        ({"attribute": "Young", "target_score": 0}, (4, 1, 4)),  # a child
        (
            {
                "attribute": "Eyeglasses",
                "score_change_direction": "negative",
                "score_change_value": 1,
            },
            None,
        ),  # has none
        ({"attribute": "No_Beard", "target_score": 2}, None),  # has it already
        ({"attribute": None, "target_score": None}, None),
        ({}, None),
    ],
)
def test_requests_mean_what_they_say(record, expected):
    found = requested(record | {"text": "as you like"}, (3, 0, 2, 1, 1))
    assert found == (expected and Instruction("as you like", *expected))


def test_published_requests_and_labels_choose_the_images(photograph_folder, tmp_path):
    names = [n for n in list_images(photograph_folder) if n.startswith("lfw/")]
    labels = write(
        tmp_path / "c.txt",
        LABELS + "".join(f"{n[4:]} 1 0 0 {i % 6} 2\n" for i, n in enumerate(names[:60])),
    )
    grin = {n[4:]: {"attribute": "Smiling", "target_score": 5} for n in names}
    requests = write(tmp_path / "a.json", json.dumps(grin))
    sentences = write(tmp_path / "r.json", json.dumps({n[4:]: f"Let {n} laugh." for n in names}))
    assert read_requests(requests) == {}  # a request without its sentence is none
    entry = {
        "source": "folder",
        "path": str(photograph_folder),
        "resolution": 16,
        "images": {"test": 50},
        "labels": str(labels),
        "requests": str(requests),
        "sentences": str(sentences),
    }
    (chosen,) = choose_images("mine", entry, 1).values()
    assert set(chosen) == {n for i, n in enumerate(names[:60]) if i % 6 < 5}
    degrees = published_degrees(chosen, entry)
    first = instructions_for(chosen, degrees, entry, "mine", "test", 1)[0]
    assert first == Instruction(f"Let {chosen[0]} laugh.", 3, 1, int(5 - degrees[0, 3]))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("c.txt", "000001.jpg 0 1 2 3 4\n", "names no column Bangs"),
        ("c.txt", LABELS + "000001.jpg 0 1 2\n", "line 2: 4 fields instead of 6"),
        ("c.txt", LABELS + "000001.jpg 0 1 2 3 old\n", "not whole numbers"),
        ("c.txt", "\xff\xfe".encode("latin-1"), "cannot be read"),
    ],
)
def test_a_wrong_file_is_named_in_one_sentence(tmp_path, name, text, words):
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=words) as error:
        read_labels(tmp_path / name)
    assert name in str(error.value) and "\n" not in str(error.value)


def test_no_folder_and_no_images_are_named(tmp_path):
    with pytest.raises(ValueError, match="not a folder"):
        list_images(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="holds no images"):
        list_images(tmp_path)


def test_high_resolution_sources_are_never_enlarged(photograph_folder):
    entry = {"path": str(photograph_folder), "resolution": 1024}
    with pytest.raises(ValueError, match="astronaut.png has 512 × 512 pixels, 1024 are needed"):
        read_images(["astronaut.png"], entry | {"source": "metfaces"})
