"""What a config asks for at once: images in memory, batches, and sizes that must fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .config import ConfigError, Experiment

MOST_BYTES = 32 * 2**30  # of one array; the paper's experiment has arrays of 12 GiB
MOST_PIXELS = 2**25  # of one batch in a network: 32 images of 1024 pixels, about 32 GiB
FLOAT = 4  # bytes of a value


def check_sizes(experiment: Experiment) -> None:
    """No array and no batch is larger than a machine's memory."""
    config = experiment.config
    for dataset in experiment.datasets:
        side = experiment.dataset(dataset)["resolution"]
        for where, images, bytes_ in _arrays(experiment, dataset):
            gib = images * 3 * side**2 * bytes_ / 2**30
            if gib * 2**30 > MOST_BYTES:
                raise ConfigError(
                    f"config: {where}: {images:,} images of {side} pixels take {gib:,.0f} GiB, and "
                    f"at most {MOST_BYTES // 2**30} GiB are allowed; lower it"
                )
        for where, batch in _batches(experiment, dataset):
            if batch * side**2 > MOST_PIXELS:
                raise ConfigError(
                    f"config: {where}: a batch of {batch:,} images of {side} pixels needs too much "
                    f"memory; at most {MOST_PIXELS // side**2:,} fit, lower it"
                )
    _check_pretraining(config["pretrain"])


def _arrays(experiment: Experiment, dataset: str) -> Iterator[tuple[str, int, int]]:
    """Place in the config, images that are in memory at once, bytes of a value."""
    config, entry = experiment.config, experiment.dataset(dataset)
    for split, count in entry["images"].items():
        yield f"datasets.{dataset}.images.{split}", count, FLOAT
    seeds = config["sweep"]["channel_seeds"]
    yield "sweep.channel_seeds", seeds * entry["images"]["test"], 1
    yield "evaluation.identity_pairs", config["evaluation"]["identity_pairs"], FLOAT
    if entry["source"] != "embedded":
        return
    yield "information.faces", config["information"]["faces"], FLOAT
    if "studies" in config:
        yield "studies.faces", config["studies"]["faces"], FLOAT
    for codec in experiment.learned:
        options = experiment.codec_options(codec, dataset) or {}
        if "images" in options and "codecs_of" not in entry:
            yield f"codecs.{codec}.images", options["images"], FLOAT


def _batches(experiment: Experiment, dataset: str) -> Iterator[tuple[str, int]]:
    """Place in the config and images of a batch of the data set's own size."""
    config, entry = experiment.config, experiment.dataset(dataset)
    yield "finetune.batch", experiment.finetune_options(dataset)["batch"]
    if "fields_of" not in entry:
        yield "jecc.batch", config["jecc"]["batch"]
        yield "talk2edit.batch", config["talk2edit"]["batch"]
    if dataset == experiment.main:
        yield "ablations.timed_batch", config["ablations"]["timed_batch"]
    for codec in experiment.learned:
        options = experiment.codec_options(codec, dataset) or {}
        if "batch" in options and "crop" not in options and "codecs_of" not in entry:
            yield f"codecs.{codec}.batch", options["batch"]


def _check_pretraining(pretrain: Mapping) -> None:
    """The two generators and their discriminators belong together."""
    small, large, corpus = pretrain["generator"], pretrain["generator_128"], pretrain["corpus"]
    for name, entry in (("generator", small), ("generator_128", large)):
        if len(entry["channels"]) != len(entry["discriminator_channels"]):
            raise ConfigError(
                f"config: pretrain.{name}.discriminator_channels: one width for each of the "
                f"{len(entry['channels'])} channels of the generator is needed; change the list"
            )
    if large["channels"][: len(small["channels"])] != small["channels"]:
        raise ConfigError(
            "config: pretrain.generator_128.channels: it grows from pretrain.generator and must "
            f"begin with its channels, {small['channels']}; change the list"
        )
    if large["trained_octaves"] >= len(large["channels"]):
        raise ConfigError(
            f"config: pretrain.generator_128.trained_octaves: {large['trained_octaves']} is not "
            f"below the {len(large['channels'])} octaves of its channels; lower it"
        )
    for name, entry, pairs in (
        ("generator", small, "pairs"),
        ("generator_128", large, "large_pairs"),
    ):
        fitted = entry.get("finish", {}).get("fitted", 0)
        if fitted > corpus[pairs]:
            raise ConfigError(
                f"config: pretrain.{name}.finish.fitted: {fitted} is more than the "
                f"{corpus[pairs]} faces of pretrain.corpus.{pairs}; lower it"
            )
