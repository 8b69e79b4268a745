"""Checkpoints of PyTorch that are wrong or wicked: each refused in its sentence, before memory is
taken, and never run; and what training scripts leave beside right weights.
"""

from __future__ import annotations

import argparse
import collections
import io
import json
import pickle
import re
import resource
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from editable_deepsc.networks.published import pickles, read, stylegan2

from . import published_files as files
from .test_bad_weights import refusal

PROTO = b"\x80\x02"
BARE = "not a whole PyTorch checkpoint"
CODE = "holds code or objects beside its tensors"


@pytest.fixture(autouse=True)
def nothing_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(stylegan2, "DRAWS", 64)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert not (tmp_path / "exploded").exists()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000  # KB


def zipped(pickled: bytes, packed=zipfile.ZIP_STORED, root="archive", **parts: bytes) -> bytes:
    """A checkpoint of today's format with any pickle and any parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as archive:
        archive.writestr(f"{root}/data.pkl", pickled)
        archive.writestr(f"{root}/version", b"3\n")
        for name, content in parts.items():
            archive.writestr(f"{root}/{name.replace('__', '/')}", content)
    return out.getvalue()


def legacy(pickled: bytes, storages: bytes = b"") -> bytes:
    """A checkpoint of the format before version 1.6."""
    head = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}]
    start = b"".join(pickle.dumps(value, 2) for value in head)
    return start + pickled + pickle.dumps(["0"], 2) + storages


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def whole(value: int) -> bytes:
    content = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(content)]) + content


def call(name: str, *arguments: bytes) -> bytes:
    """A pickle that calls a global."""
    module, _, function = name.rpartition(".")
    return PROTO + f"c{module}\n{function}\n".encode() + b"(" + b"".join(arguments) + b"tR."


def tensor(elements: int, shape: tuple[int, ...] = (1,), kind="FloatStorage") -> bytes:
    """A pickle of {"field": tensor} on a storage that claims so many elements."""
    stride = b"(" + b"K\x00" * len(shape) + b"t"
    identity = b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text("0") + text("cpu")
    identity += whole(elements) + b"t"
    built = b"ctorch._utils\n_rebuild_tensor_v2\n(" + identity + b"Q" + b"K\x00("
    built += b"".join(map(whole, shape)) + b"t" + stride + b"\x89ccollections\nOrderedDict\n)RtR"
    return PROTO + b"}" + text("field") + built + b"s."


def legacy_tensor(elements: int) -> bytes:
    return tensor(elements).replace(whole(elements) + b"tQ", whole(elements) + b"NtQ")


DEEP = b")" + b"\x85" * 200_000
WIDE = b")" + b"\x86".join(b"q" + bytes([i]) + b"h" + bytes([i]) for i in range(60)) + b"\x86"
GLOBALS = [
    "posix.system", "os.system", "builtins.eval", "builtins.exec", "builtins.__import__",
    "builtins.getattr", "builtins.open", "subprocess.Popen", "shutil.rmtree", "torch.load",
    "torch.hub.load", "torch.nn.modules.linear.Linear", "torch._utils._rebuild_sparse_tensor",
    "torch._utils._rebuild_meta_tensor_no_storage", "torch._utils._rebuild_wrapper_subclass",
    "torch._tensor._rebuild_from_type_v2", "torch.FloatTensor", "torch.Tensor",
    "builtins.bytearray", "collections.Counter", "collections.defaultdict", "numpy.ndarray",
    "numpy.core.multiarray._reconstruct", "omegaconf.dictconfig.DictConfig", "easydict.EasyDict",
    "pathlib.PosixPath", "functools.partial", "torch.storage._load_from_bytes",
]  # fmt: skip
CHECKPOINTS = {
    **{name: (zipped(call(name, text("touch exploded"))), CODE) for name in GLOBALS},
    **{
        f"{name}, old": (legacy(call(name, text("touch exploded"))), CODE)
        for name in ("posix.system", "builtins.bytearray", "torch.FloatTensor", "torch.Tensor")
    },
    "a terabyte of bytes": (zipped(call("builtins.bytearray", whole(1 << 40))), CODE),
    "a terabyte of floats": (zipped(call("torch.FloatStorage", whole(1 << 38))), BARE),
    "a storage of a terabyte": (zipped(tensor(1 << 38), data__0=bytes(4)), "storage is larger"),
    "a storage of one too many": (zipped(tensor(2), data__0=bytes(4)), "storage is larger"),
    "a storage below zero": (zipped(tensor(-1), data__0=bytes(4)), CODE),
    "a storage that is not there": (zipped(tensor(1)), "storage is larger"),
    "a storage of unknown kind": (zipped(tensor(1, kind="QInt8Storage"), data__0=b"a"), CODE),
    "an old storage of a terabyte": (legacy(legacy_tensor(1 << 38)), "storages are larger"),
    "an old storage of 2^62": (legacy(legacy_tensor(1 << 62)), "storages are larger"),
    "an old storage that is not there": (legacy(legacy_tensor(50)), "storages are larger"),
    "identity of a number": (zipped(PROTO + b"K\x05Q."), CODE),
    "identity of a module": (zipped(PROTO + text("module") + b"\x85Q."), CODE),
    "a deep tuple as key": (zipped(PROTO + b"}" + DEEP + b"K\x01s."), "too large or too deep"),
    "a tuple of 2^60": (zipped(PROTO + b"}" + WIDE + b"K\x01s."), "too large or too deep"),
    "an old deep tuple": (legacy(PROTO + b"}" + DEEP + b"K\x01s."), "too large or too deep"),
    "deep lists": (zipped(PROTO + b"]" * 50_000 + b"a" * 49_999 + b"."), "holds a list"),
    "too many steps": (zipped(PROTO + b"N0" * 1_100_000 + b"N."), "too long|takes the step"),
    "text of 4 GB": (zipped(PROTO + b"X\xff\xff\xff\xff" + b"a."), "pickle is too large"),
    "old text of 4 GB": (legacy(PROTO + b"X\xff\xff\xff\xff" + b"a."), "pickle is too large"),
    "a global without end": (zipped(PROTO + b"c" + b"a" * 9999), BARE),
    "protocol 4": (zipped(pickle.dumps({"a": 1}, 4)), "pickle protocol 4, not 2"),
    "protocol 5": (zipped(pickle.dumps({"a": 1}, 5)), "pickle protocol 5, not 2"),
    "protocol 0": (zipped(pickle.dumps({"a": 1}, 0)), CODE),
    "no end": (zipped(PROTO + b"}"), BARE),
    "nothing on the stack": (zipped(PROTO + b"."), BARE),
    "a mark too few": (zipped(PROTO + b"t."), BARE),
    "a mark too many": (zipped(PROTO + b"K\x01(\x86."), BARE),
    "a memo that is not there": (zipped(PROTO + b"h\x07."), BARE),
    "an empty pickle": (zipped(b""), BARE),
    "a ZIP bomb": (zipped(bytes(20_000_000), zipfile.ZIP_DEFLATED), "it is packed"),
    "a ZIP bomb beside": (
        zipped(tensor(1), zipfile.ZIP_DEFLATED, data__0=bytes(50_000_000)), "it is packed",
    ),
    "packed by bzip2": (zipped(tensor(1), zipfile.ZIP_BZIP2, data__0=bytes(99)), "it is packed"),
    "packed by lzma": (zipped(tensor(1), zipfile.ZIP_LZMA, data__0=bytes(99)), "it is packed"),
    "TorchScript": (zipped(tensor(1), constants__pkl=b"", **{"constants.pkl": b"x"}), "program in"),
    "another ZIP": (zipped(b"").replace(b"data.pkl", b"data.txt"), "archive of something else"),
    "half a ZIP": (zipped(tensor(1), data__0=bytes(4))[:200], BARE),
    "two pickles": (zipped(tensor(1), **{"sub__data.pkl": b"x"}), "archive of something else"),
    "a ZIP of no entries": (b"PK\x03\x04" + b"PK\x05\x06" + bytes(18), BARE),
    "a list": (zipped(pickle.dumps([1], 2)), "holds a list"),
    "a number": (zipped(pickle.dumps(3, 2)), "holds a int"),
    "nothing": (zipped(pickle.dumps(None, 2)), "holds a NoneType"),
    "an empty dictionary": (zipped(pickle.dumps({}, 2)), "has no 'state_dict'; it has nothing"),
    "no tensors": (zipped(pickle.dumps({"epoch": 3}, 2)), "has no 'state_dict'; it has 'epoch'"),
    "numbers as names": (zipped(tensor(1).replace(text("field"), b"K\x07"), data__0=bytes(4)),
                         "no name of a tensor"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_a_bad_checkpoint_is_refused(tmp_path, name):
    content, expected = CHECKPOINTS[name]
    (tmp_path / "field.pth").write_bytes(content)
    said = refusal(read, tmp_path / "field.pth", "talk2edit-field")
    assert re.search(expected, said) and "field.pth" in said, said


def test_the_ones_of_hand_are_right_where_they_are_not_wrong(tmp_path):
    """So that the refusals above are for their own reason."""
    for content in (zipped(tensor(1), data__0=bytes(4)), legacy(legacy_tensor(0))):
        (tmp_path / "f").write_bytes(content)
        pickles.check_checkpoint(tmp_path / "f")
    (tmp_path / "f").write_bytes(zipped(tensor(1), data__0=bytes(4)))
    assert "lacks 'field.0.Linear.weight'" in refusal(read, tmp_path / "f", "talk2edit-field")


def field(**changes) -> dict:
    return files.hollow(files.field()) | changes


LAST = "field.7.Linear.bias"
STATES = {
    "NaN": (field(**{LAST: torch.full((512,), float("nan"))}), "holds NaN or infinite values"),
    "infinity": (field(**{LAST: torch.full((512,), float("-inf"))}), "holds NaN or infinite"),
    "too large": (
        field(**{LAST: torch.full((512,), 1e300, dtype=torch.float64)}),
        "holds NaN or infinite",
    ),
    "NaN in 16 bits": (field(**{LAST: torch.full((512,), float("nan")).half()}), "holds NaN"),
    "whole numbers": (field(**{LAST: torch.zeros(512).long()}), "values of int64, expected floats"),
    "bytes": (field(**{LAST: torch.zeros(512).byte()}), "values of uint8"),
    "truths": (field(**{LAST: torch.zeros(512).bool()}), "values of bool"),
    "complex": (field(**{LAST: torch.zeros(512) + 1j}), "values of complex64"),
    "a number": (field(**{LAST: 3.0}), "lacks 'field.7.Linear.bias'"),
    "wider": (field(**{LAST: torch.zeros(513)}), "has shape \\[513\\], expected \\[512\\]"),
    "scalar": (field(**{LAST: torch.zeros(())}), "has shape \\[\\]"),
    "two networks": ({"state_dict": field(), "ema": field()}, "has 'ema' beside 'state_dict'"),
    "half a network": ({"state_dict": {LAST: torch.zeros(512)}}, "lacks"),
    "names of numbers": ({"state_dict": {0: torch.zeros(1)}}, "no name of a tensor"),
}


@pytest.mark.parametrize("name", STATES)
def test_a_state_that_does_not_fit_is_refused(tmp_path, name):
    state, expected = STATES[name]
    torch.save(state, tmp_path / "f.pth")
    assert re.search(expected, refusal(read, tmp_path / "f.pth", "talk2edit-field"))


SIZES = [
    ("stylegan2-generator", {"resolution": "128", "channel_multiplier": 1}, "no published"),
    ("stylegan2-generator", {"resolution": 128, "channel_multiplier": True}, "no published"),
    ("stylegan2-generator", {"resolution": 1 << 40, "channel_multiplier": 1}, "no published"),
    ("stylegan2-generator", {"resolution": [], "channel_multiplier": 1}, "no published"),
    ("stylegan2-discriminator", {"resolution": 128.0, "channel_multiplier": 1}, "no published"),
    ("talk2edit-field", {"layers": 10**9}, "is none; give 2 to 64 layers"),
    ("talk2edit-field", {"hidden": -1}, "is none"),
    ("talk2edit-field", {"hidden": "512"}, "is none"),
    ("talk2edit-field", {"depth": 8}, "unknown: depth"),
    ("talk2edit-fields", {"generator": "g.pt"}, "fields need their generator"),
    ("talk2edit-recogniser", {"gated": "yes"}, "gated is 'yes'"),
    ("talk2edit-language", {"vocabulary": None}, "the vocabulary of a talk2edit-language is None"),
    ("talk2edit-language", {"vocabulary": 5}, "the vocabulary of a talk2edit-language is 5"),
    ("talk2edit-language", {}, "not given: vocabulary"),
    ("oracle", {}, "is unknown"),
    (None, {}, "is unknown"),
    (["talk2edit-field"], {}, "is unknown"),
]


@pytest.mark.parametrize(("format", "sizes", "expected"), SIZES)
def test_sizes_that_no_network_has_are_refused(tmp_path, format, sizes, expected):
    assert expected in refusal(read, tmp_path / "f", format, **sizes)


VOCABULARIES = {
    "deep": ("[" * 100_000, "nested too deeply"),
    "twice": ('{"text_token_to_idx": {"a": 0, "a": 1}}', "stands there twice"),
    "truths": ('{"text_token_to_idx": {"<NULL>": false, "<UNK>": true}}', "numbers its words"),
    "floats": ('{"text_token_to_idx": {"<NULL>": 0.0, "<UNK>": 1.0}}', "numbers its words"),
    "text": ('{"text_token_to_idx": {"<NULL>": "0"}}', "numbers its words"),
    "lists": ('{"text_token_to_idx": {"<NULL>": [0]}}', "numbers its words"),
    "a gap": ('{"text_token_to_idx": {"<NULL>": 0, "<UNK>": 2}}', "numbers its words"),
    "NaN": ('{"text_token_to_idx": {"<NULL>": NaN}}', "NaN is no number"),
    "html": ("<html>Log in</html>", "is not JSON"),
    "empty": ("", "is not JSON"),
}


@pytest.mark.parametrize("name", VOCABULARIES)
def test_a_vocabulary_that_is_none_is_refused(tmp_path, name):
    path = tmp_path / "vocab.json"
    path.write_text(VOCABULARIES[name][0])
    said = refusal(read, tmp_path / "l", "talk2edit-language", vocabulary=path)
    assert VOCABULARIES[name][1] in said and str(path) in said


# --- right ones ----------------------------------------------------------------------------------


@pytest.mark.parametrize("old", [False, True], ids=["zip", "legacy"])
def test_what_training_scripts_leave_is_ignored(tmp_path, old):
    layer = torch.nn.Linear(2, 2)
    optimiser = torch.optim.Adam(layer.parameters())
    layer(torch.ones(1, 2)).sum().backward()
    optimiser.step()
    beside = {
        "best_epoch": 7, "iteration": 800_000, "args": argparse.Namespace(lr=1e-4, names=["a"]),
        "optimizer": optimiser.state_dict(), "losses": [0.5, float("nan")], "note": None,
        "lr_scheduler": {"last_epoch": 7}, "best": np.float64(0.9), "seed": 1 << 70,
        "rng": torch.zeros(8).byte(), "date": "today",
    }  # fmt: skip
    torch.save(
        {"state_dict": collections.OrderedDict(field()), **beside},
        tmp_path / "f.pth",
        _use_new_zipfile_serialization=not old,
    )
    read(tmp_path / "f.pth", "talk2edit-field")
    torch.save(field(best_epoch=7, args=argparse.Namespace(a=1)), tmp_path / "g.pth")
    read(tmp_path / "g.pth", "talk2edit-field")


def test_a_rosinality_file_without_noise_gets_the_same_noise_every_time(tmp_path):
    sizes = {"resolution": 8, "channel_multiplier": 1}
    state = files.hollow(files.generator(8, 1))
    bare = {key: value for key, value in state.items() if not key.startswith("noises.")}
    torch.save(
        {"g_ema": bare, "g": bare, "d": bare, "latent_avg": torch.zeros(512)}, tmp_path / "g"
    )
    first, second = (read(tmp_path / "g", "stylegan2-generator", **sizes) for _ in range(2))
    maps = list(first.noises.buffers())
    assert [tuple(m.shape) for m in maps] == [(1, 1, 4, 4), (1, 1, 8, 8), (1, 1, 8, 8)]
    assert all(map(torch.equal, maps, second.noises.buffers())) and maps[0].std() > 0.5
    del state["noises.noise_1"]
    torch.save({"g_ema": state}, tmp_path / "h")
    assert "lacks 'noises.noise_1'" in refusal(read, tmp_path / "h", "stylegan2-generator", **sizes)


def test_a_vocabulary_with_a_bom_is_read(tmp_path):
    path, kind, sizes = files.save(tmp_path, "language", files.hollow(files.language()))
    content = json.loads(Path(sizes["vocabulary"]).read_text())
    sizes["vocabulary"].write_bytes(b"\xef\xbb\xbf" + json.dumps(content).encode())
    read(path, kind, **sizes)
