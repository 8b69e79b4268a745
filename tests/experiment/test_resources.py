"""Which job goes first, and what it asks of a cluster."""

from __future__ import annotations

from experiment.config import Experiment
from experiment.resources import PUBLISHED_BYTES, PUBLISHED_MB, priority_of, resources_of


def test_what_the_first_table_and_picture_wait_for_goes_first(experiment):
    priority = priority_of(experiment, 3)
    assert priority({"dataset": "faces", "snr": "12"}) == 103  # the SNR of the grids
    assert priority({"dataset": "faces"}) == 103  # data and fields, for every SNR
    assert priority({"dataset": "faces", "snr": "6"}) == 3
    assert priority({"dataset": "faces-hq", "snr": "12"}) == 3
    assert priority({}) == 3


def test_memory_and_time_grow_with_the_data_set_and_the_attempt(experiment):
    asked = resources_of(experiment, 10, 60, gpu=1)
    assert asked["gpu"] == 1
    faces, large = {"dataset": "faces"}, {"dataset": "faces-hq"}
    assert asked["runtime"](faces, 1) == 10 + 96  # a minute for each of 96 test images
    assert asked["runtime"](faces, 2) == 2 * (10 + 96)
    assert asked["runtime"](large, 1) == 10 + 48 * 4  # four times the pixels
    assert asked["runtime"](faces | {"split": "train"}, 1) == 10 + 96
    assert asked["mem_mb"](faces, 1) == 3000 + 64**2 * (40 * 96 + 32_000) // 10**6
    assert asked["mem_mb"](large, 1) > asked["mem_mb"](faces, 1)
    assert asked["mem_mb"](faces, 3) == 3 * asked["mem_mb"](faces, 1)


def test_the_split_of_a_job_without_that_wildcard(experiment):
    asked = resources_of(experiment, 0, 60, split="finetune")
    assert asked["runtime"]({"dataset": "faces"}, 1) == 64


def test_a_job_of_no_data_set_is_as_large_as_the_main_one(experiment):
    asked = resources_of(experiment, 1, 60)
    assert asked["runtime"]({"role": "predictor"}, 1) == 1 + 96
    assert asked["runtime"]({"dataset": "faces", "split": "study"}, 1) == 1


def test_an_inversion_asks_for_the_processors_seconds_or_the_gpus(config, experiment):
    asked = resources_of(experiment, 10, inversions=3, gpu=1)
    assert asked["runtime"]({"dataset": "faces"}, 1) == 10 + round(3 * 4 * 96 / 60)
    config["device"] = "cuda"
    assert asked["runtime"]({"dataset": "faces"}, 1) == 10 + round(3 * 16.4 * 96 / 60)
    # of a rule without a GPU the time stays that of the processor
    assert resources_of(experiment, 0, inversions=1)["runtime"]({"dataset": "faces"}, 1) == 6


def test_a_cell_of_the_papers_largest_data_set_asks_for_what_is_counted(config, overlay):
    """500 images of 1024 pixels: 29 GB, and three draws on a GPU ten hours."""
    from editable_deepsc.editing.memory import MIB, batch_for

    paper = Experiment(config | {"datasets": overlay("paper")["datasets"], "device": "cuda"})
    asked = resources_of(paper, 10, 0.5, inversions=3, gpu=1)
    cell = {"dataset": "celeba-hq", "snr": "6"}
    assert 27_000 < asked["mem_mb"](cell, 1) < 31_000
    assert 10 < asked["runtime"](cell, 1) / 60 < 11.5
    # the network's part is what an inversion says that one image takes
    network = PUBLISHED_MB * MIB + PUBLISHED_BYTES * 1024**2
    assert batch_for(1024, int(1.01 * network), bytes_per_value=4) == 1
