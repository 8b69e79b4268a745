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
import functools, sys, torch, yaml
from editable_deepsc.channel.fading import Channel
from editable_deepsc.channel.power import mean_power
from editable_deepsc.codecs.build import build_codec
from editable_deepsc.data.draw import draw_faces
from editable_deepsc.editing.editor import EditSettings
from editable_deepsc.editing.inversion import InversionRecipe
from editable_deepsc.editing.matching import MatchingRecipe
from editable_deepsc.networks.jecc import SemanticFields
from editable_deepsc.networks.perceptual import lpips_to
from editable_deepsc.networks.weights import load_bundled
from editable_deepsc.systems.build import SystemNetworks, build_system
from editable_deepsc.systems.names import parse_system

config = yaml.safe_load(open(sys.argv[1]))
images = draw_faces(3)
sentences = ["make the bangs longer", "add a wide smile", "make him younger"]
networks = SystemNetworks(
    generator=load_bundled("generator"), predictor=load_bundled("predictor"),
    fields=SemanticFields().eval(), text_encoder=load_bundled("text_encoder"),
    perceptual=functools.partial(lpips_to, load_bundled("perceptual")),
)
settings = EditSettings(
    InversionRecipe(iterations=2, rate=0.25, perceptual_weight=0.1, start="searched", noise=0.5),
    MatchingRecipe(max_steps=1, step_size=0.5),
)
done = []
for name in config["sweep"]["systems"]:
    codec_name = parse_system(name).codec
    if codec_name is None:
        continue
    codec = build_codec(codec_name, 64, config["codecs"][codec_name])
    system = build_system(name, networks, codec, settings, snr_db=12.0)
    torch.testing.assert_close(mean_power(system.transmit(images, sentences)), torch.ones(3))
    for channel in (Channel(), Channel("rayleigh")):
        delivery = system.deliver(images, sentences, channel)
        assert delivery.cbr == 1 / 16
        assert delivery.images.shape == images.shape and delivery.images.abs().max() <= 1
        assert not delivery.outage.any()
    done.append(name)
plain = build_codec("uncoded", 64, {})
decoded = plain.decode(plain.encode(images, 30.0), 30.0).images
assert (decoded - images).square().mean() < 4 * 10**-1.5
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
