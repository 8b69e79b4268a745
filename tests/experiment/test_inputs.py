"""From the input files of a job to objects of the library, and measured times."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.splits import columns, embedded_split
from editable_deepsc.networks.jecc import ChannelAdapters
from editable_deepsc.networks.manifest import BUNDLED
from editable_deepsc.networks.weights import save_network
from experiment import inputs
from experiment.seconds import read_seconds, write_seconds


def job_with(**files) -> SimpleNamespace:
    """What a job is to the functions here: its inputs by name, and a way to read networks."""
    return SimpleNamespace(inputs=files, network=lambda name: inputs.read_network(files[name]))


def test_a_network_from_a_bundled_a_trained_and_an_altered_published_file(tmp_path):
    bundled = inputs.read_network(BUNDLED / "predictor.safetensors")
    assert type(bundled).__name__ == "AttributePredictor" and not bundled.training
    path = tmp_path / "adapters.safetensors"
    save_network(ChannelAdapters(128), path)
    assert isinstance(inputs.read_network(path), ChannelAdapters)
    published = {"format": "talk2edit-predictor", "sha256": "0" * 8}
    with pytest.raises(ValueError, match="does not have the SHA-256 under files in the config"):
        inputs.read_network(path, published)


def test_only_the_networks_among_the_inputs_are_read(tmp_path):
    path = tmp_path / "adapters.safetensors"
    save_network(ChannelAdapters(128), path)
    networks = inputs.system_networks(job_with(adapters=path, data="not read"), 6.0)
    assert list(networks.adapters) == [6.0]
    assert networks.generator is networks.fields is networks.perceptual is None


def test_a_system_without_a_codec_has_none(config):
    options = config["codecs"]["jpeg_ldpc"]
    assert inputs.codec_of(job_with(), None, 64, None) is None
    codec = inputs.codec_of(job_with(), "jpeg_ldpc", 64, options)
    assert codec.dims_per_use == 2


def test_training_images_are_drawn_by_the_seed_and_are_in_no_split(config):
    entry = config["datasets"]["faces"]
    drawn = inputs.training_images(job_with(), entry, 3, 1, "faces", "deepsc")
    assert drawn.shape == (3, 3, 64, 64) and drawn.dtype == torch.uint8
    assert torch.equal(drawn, inputs.training_images(job_with(), entry, 3, 1, "faces", "deepsc"))
    train = embedded_split("faces", "train", 3, 64, "photo", 1).images
    assert not any(torch.equal(a, b) for a in drawn for b in train)


def test_the_channel_of_every_cell_and_draw_has_numbers_of_its_own():
    cells = [("faces", "editable_deepsc", "6", 0), ("faces", "editable_deepsc", "6", 1)]
    cells += [("faces", "editable_deepsc", "12", 0), ("faces-hq", "editable_deepsc", "6", 0)]
    draws = [torch.randn(4, generator=inputs.channel_rng(1, *cell)) for cell in cells]
    assert len({tuple(draw.tolist()) for draw in draws}) == len(cells)
    again = seeded(1, "faces", "editable_deepsc", "6", 0, "channel")  # as in every run before
    assert torch.equal(draws[0], torch.randn(4, generator=again))


def test_what_received_images_are_compared_with():
    split = embedded_split("faces", "test", 4, 64, "photo", 1)
    attribute, direction, degree = columns(split.instructions)
    data = {
        "images": split.images,
        "truths": split.truths,
        "degrees": split.faces.degrees,
        "attribute": attribute,
        "direction": direction,
        "degree": degree,
    }
    found = inputs.references(data)
    current = split.faces.degrees[torch.arange(4), attribute]
    assert torch.equal(found.expected_degree, (current + direction * degree).clamp(0, 5).long())
    assert torch.equal(found.truths, split.truths)
    assert inputs.references({k: v for k, v in data.items() if k != "truths"}).truths is None


def test_measured_times_keep_what_they_were_measured_on(tmp_path):
    facts = {"threads": 1, "device": "cpu", "processor": "a model", "rule": "edit"}
    write_seconds(tmp_path / "edits/jecc.seconds.json", 2.5, facts)
    assert read_seconds(tmp_path / "edits/jecc.seconds.json") == {
        "seconds_per_image": 2.5,
        "threads": 1,
        "device": "cpu",
        "processor": "a model",
    }
