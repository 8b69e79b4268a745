"""The pages on a codec, a channel, a system and a data set of one's own, followed to the letter
in a copy of the repository.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .pages import ROOT, change_sources, commands, files, scripts, write_files

DOCS = ROOT / "docs"
CODEC, CHANNEL, SYSTEM = (DOCS / f"add-a-{what}.md" for what in ("codec", "channel", "system"))
DATA_SET = DOCS / "your-data-set.md"

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


FADING = """
import torch
import editable_deepsc as ed

channel, rng = ed.Channel("nakagami"), torch.Generator().manual_seed(0)
gains = channel.coefficients(200_000, rng).abs().square()
assert abs(gains.mean() - 1) < 0.01  # E|h|^2 = 1
assert abs(gains.var() - 1 / 2) < 0.01  # 1/m; Rayleigh's is 1
images = ed.draw_faces(2)
for name in ("editable_deepsc", "talk2edit+jpeg_ldpc"):
    system = ed.load_system(name, snr_db=18)
    prepared = images
    if system.name.codec is None:
        prepared = system.editor.generator.mapping(torch.randn(2, 128, generator=rng))
    for csi in ("perfect", "absent"):
        received = system.receive(*ed.Channel("nakagami", csi)(system.send(prepared), 18.0, rng))
        assert received.images.shape == images.shape and received.images.abs().max() <= 1
print("sent")
"""


ENDS = """
import torch
from editable_deepsc.channel.power import mean_power
from editable_deepsc.networks.jecc import ChannelAdapters
from editable_deepsc.networks.weights import load_bundled
from editable_deepsc.systems.build import SystemNetworks, build_receiver, build_transmitter

name, rng = "editable_deepsc_digital", torch.Generator().manual_seed(0)
networks = SystemNetworks(
    generator=load_bundled("generator"), adapters={12.0: ChannelAdapters().eval()}
)
latents = networks.generator.mapping(torch.randn(3, 128, generator=rng))
transmitter, receiver = build_transmitter(name, networks), build_receiver(name, networks)
symbols = transmitter.send(latents, 12.0)
torch.testing.assert_close(mean_power(symbols), torch.ones(3))
decoded = receiver.receive(symbols, 40.0)
assert not decoded.outage.any()
exact = networks.generator.synthesis(latents).clamp(-1, 1)
assert (decoded.images - exact).square().mean() < 0.01  # four bits a number are enough
assert receiver.receive(torch.randn(symbols.shape, generator=rng), 0.0).outage.all()
print(transmitter.dims_per_use)
"""


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of the repository, as far as the pages change it."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow")
    for name in ("Snakefile", "config.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def run(folder: Path, *arguments: str) -> str:
    """What a Python that starts anew, with the copy's sources, prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_following_the_page_gives_two_systems_of_a_codec(copy):
    write_files(CODEC, copy)
    change_sources(CODEC, copy)
    done = run(copy, "-c", BOTH_WAYS, "workflow/configs/uncoded.yaml")
    assert done.split() == ["talk2edit+uncoded", "uncoded+talk2edit"]


def test_a_contributor_writes_less_than_sixty_lines():
    written = [line for text in files(CODEC).values() for line in text.splitlines()]
    assert len(written) + len(commands(CODEC)) < 60
    overlay = yaml.safe_load(files(CODEC)["workflow/configs/uncoded.yaml"])
    assert set(overlay) <= set(yaml.safe_load((ROOT / "config.yaml").read_text()))


def test_following_the_page_gives_every_system_a_fading(copy):
    overlay = "workflow/configs/nakagami.yaml"
    write_files(CHANNEL, copy)
    refused = subprocess.run(
        [sys.executable, "-m", "snakemake", "-n", "--configfile", overlay],
        cwd=copy,
        capture_output=True,
        text=True,
    )
    assert refused.returncode and "nakagami" in refused.stdout  # before step 2 nobody knows it
    change_sources(CHANNEL, copy)
    assert run(copy, "-c", FADING).split() == ["sent"]
    run(copy, "-m", "snakemake", "-n", "--quiet", "all", "--configfile", overlay)


def test_following_the_page_gives_a_system_of_two_ends(copy):
    write_files(SYSTEM, copy)
    change_sources(SYSTEM, copy)
    assert run(copy, "-c", ENDS).split() == ["2"]
    lines = run(copy, "-c", "\n".join(scripts(SYSTEM))).splitlines()
    assert len(lines) == 6
    analogue, digital = lines[::2], lines[1::2]
    assert all("128 uses, 0 of 4" in line for line in analogue)
    assert "4 of 4 lost" in digital[0] and "0 of 4 lost" in digital[-1]  # a cliff between
    overlay = "workflow/configs/digital_latent.yaml"
    plan = run(copy, "-m", "snakemake", "-n", "--configfile", overlay)
    assert "editable_deepsc_digital" in plan


def test_following_the_page_takes_a_folder_of_photographs(
    tmp_path, copy, photograph_folder, warm_python, monkeypatch
):
    shutil.copytree(photograph_folder, copy / "photographs")
    write_files(DATA_SET, copy)
    for command in commands(DATA_SET):
        whole = "sweep" in command  # an hour: planned; the others are run
        arguments = shlex.split(command)[1:] + (["-n"] if whole else [])
        done = subprocess.run(
            [str(warm_python), "-m", "snakemake", "--nolock", *arguments],
            cwd=copy,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{command}: {done.stdout} {done.stderr}"
        if whole:
            assert "transmit" in done.stdout and "mine" in done.stdout
    monkeypatch.chdir(copy)
    exec(compile("\n".join(scripts(DATA_SET)), DATA_SET.name, "exec"), {"__name__": "page"})
    assert (copy / "first.png").is_file()
    assert (copy / "results/data/mine/files.json").is_file()
