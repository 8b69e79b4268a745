"""Packed data sets: zip archives and Parquet files become folders; Kaggle's layout needs none."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from editable_deepsc.data import unpack as module
from editable_deepsc.data.albums import choose_images
from editable_deepsc.data.unpack import unpack


def jpeg(i: int) -> bytes:
    data = io.BytesIO()
    pixels = np.random.default_rng(i).integers(0, 255, (218, 178, 3), np.uint8)
    Image.fromarray(pixels).save(data, "JPEG")
    return data.getvalue()


def archive(path, names):
    with zipfile.ZipFile(path, "w") as packed:
        for i, name in enumerate(names):
            packed.writestr(name, jpeg(i))
    return path


def test_the_aligned_zip_packed_or_not(tmp_path):
    names = [f"img_align_celeba/{i:06}.jpg" for i in range(1, 9)]
    junk = ["readme.txt", "__MACOSX/img_align_celeba/._000001.jpg", ".hidden/x.png"]
    packed = archive(tmp_path / "img_align_celeba.zip", names + junk)
    folder = tmp_path / "img"
    assert unpack(packed, folder) == 8
    found = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    assert found == names
    assert (folder / names[3]).read_bytes() == jpeg(3)
    part = "".join(f"{name.rpartition('/')[2]} {i % 3}\n" for i, name in enumerate(names))
    (tmp_path / "partition.txt").write_text(part)
    entry = {"source": "celeba", "path": str(folder), "images": {"train": 2, "test": 2}}
    chosen = choose_images("c", entry | {"partition": str(tmp_path / "partition.txt")}, 1)
    assert {name for images in chosen.values() for name in images} <= set(names)


def test_a_killed_run_goes_on_where_it_was(tmp_path, monkeypatch):
    packed = archive(tmp_path / "a.zip", [f"{i}.jpg" for i in range(6)])
    written = []
    replace = module.os.replace

    def dies(source, target):
        written.append(str(target))
        if len(written) == 4:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(module.os, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        unpack(packed, tmp_path / "a")
    assert not (tmp_path / "a").exists()
    monkeypatch.setattr(module.os, "replace", lambda s, t: (written.append(str(t)), replace(s, t)))
    assert unpack(packed, tmp_path / "a") == 6
    assert len(written) == 4 + 3 + 1  # three were there already; the folder comes last


@pytest.mark.parametrize("named", [True, False])
def test_parquet_files_as_the_hub_has_them(tmp_path, named):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    for shard in range(2):
        cells = [
            {"bytes": jpeg(4 * shard + i), "path": f"{4 * shard + i + 1:06}.jpg" if named else None}
            for i in range(4)
        ]
        table = arrow.table({"image": cells, "celeb_id": list(range(4))})
        parquet.write_table(table, tmp_path / f"train-{shard}.parquet")
    folder = tmp_path / "out"
    assert unpack(tmp_path, folder) == 8
    assert sorted(p.name for p in folder.iterdir()) == [f"{i:06}.jpg" for i in range(1, 9)]
    assert (folder / "000006.jpg").read_bytes() == jpeg(5)
    assert unpack(tmp_path / "train-1.parquet", tmp_path / "one") == 4


def test_kaggles_folders_and_tables(tmp_path):
    """A folder of its own name inside, CSV files with a header."""
    inner = tmp_path / "img_align_celeba/img_align_celeba"
    inner.mkdir(parents=True)
    rows = []
    for i in range(1, 13):
        (inner / f"{i:06}.jpg").write_bytes(jpeg(i))
        rows.append(f"{i:06}.jpg,{i % 3}\n")
    (tmp_path / "list_eval_partition.csv").write_text("image_id,partition\n" + "".join(rows))
    entry = {
        "source": "celeba",
        "path": str(tmp_path / "img_align_celeba"),
        "partition": str(tmp_path / "list_eval_partition.csv"),
        "images": {"train": 2, "finetune": 1, "test": 3},
    }
    chosen = choose_images("celeba", entry, 1)
    parts = {split: {int(n[-10:-4]) % 3 for n in names} for split, names in chosen.items()}
    assert parts == {"train": {0}, "finetune": {0}, "test": {2}}
    assert all(n.startswith("img_align_celeba/") for names in chosen.values() for n in names)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.zip", b"PK\x03\x04 no zip", "no whole zip archive"),
        ("a.zip", b"", "no whole zip archive"),
        ("a.parquet", b"PAR1 nothing", "no whole Parquet file"),
        ("none.zip", None, "no whole zip archive"),
    ],
)
def test_what_cannot_be_unpacked_is_one_sentence(tmp_path, name, content, words):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=words) as error:
        unpack(tmp_path / name, tmp_path / "out")
    assert str(error.value).startswith("data: ") and "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["../a.jpg"], "outside of its folder"),
        (["/tmp/a.jpg"], "outside of its folder"),
        (["a.jpg", "A.JPG"], "two pictures of the name"),
        (["a.txt"], "holds no pictures"),
    ],
)
def test_names_that_harm_are_refused(tmp_path, names, words):
    with pytest.raises(ValueError, match=words):
        unpack(archive(tmp_path / "a.zip", names), tmp_path / "out")
