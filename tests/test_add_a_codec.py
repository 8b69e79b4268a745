"""docs/add-a-codec.md, followed to the letter in a copy of the package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/add-a-codec.md").read_text()

BOTH_WAYS = """
import sys, functools, torch, yaml
from editable_deepsc.channel.fading import Channel
from editable_deepsc.channel.power import mean_power
from editable_deepsc.codecs import find_codec
from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.seeds import seeded
from editable_deepsc.editing.editor import Editor, EditSettings
from editable_deepsc.evaluation.distances import embedded_lpips
from editable_deepsc.networks.jecc import SemanticFields
from editable_deepsc.networks.perceptual import lpips_to
from editable_deepsc.networks.weights import load_bundled
from editable_deepsc.systems.names import parse_system
from editable_deepsc.systems.separate import CodecReceiver, CodecTransmitter
from editable_deepsc.systems.wire import channel_cost

config = yaml.safe_load(open(sys.argv[1]))
images, sentences = render(sample_faces(3, seeded("page")), 64), ["make the bangs longer", "add a wide smile", "make him younger"]
editor = Editor(load_bundled("generator"), load_bundled("predictor"), SemanticFields().eval(), load_bundled("text_encoder"),
                functools.partial(lpips_to, embedded_lpips(load_bundled("perceptual"))), EditSettings(iterations=2, max_steps=1))
done = []
for name in map(parse_system, config["sweep"]["systems"]):
    if name.codec is None:
        continue
    options = dict(config["codecs"][name.codec])
    codec = find_codec(options.pop("kind"))(64, **options)
    transmitter = CodecTransmitter(codec, editor if name.edits_at == "transmitter" else None)
    receiver = CodecReceiver(codec, editor if name.edits_at == "receiver" else None)
    symbols = transmitter.send(transmitter.prepare(images, sentences, seeded("page")), 12.0)
    torch.testing.assert_close(mean_power(symbols), torch.ones(3))
    assert channel_cost(symbols, codec.dims_per_use, 64)["cbr"] == 1 / 16
    for channel in (Channel(), Channel("rayleigh")):
        received, seen_db = channel(symbols, 12.0, seeded("page"))
        decoded = receiver.receive(received, seen_db, sentences if receiver.needs_sentences else None, seeded("page"))
        assert decoded.images.shape == images.shape and decoded.images.abs().max() <= 1 and not decoded.outage.any()
    done.append(name.name)
plain = find_codec("uncoded")(64)
assert (plain.decode(plain.encode(images, 30.0), 30.0).images - images).square().mean() < 4 * 10**-1.5
print(*done)
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_following_the_page_gives_two_systems(tmp_path):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow")
    for block in blocks("python") + blocks("yaml"):
        (tmp_path / block.splitlines()[0].removeprefix("# ")).write_text(block)
    for block in blocks("bash"):
        subprocess.run(["bash", "-ec", block], cwd=tmp_path, check=True)
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "src")}
    run = subprocess.run(
        [sys.executable, "-c", BOTH_WAYS, "workflow/configs/uncoded.yaml"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["talk2edit+uncoded", "uncoded+talk2edit"]


def test_a_contributor_writes_less_than_sixty_lines():
    written = [
        line
        for language in ("python", "bash", "yaml")
        for block in blocks(language)
        for line in block.splitlines()
    ]
    assert len(written) < 60
    assert set(yaml.safe_load(blocks("yaml")[0])) <= set(
        yaml.safe_load((ROOT / "config.yaml").read_text())
    )
