"""Weight files that are wrong: each refused in its sentence, before memory is taken."""

from __future__ import annotations

import json
import os
import re
import resource
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save, save_file

from editable_deepsc.networks.manifest import sha256
from editable_deepsc.networks.published import read
from editable_deepsc.networks.weights import KINDS, load_network


@pytest.fixture(autouse=True)
def nothing_runs(tmp_path, monkeypatch):
    """In an empty folder in which nothing may explode, with little memory to take."""
    monkeypatch.chdir(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert not (tmp_path / "exploded").exists()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000  # KB


def refusal(call, *args, **options) -> str:
    with pytest.raises(ValueError) as error:
        call(*args, **options)
    sentence = str(error.value)
    assert "\n" not in sentence and len(sentence) < 800 and sentence.isprintable()
    return sentence


# --- what is no file of weights ------------------------------------------------------------------

HTML = (
    b"<!DOCTYPE html>\n<html><head><title>Google Drive - Virus scan warning</title></head></html>"
)
SIGNS = {
    "html": (HTML, "a web page"),
    "html in capitals": (b"\r\n <HTML><BODY>", "a web page"),
    "html with bom": (b"\xef\xbb\xbf<!doctype HTML>", "a web page"),
    "comment before html": (b"<!-- saved -->\n<html>", "a web page"),
    "xml": (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "an XML message"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 9\n", "Git LFS"),
    "gzip": (b"\x1f\x8b\x08" + bytes(99), "packed by gzip: unpack it"),
    "bzip2": (b"BZh91AY&SY", "packed by bzip2"),
    "xz": (b"\xfd7zXZ\x00" + bytes(99), "packed by xz"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(99), "packed by 7-Zip"),
    "rar": (b"Rar!\x1a\x07" + bytes(99), "packed by RAR"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(99), "HDF5"),
    "numpy": (b"\x93NUMPY\x01\x00" + bytes(99), "an array of numpy"),
    "gguf": (b"GGUF" + bytes(99), "GGUF"),
    "pdf": (b"%PDF-1.4", "a PDF"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(99), "a picture"),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(99), "a picture"),
    "elf": (b"\x7fELF" + bytes(99), "a program"),
    "json": (b'{"message": "Not Found"}', "text in JSON"),
    "zeros": (bytes(5000), "filled with zeros"),
    "empty": (b"", "empty"),
    "yaml": (b"seed: 1\nprecision: float32\n", "not a whole"),
    "text": (b"dear reader, these are no weights", "not a whole"),
    "noise": (np.random.default_rng(0).bytes(5000), "not a whole"),
    "tar": (b"data.pkl".ljust(257, b"\0") + b"ustar\x0000" + bytes(300), "not a whole"),
    "python": (b"import os\nos.system('touch exploded')\n", "not a whole"),
}
READERS = {
    "safetensors": load_network,
    "checkpoint": lambda path: read(path, "talk2edit-field"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", SIGNS)
def test_what_is_no_file_of_weights_is_called_what_it_is(tmp_path, reader, name):
    content, expected = SIGNS[name]
    (tmp_path / "w.pth").write_bytes(content)
    said = refusal(READERS[reader], tmp_path / "w.pth")
    assert "w.pth" in said and "not a whole" in said and expected in said


def sparse(path):
    with open(path, "wb") as file:
        file.truncate(1 << 40)


PLACES = {
    "missing": (lambda p: None, "does not exist"),
    "folder": (Path.mkdir, "is a folder"),
    "fifo": (os.mkfifo, "is a pipe"),
    "device": (lambda p: p.symlink_to("/dev/zero"), "is a pipe, a socket or a device"),
    "loop": (lambda p: p.symlink_to(p.name), "cannot be read"),
    "sparse": (sparse, "1,099,511,627,776 bytes, more than 4,000,000,000"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("place", PLACES)
def test_what_is_no_file_is_never_waited_for(tmp_path, reader, place):
    PLACES[place][0](tmp_path / "w.pth")
    assert PLACES[place][1] in refusal(READERS[reader], tmp_path / "w.pth")


def test_no_digest_of_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "is a pipe" in refusal(sha256, tmp_path / "pipe")


def test_the_one_format_given_as_the_other(tmp_path):
    torch.save({"a": torch.zeros(2)}, tmp_path / "a.pth")
    save_file({"a": torch.zeros(2)}, tmp_path / "b.safetensors")
    assert "it is of PyTorch; give its format" in refusal(load_network, tmp_path / "a.pth")
    said = refusal(read, tmp_path / "b.safetensors", "talk2edit-field")
    assert "it is a safetensors file" in said


# --- safetensors ---------------------------------------------------------------------------------

SMALL = {"latent": 8, "hidden": 6}


def adapters(**changes) -> bytes:
    """A file of ChannelAdapters with other tensors (``None``: without), kind or config."""
    state = KINDS["ChannelAdapters"](**SMALL).state_dict()
    kind = changes.pop("kind", "ChannelAdapters")
    config = changes.pop("config", json.dumps(SMALL))
    state |= changes.pop("tensors", {})
    return save(
        {name: t for name, t in state.items() if t is not None},
        {"kind": kind, "config": config},
    )


NAME = next(iter(KINDS["ChannelAdapters"](**SMALL).state_dict()))
SHAPE = KINDS["ChannelAdapters"](**SMALL).state_dict()[NAME].shape


def config(**changes) -> bytes:
    return adapters(config=json.dumps(SMALL | changes))


def header(text: bytes, length: int | None = None) -> bytes:
    return struct.pack("<Q", len(text) if length is None else length) + text


def one_nan(value=float("nan"), dtype=torch.float32) -> bytes:
    tensor = torch.zeros(SHAPE, dtype=dtype)
    tensor.view(-1)[-1] = value
    return adapters(tensors={NAME: tensor})


CONFIG = "config that does not fit ChannelAdapters"
SAFETENSORS = {
    "header of 2^63": (header(b"{}", 1 << 63), "a header of 9,223,372,036,854,775,808 bytes"),
    "header of 100 MB": (header(b"{}", 99_999_999), "a header of 99,999,999 bytes"),
    "header beyond the file": (header(b"{}", 500), "a header of 500 bytes"),
    "header of many tensors": (header(b" " * 2_000_000), "a header of 2,000,000 bytes"),
    "header of nothing": (header(b""), "not a whole safetensors file"),
    "header no json": (header(b"{nonsense"), "not a whole"),
    "header a list": (header(b"[]"), "not a whole"),
    "header deep": (header(b'{"a":' * 5000 + b"1" + b"}" * 5000), "not a whole"),
    "header deep list": (header(b"[" * 100_000), "not a whole"),
    "a tensor of a terabyte": (
        header(b'{"x":{"dtype":"F32","shape":[274877906944],"data_offsets":[0,1099511627776]}}'),
        "not a whole",
    ),
    "a shape that overflows": (
        header(b'{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}')
        + bytes(4),
        "not a whole",
    ),
    "a shape below zero": (
        header(b'{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}') + bytes(4),
        "not a whole",
    ),
    "offsets that overlap": (
        header(
            b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
            b'"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
        )
        + bytes(4),
        "not a whole",
    ),
    "no tensors": (header(b"{}"), "holds no named network"),
    "half": (adapters()[:-40], "not a whole"),
    "longer": (adapters() + bytes(40), "not a whole"),
    "of another kind": (adapters(kind="Unknown"), "holds Unknown, expected one of"),
    "of a kind of many lines": (adapters(kind="a\nb\x1b"), "holds a"),
    "of a kind of a megabyte": (adapters(kind="a" * 300_000), "holds a{100}, expected"),
    "no config": (adapters(config=""), CONFIG),
    "config no json": (adapters(config="{"), CONFIG),
    "config a list": (adapters(config="[]"), "it is no table of arguments"),
    "config a number": (adapters(config="3"), "it is no table of arguments"),
    "config deep": (adapters(config="[" * 100_000), "nested too deeply"),
    "config deep table": (adapters(config='{"a":' * 100_000), "nested too deeply"),
    "config twice": (adapters(config='{"latent": 8, "latent": 9}'), "stands there twice"),
    "config NaN": (adapters(config='{"latent": NaN, "hidden": 6}'), "NaN is no number"),
    "config infinite": (adapters(config='{"latent": 1e999, "hidden": 6}'), "too large"),
    "config of a terabyte": (config(latent=1 << 40), "latent is 1099511627776"),
    "config of 2^63": (config(hidden=1 << 63), "hidden is"),
    "config below zero": (config(hidden=-6), CONFIG),
    "config of nothing": (config(hidden=0), "does not fit ChannelAdapters"),
    "config of text": (config(hidden="six"), CONFIG),
    "config of null": (config(hidden=None), CONFIG),
    "config of a list": (config(hidden=[6]), CONFIG),
    "config of many": (config(hidden=[6] * 1000), "has 1000 numbers"),
    "config of words": (config(hidden=["a"] * 110_000), "hidden is"),
    "config of tables": (config(hidden={"a": {}}), "hidden is"),
    "config of half": (config(hidden=6.5), CONFIG),
    "config with more": (config(surprise=1), CONFIG),
    "config as large as may be": (config(latent=4096, hidden=4096), "has shape .*, expected"),
    "another config": (config(hidden=7), "has shape .*, expected"),
    "NaN": (one_nan(), "holds NaN or infinite values"),
    "infinity": (one_nan(float("inf")), "holds NaN or infinite values"),
    "NaN in 16 bits": (one_nan(dtype=torch.float16), "holds NaN or infinite"),
    "too large for floats": (one_nan(1e300, torch.float64), "holds NaN or infinite"),
    "whole numbers": (one_nan(1, torch.int64), "is of int64"),
    "bytes": (one_nan(1, torch.uint8), "is of uint8"),
    "truths": (one_nan(True, torch.bool), "is of bool"),
    "one missing": (adapters(tensors={NAME: None}), "has shape None, expected"),
    "one more": (adapters(tensors={"x": torch.zeros(1)}), "'x' has no place in it"),
    "one reshaped": (adapters(tensors={NAME: torch.zeros(3, 5)}), "has shape \\[3, 5\\]"),
    "one of nothing": (adapters(tensors={NAME: torch.zeros(0)}), "has shape \\[0\\]"),
}


@pytest.mark.parametrize("name", SAFETENSORS)
def test_a_bad_safetensors_file_is_refused(tmp_path, name):
    content, expected = SAFETENSORS[name]
    (tmp_path / "w.safetensors").write_bytes(content)
    said = refusal(load_network, tmp_path / "w.safetensors")
    assert re.search(expected, said), said


def test_deep_networks_are_refused_before_they_are_built(tmp_path):
    state = KINDS["SemanticFields"](8, 6, 2).state_dict()
    for layers, expected in (
        (10**9, "layers is 1000000000"),
        (64, "expected"),
        (65, "layers is 65"),
    ):
        metadata = {"kind": "SemanticFields", "config": json.dumps(SMALL | {"layers": layers})}
        save_file(state, tmp_path / "w.safetensors", metadata)
        assert expected in refusal(load_network, tmp_path / "w.safetensors")


def test_loading_draws_the_same_random_numbers_as_building(tmp_path):
    """A caller's own draws do not depend on how a file is checked."""
    (tmp_path / "w.safetensors").write_bytes(adapters())
    torch.manual_seed(3)
    KINDS["ChannelAdapters"](**SMALL)
    expected = torch.rand(1)
    torch.manual_seed(3)
    load_network(tmp_path / "w.safetensors")
    assert torch.rand(1) == expected
