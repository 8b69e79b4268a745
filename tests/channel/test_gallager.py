"""Bundled parity checks: those that pyldpc draws, found where needed, refused if damaged."""

from __future__ import annotations

import shutil
import sys

import pytest
import torch

from editable_deepsc.channel import gallager
from editable_deepsc.channel.gallager import GallagerCode, draw_code, mother_code, read_code
from editable_deepsc.channel.link import DigitalLink
from editable_deepsc.networks.manifest import BUNDLED, codes

NAMES = sorted(codes())


def code_of(name: str) -> GallagerCode:
    return GallagerCode(*(int(number) for number in name.split("-")[1:]))


@pytest.mark.parametrize("bits", [0.35 * 64**2, 0.10 * 128**2, 0.35 * 128**2, 0.10 * 1024**2])
def test_the_codes_of_the_experiments_are_bundled(bits):
    assert DigitalLink(bits).code.name in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_bundled_code_is_the_one_that_is_drawn(name):
    pytest.importorskip("pyldpc")
    entry, code = codes()[name], code_of(name)
    assert code.name == name
    checks, generator = read_code(BUNDLED / entry["file"], entry["sha256"])
    drawn, its_generator = draw_code(code)
    assert checks.dtype == drawn.dtype and (checks == drawn).all()
    assert generator.dtype == its_generator.dtype and torch.equal(generator, its_generator)


@pytest.fixture
def without_pyldpc(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyldpc", None)
    mother_code.cache_clear()
    yield
    mother_code.cache_clear()


def test_the_default_link_needs_no_pyldpc(without_pyldpc):
    link = DigitalLink(0.35 * 64**2)
    bits = torch.ones(2, link.payload_bits, dtype=torch.uint8)
    decoded, ok = link.demodulate(link.modulate(bits), 60)
    assert ok.all() and torch.equal(decoded, bits)


def test_a_code_that_is_not_bundled_asks_for_pyldpc_in_one_sentence(without_pyldpc):
    link = DigitalLink(500)
    with pytest.raises(ValueError, match=r"length 672, d_v=3, d_c=12.*\[gallager\]") as error:
        link.modulate(torch.zeros(1, link.payload_bits, dtype=torch.uint8))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("damage", ["missing", "truncated", "altered"])
def test_a_damaged_code_is_refused(tmp_path, damage, monkeypatch):
    name = NAMES[0]
    entry = codes()[name]
    path = tmp_path / entry["file"]
    path.parent.mkdir()
    if damage != "missing":
        shutil.copyfile(BUNDLED / entry["file"], path)
        content = path.read_bytes()
        end = b"" if damage == "truncated" else bytes([content[-1] ^ 1])
        path.write_bytes(content[:-1] + end)
    monkeypatch.setattr(gallager, "BUNDLED", tmp_path)
    mother_code.cache_clear()
    with pytest.raises(ValueError, match=f"{path.name} is missing, truncated or altered"):
        mother_code(*code_of(name))
    mother_code.cache_clear()
