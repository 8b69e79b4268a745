"""Published text files that are wrong: each refused in one sentence that names file and line,
before any image is read; and copies of right ones in every form that people have.
"""

from __future__ import annotations

import json
import os
import re

import pytest
import torch
from PIL import Image

from editable_deepsc.data.albums import choose_images, read_division
from editable_deepsc.data.annotations import (
    read_boxes,
    read_identities,
    read_labels,
    read_partition,
)
from editable_deepsc.data.edit_requests import read_requests
from editable_deepsc.data.splits import instructions_for, published_degrees

from .bad_files import refusal, sparse

HEADER = "img_name Bangs Eyeglasses No_Beard Smiling Young\n"
READERS = {
    "partition": read_partition,
    "identities": read_identities,
    "boxes": read_boxes,
    "labels": read_labels,
    "requests": read_requests,
}

# reader -> content, what the sentence says
TEXTS: dict[str, list[tuple[str, str]]] = {
    "partition": [
        ("a.jpg 3\n", "line 1: '3' is no part; there are 0, 1 and 2"),
        ("a.jpg 0\nb.jpg train\n", "line 2: 'train' is no part"),
        ("a.jpg test\n", "line 1: 'test' is no part"),
        ("a.jpg 0\nb.jpg -1\n", "line 2: '-1' is no part"),
        ("a.jpg 0\nb.jpg 1.0\n", "line 2: '1.0' is no part"),
        ("a.jpg 0\nb.jpg nan\n", "line 2: 'nan' is no part"),
        ("a.jpg 00\n", "line 1: '00' is no part"),
        ("a.jpg \u0661\n", "line 1: '\u0661' is no part"),
        ("a.jpg 0\nb.jpg\n", "line 2: 1 fields instead of 2"),
        ("a.jpg 0\n\n\nb.jpg 0 1\n", "line 4: 3 fields instead of 2"),
        ("a.jpg 0\nb.jpg 1\na.jpg 0\n", "line 3: a.jpg stands on line 1 already"),
        ("a.jpg 0\na.jpg 2\n", "line 2: a.jpg stands on line 1 already"),
        ("./a.jpg 0\na.jpg 2\n", "line 2: a.jpg stands on line 1 already"),
        ("Zo\u00eb.jpg 0\nZoe\u0308.jpg 2\n", "line 2: Zo\u00eb.jpg stands on line 1"),
        ("image_id,partition\na.jpg,5\n", "line 2: '5' is no part"),
        ("image_id,partition\na.jpg,\n", "line 2: '' is no part"),
        ("image_id,partition\n,0\n", "line 2: it names no image"),
        ('image_id,partition\n"a.jpg,0\n', "line 2: its quotes do not close"),
        ('image_id,partition\n"a.jpg"x,0\n', "line 2: its quotes do not close"),
        ("image_id;partition\na.jpg;0\n", "line 2: 1 fields instead of 2"),
        ("image_id,partition\n", "has no rows"),
        ("202599\n", "has no rows"),
        ("", "has no rows"),
        ("\n \n\t\n", "has no rows"),
        ("a.jpg 2880\n", "line 1: '2880' is no part"),
        ("<!DOCTYPE html>\n<html>\n", "2 fields instead|no part|has no rows|1 fields instead"),
        ("a.jpg 0\n\x1b[2J\x1b[31mb.jpg evil\n", "line 2: 'evil' is no part"),
        ("a.jpg 0\n" + "b" * 5000 + ".jpg " + "9" * 5000 + "\n", "line 2: '9{60}' is no part"),
        ('{"a.jpg": 0}', "fields instead of 2|no part|has no rows"),
    ],
    "identities": [
        ("a.jpg\n", "line 1: 1 fields instead of 2"),
        ("a.jpg 1 2\n", "line 1: 3 fields instead of 2"),
        ("a.jpg nan\n", "line 1: 'nan' is nobody"),
        ("image_id,identity\na.jpg,\n", "line 2: '' is nobody"),
        ("a.jpg None\n", "line 1: 'None' is nobody"),
        ("a.jpg -1\n", "line 1: '-1' is nobody"),
        ("a.jpg 1\nb.jpg 1\na.jpg 2\n", "line 3: a.jpg stands on line 1 already"),
        ("", "has no rows"),
        ("image_id,identity\n", "has no rows"),
    ],
    "boxes": [
        ("a.jpg nan 0 40 40\n", "line 1: the box is 'nan 0 40 40', not four numbers"),
        ("a.jpg 0 NaN 40 40\n", "not four numbers"),
        ("a.jpg 0 0 inf 40\n", "not four numbers"),
        ("a.jpg 0 0 40 -inf\n", "not four numbers"),
        ("a.jpg 0 0 Infinity 40\n", "not four numbers"),
        ("a.jpg 0 0 1e999 40\n", "larger than any picture"),
        ("a.jpg 0 0 1e7 40\n", "larger than any picture"),
        ("a.jpg -9e9 0 40 40\n", "larger than any picture"),
        ("a.jpg 0 0 1_0 40\n", "not four numbers"),
        ("a.jpg 0 0 0x40 40\n", "not four numbers"),
        ("a.jpg 0 0 \u0664\u0660 40\n", "not four numbers"),
        ("a.jpg 0 0 four 40\n", "'0 0 four 40', not four numbers"),
        ("a.jpg 0 0 0 40\n", "line 1: the box '0 0 0 40' is empty"),
        ("a.jpg 0 0 0 0\n", "is empty"),
        ("a.jpg 0 0 40 -40\n", "is empty"),
        ("a.jpg 0 0 3 3\n", "is too small: 16 pixels are needed"),
        ("a.jpg 0 0 0.5 0.5\n", "is too small"),
        ("a.jpg 0.2 0.2 0.9 0.9\n", "is too small"),
        ("a.jpg 0 0 40\n", "line 1: 4 fields instead of 5"),
        ("a.jpg 0 0 40 40 0.99\n", "line 1: 6 fields instead of 5"),
        ("a.jpg 0 0 40 40\na.jpg 9 9 40 40\n", "line 2: a.jpg stands on line 1 already"),
        ("image_id,x_1,y_1,x_2,y_2\na.jpg,1,1,40,40\n", "its columns are 'image_id x_1 y_1 x_2"),
        ("image left top right bottom\na.jpg 1 1 40 40\n", "its columns are"),
        ("image_id,x_1,y_1,width,height\na.jpg,1,1,,40\n", "line 2: the box is '1 1  40'"),
        ("202599\nimage_id x_1 y_1 width height\n", "has no rows"),
        ("2\nimage_id x_1 y_1 width height\na.jpg 1 1 9 9\n", "line 3: the box '1 1 9 9' is too"),
    ],
    "labels": [
        ("", "names no column Bangs"),
        ("a.jpg 0 1 2 3 4\n", "names no column Bangs"),
        ("img_name Bangs Eyeglasses No_Beard Smiling\n", "names no column Young"),
        ("img_name Bangs Bangs Eyeglasses No_Beard Smiling Young\n", "names twice the column"),
        (HEADER, "has no rows"),
        (HEADER + "a.jpg 0 1 2 3 6\n", "line 2: the labels are '0 1 2 3 6'; degrees are 0 to 5"),
        (HEADER + "a.jpg 0 1 2 3 5\nb.jpg 9 0 0 0 0\n", "line 3: .* degrees are 0 to 5"),
        (HEADER + "a.jpg 0 1 2 3 -2\n", "degrees are 0 to 5"),
        (HEADER + "a.jpg 0 1 2 3 255\n", "degrees are 0 to 5"),
        (HEADER + "a.jpg 0 1 2 3 2.5\n", "line 2: .*not whole numbers"),
        (HEADER + "a.jpg 0 1 2 3 nan\n", "not whole numbers"),
        (HEADER + "a.jpg 0 1 2 3 inf\n", "not whole numbers"),
        (HEADER + "a.jpg 0 1 2 3 1e0\n", "not whole numbers"),
        (HEADER + "a.jpg 0 1 2 3 0_1\n", "not whole numbers"),
        (HEADER + "a.jpg 0 1 2 3 \u0663\n", "not whole numbers"),
        (HEADER + "a.jpg 0 1 2 3 " + "9" * 5000 + "\n", "not whole numbers"),
        (HEADER + "a.jpg 0 1 2 3\n", "line 2: 5 fields instead of 6"),
        (HEADER + "a.jpg 0 1 2 3 4 5\n", "line 2: 7 fields instead of 6"),
        (HEADER + "a.jpg 0 1 2 3 4\na.jpg 0 1 2 3 4\n", "line 3: a.jpg stands on line 2 already"),
        (HEADER.replace(" ", ",") + "a.jpg,0,1,2,3,\n", "line 2: .*not whole numbers"),
        (HEADER + "a.jpg 1 -1 -1 1 1\nb.jpg -1 -1 1 1 -1\n", "binary attributes"),
    ],
    "requests": [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        ('{"a.jpg": {}', "cannot be read .*line 1"),
        ("[]", "is not a table by image name"),
        ("3", "is not a table"),
        ("null", "is not a table"),
        ('"a.jpg"', "is not a table"),
        ("NaN", "NaN is no number"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"a.jpg": 1}', "line 1: the request of a.jpg has no fields"),
        ('{"a.jpg": null}', "has no fields"),
        ('{"a.jpg": [1]}', "has no fields"),
        ('{"a.jpg": "make her smile"}', "has no fields"),
        ('{\n"a.jpg": {},\n"b.jpg": 7}', "line 3: the request of b.jpg has no fields"),
        ('{"a.jpg": {}, "a.jpg": {}}', "the key 'a.jpg' stands there twice"),
        ('{"a.jpg": {"text": "x", "text": "y"}}', "the key 'text' stands there twice"),
        ('{"Zo\u00eb.jpg": {}, "Zoe\u0308.jpg": {}}', "names an image twice"),
        ('{"\\ud800.jpg": {}}', "that is no text"),
        ("<html><body>Log in</body></html>", "cannot be read"),
        *(
            ('{"a.jpg": {"text": "x", "attribute": "Smiling", %s}}' % field, expected)
            for field, expected in [
                ('"target_score": 6', "target_score '6', not a whole number from 0 to 5"),
                ('"target_score": -1', "target_score '-1'"),
                ('"target_score": 2.5', "target_score '2.5'"),
                ('"target_score": NaN', "NaN is no number of JSON"),
                ('"target_score": Infinity', "Infinity is no number"),
                ('"target_score": -Infinity', "-Infinity is no number"),
                ('"target_score": 1e999', "1e999 is too large"),
                ('"target_score": true', "target_score 'True'"),
                ('"target_score": "3"', "target_score '3'"),
                ('"target_score": [3]', "target_score"),
                ('"target_score": {}', "target_score"),
                ('"target_score": 1' + "0" * 5000, "cannot be read|target_score"),
                ('"score_change_value": 0', "score_change_value '0', not a whole number from 1"),
                ('"score_change_value": 6', "score_change_value '6'"),
                ('"score_change_value": "two"', "score_change_value 'two'"),
                ('"score_change_value": false', "score_change_value 'False'"),
                ('"score_change_direction": "up"', "'up', not positive or negative"),
                ('"score_change_direction": 1', "score_change_direction '1'"),
                ('"score_change_direction": ["positive"]', "score_change_direction"),
            ]
        ),
        ('{"a.jpg": {"text": "x", "attribute": "Hair"}}', "attribute 'Hair', not one of Bangs"),
        ('{"a.jpg": {"text": "x", "attribute": 3}}', "attribute '3'"),
        ('{"a.jpg": {"text": "x", "attribute": ["Bangs"]}}', "attribute"),
        ('{"a.jpg": {"text": 5}}', "the sentence '5', which is no text"),
        ('{"a.jpg": {"text": ["x"]}}', "which is no text"),
        ('{"a.jpg": {"text": {"text": "x"}}}', "which is no text"),
        ('{"a.jpg": {"text": "\\ud83d"}}', "which is no text"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "content", "expected"),
    [(key, *row) for key, rows in TEXTS.items() for row in rows],
    ids=lambda value: ascii(value)[:30],
)
def test_a_bad_file_is_refused_by_its_line(tmp_path, key, content, expected):
    path = tmp_path / "annotation.txt"
    path.write_text(content, encoding="utf-8")
    said = refusal(READERS[key], path)
    assert said.startswith(f"data: {path}") and "; give " in said
    assert re.search(expected, said), said


FILES = {
    "missing": (lambda p: None, "does not exist"),
    "folder": (lambda p: p.mkdir(), "is a folder"),
    "fifo": (os.mkfifo, "is a pipe"),
    "device": (lambda p: p.symlink_to("/dev/zero"), "is a pipe, a socket or a device"),
    "loop": (lambda p: p.symlink_to(p.name), "cannot be read"),
    "sparse giant": (sparse, "1,099,511,627,776 bytes, more than 256,000,000"),
    "zeros": (lambda p: p.write_bytes(bytes(100)), "zero bytes"),
    "utf-16": (lambda p: p.write_bytes("a.jpg 0\n".encode("utf-16")), "line 1 is not UTF-8"),
    "latin-1": (lambda p: p.write_bytes("a.jpg 0\nZo\u00eb 1".encode("latin-1")), "line 2 is not"),
    "zip": (lambda p: p.write_bytes(b"PK\x03\x04\xff\xfe"), "not UTF-8"),
}


@pytest.mark.parametrize("place", FILES)
@pytest.mark.parametrize("key", READERS)
def test_what_is_no_text_file_is_refused_and_never_waited_for(tmp_path, key, place):
    make, expected = FILES[place]
    make(tmp_path / "f")
    assert re.search(expected, refusal(READERS[key], tmp_path / "f"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"a.jpg": 5}', "line 1: the request of a.jpg has the sentence '5'"),
        ('{"a.jpg": ["smile"]}', "which is no text"),
        ('{"a.jpg": {"text": 5}}', "the sentence '5'"),
        ("[]", "is not a table by image name"),
        ("{", "cannot be read"),
    ],
)
def test_sentences_of_a_second_file_are_checked_too(tmp_path, content, expected):
    (tmp_path / "a.json").write_text('{\n"a.jpg": {"attribute": "Bangs", "target_score": 3}}')
    (tmp_path / "s.json").write_text(content)
    said = refusal(read_requests, tmp_path / "a.json", tmp_path / "s.json")
    assert "s.json" in said and re.search(expected, said)


# --- right ones, as people have them -------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a.jpg\t0",
        "image_id,partition\na.jpg,0\n",
        'image_id,partition\n"a.jpg","0"\n',
        '"image_id","partition"\r\n"a.jpg", "0"\r\n',
        "\ufeffimage_id,partition\na.jpg,0",
        "a.jpg 0\r",
        "1\na.jpg 0\n",
        "./a.jpg   0  \n\n",
    ],
)
def test_a_partition_in_every_form(tmp_path, text):
    (tmp_path / "p").write_bytes(text.encode())
    assert read_partition(tmp_path / "p") == {"a.jpg": "0"}


def test_boxes_labels_and_requests_as_copies_have_them(tmp_path):
    path = tmp_path / "f"
    path.write_text('image_id,x_1,y_1,width,height\n"a, b.jpg",-5,71.5,226,3.13e2\n')
    assert read_boxes(path) == {"a, b.jpg": (-5, 71.5, 226, 313)}
    path.write_text("1\n" + HEADER.replace(" ", ",") + '"a.jpg",0,1,2,3,4\nb.jpg,-1,-1,-1,-1,-1\n')
    assert read_labels(path) == {"a.jpg": (0, 1, 3, 3, 4)}
    record = {"text": "smile", "attribute": "Smiling", "target_score": 3.0, "extra": [None]}
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"a.jpg": record, "b.jpg": {}}).encode())
    assert read_requests(path) == {"a.jpg": record}
    path.write_text("image_id,identity\na.jpg,2880\n")
    assert read_identities(path) == {"a.jpg": "2880"}


# --- files that do not belong to the images ------------------------------------------------------


@pytest.fixture
def entry(tmp_path):
    (tmp_path / "i").mkdir()
    for i in range(3):
        Image.new("RGB", (178, 218), (i, 0, 0)).save(tmp_path / f"i/{i}.png")
    return {
        "source": "folder", "path": str(tmp_path / "i"), "resolution": 16, "images": {"test": 1},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("{}.png 200 0 60 60", "line . names|lies outside"),
        ("{}.png 95 71 226 313", "line {n}: the box of {i}.png .* lies outside .*before they were"),
        ("{}.png 0 0 1e5 1e5", "lies outside"),
        ("{}.png 300 300 20 20", "lies outside"),
    ],
)
def test_boxes_of_other_pictures_are_refused_before_any_job(entry, tmp_path, rows, expected):
    boxes = tmp_path / "boxes.txt"
    boxes.write_text("".join(rows.format(i) + "\n" for i in range(3)))
    said = refusal(choose_images, "mine", entry | {"boxes": str(boxes)}, 1)
    n = int(re.search("line ([0-9]+)", said)[1])
    assert re.search(expected.format(n=n, i=n - 1), said) and str(boxes) in said


def test_boxes_of_the_images_before_alignment_are_seen_in_the_rows_of_others(entry, tmp_path):
    rows = "0.png 10 10 50 50\n1.png 10 10 50 50\n2.png 10 10 50 50\n"
    boxes = tmp_path / "boxes.txt"
    boxes.write_text(rows)
    choose_images("mine", entry | {"boxes": str(boxes)}, 1)
    boxes.write_text(rows + "3.png 95 71 226 313\n")
    said = refusal(choose_images, "mine", entry | {"boxes": str(boxes)}, 1)
    assert "line 4: the box of 3.png" in said and "img_celeba" in said


def test_no_image_named_by_the_files_is_said(entry, tmp_path):
    (tmp_path / "p").write_text("other.jpg 0\n")
    for key in ("partition", "identities"):
        said = refusal(choose_images, "mine", entry | {key: str(tmp_path / "p")}, 1)
        assert "0 of 3 images can be used" in said


def test_files_that_changed_since_the_images_were_chosen(tmp_path, entry):
    (tmp_path / "l").write_text(HEADER + "a.jpg 0 1 2 3 4\n")
    (tmp_path / "r").write_text('{"a.jpg": {"attribute": "Bangs", "target_score": 0, "text": "x"}}')
    labels, requests = {"labels": str(tmp_path / "l")}, {"requests": str(tmp_path / "r")}
    assert "no labels of b.jpg any more" in refusal(published_degrees, ["b.jpg"], labels)
    for name in ("a.jpg", "b.jpg"):
        said = refusal(instructions_for, [name], torch.zeros(1, 5), requests, "mine", "test", 1)
        assert f"asks nothing of {name} any more" in said


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"train": []}', "\x00", "[" * 10_000])
def test_a_division_that_is_none_is_named(tmp_path, content):
    (tmp_path / "files.json").write_text(content)
    assert "which images are in test" in refusal(read_division, tmp_path / "files.json", "test")
