"""What a config asks for at once: images in memory, batches, and sizes that must fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .checks_codecs import check_same_sizes
from .config import ConfigError, Experiment

MOST_BYTES = 32 * 2**30  # of one array; the paper's experiment has arrays of 12 GiB
MOST_PIXELS = 2**25  # of one batch in a network: 32 images of 1024 pixels, about 32 GiB
FLOAT = 4  # bytes of a value
USUAL_WIDTH = 64  # of a codec's network, for which the bound on a batch is

Array = tuple[str, int, int]  # place in the config, images at once, bytes of a value


def check_sizes(experiment: Experiment) -> None:
    """No array and no batch is larger than a machine's memory."""
    for dataset in experiment.datasets:
        side = experiment.dataset(dataset)["resolution"]
        for array in _arrays(experiment, dataset):
            check_array(*array, side)
        for where, batch in _batches(experiment, dataset):
            check_batch(where, batch, side)
    check_fields_start(experiment.config)
    check_timing(experiment)
    check_released(experiment)
    check_dialogue(experiment)
    check_validation(experiment)
    check_pretraining(experiment.config["pretrain"])


def check_timing(experiment: Experiment) -> None:
    """The timed batch is filled by the test images."""
    batch, main = experiment.config["ablations"]["timed_batch"], experiment.main
    test = experiment.dataset(main)["images"]["test"]
    if batch > test:
        raise ConfigError(
            f"config: ablations.timed_batch: {batch} is more than the {test} test images of "
            f"{main!r}; lower it"
        )


def check_dialogue(experiment: Experiment) -> None:
    """Dialogues are about test faces."""
    faces, main = experiment.config["dialogue"]["faces"], experiment.main
    test = experiment.dataset(main)["images"]["test"]
    if main in experiment.embedded and faces > test:
        raise ConfigError(
            f"config: dialogue.faces: {faces} is more than the {test} test images of {main!r}; "
            "lower it"
        )


def check_array(where: str, images: int, bytes_: int, side: int) -> None:
    """Images of ``side`` pixels that lie in memory at once."""
    size = images * 3 * side**2 * bytes_
    if size > MOST_BYTES:
        raise ConfigError(
            f"config: {where}: {images:,} images of {side} pixels take {size / 2**30:,.0f} GiB, "
            f"and at most {MOST_BYTES // 2**30} GiB are allowed; lower it"
        )


def check_batch(where: str, batch: int, side: int) -> None:
    """Images of ``side`` pixels that go through a network at once."""
    if batch * side**2 > MOST_PIXELS:
        raise ConfigError(
            f"config: {where}: a batch of {batch:,} images of {side} pixels needs too much memory; "
            f"at most {MOST_PIXELS // side**2:,} fit, lower it"
        )


def _arrays(experiment: Experiment, dataset: str) -> Iterator[Array]:
    """Arrays of images of the data set's own size."""
    config, entry = experiment.config, experiment.dataset(dataset)
    for split, count in entry["images"].items():
        yield f"datasets.{dataset}.images.{split}", count, FLOAT
    seeds = config["sweep"]["channel_seeds"]
    yield "sweep.channel_seeds", seeds * entry["images"]["test"], 1
    yield "evaluation.identity_pairs", config["evaluation"]["identity_pairs"], FLOAT
    if entry["source"] != "embedded":
        return
    yield "evaluation.real_faces", config["evaluation"]["real_faces"], 2 * FLOAT
    yield "information.faces", 2 * config["information"]["faces"], FLOAT
    if "studies" in config:
        yield "studies.faces", config["studies"]["faces"], FLOAT
    for codec in experiment.learned:
        options = experiment.codec_options(codec, dataset) or {}
        if "images" in options and "codecs_of" not in entry:
            yield f"codecs.{codec}.images", options["images"], FLOAT


def _batches(experiment: Experiment, dataset: str) -> Iterator[tuple[str, int]]:
    """Place in the config and images of a batch of the data set's own size."""
    config, entry = experiment.config, experiment.dataset(dataset)
    if "adapters_of" not in entry:
        yield "finetune.batch", experiment.finetune_options(dataset)["batch"]
    if "fields_of" not in entry:
        yield "jecc.batch", config["jecc"]["batch"]
        yield "talk2edit.batch", config["talk2edit"]["batch"]
    if dataset == experiment.main:
        yield "ablations.timed_batch", config["ablations"]["timed_batch"]
    for codec in experiment.learned:
        options = experiment.codec_options(codec, dataset) or {}
        if "batch" in options and "crop" not in options and "codecs_of" not in entry:
            wide = max(1, options.get("width", 1) // USUAL_WIDTH)
            yield f"codecs.{codec}.batch", options["batch"] * wide


def check_fields_start(config: Mapping) -> None:
    """Fields have the sizes of those that their training starts from."""
    start = config["jecc"]["starts_from"]
    if start != "random":
        both = {start: config[start], "jecc": config["jecc"]}
        where, advice = "config: jecc.starts_from", "write `starts_from: random`"
        check_same_sizes(where, both, advice, ("hidden", "layers"))


def check_released(experiment: Experiment) -> None:
    """The study of Talk-to-Edit as released has its faces among the test images."""
    faces, main = experiment.config["ablations"]["released"]["faces"], experiment.main
    test = experiment.dataset(main)["images"]["test"]
    if faces > test:
        raise ConfigError(
            f"config: ablations.released.faces: {faces} is more than the {test} test images of "
            f"{main!r}; lower it"
        )


def check_validation(experiment: Experiment) -> None:
    """The faces of a validation fit in memory, and the edited ones are among the inverted ones."""
    sizes, side = experiment.config["validation"], experiment.dataset(experiment.main)["resolution"]
    check_array("validation.inverted", sizes["inverted"], FLOAT, side)
    check_array("validation.prior", sizes["prior"], FLOAT, side)
    check_array("validation.edited", 10 * sizes["edited"], FLOAT, side)  # five attributes, two ways
    check_array("validation.people", 5 * sizes["people"], FLOAT, side)
    if sizes["edited"] > sizes["inverted"]:
        raise ConfigError(
            f"config: validation.edited: {sizes['edited']} faces are more than the "
            f"{sizes['inverted']} inverted ones; lower it"
        )


def check_pretraining(pretrain: Mapping) -> None:
    """The two generators and their discriminators belong together, and their faces fit."""
    small, large, corpus = pretrain["generator"], pretrain["generator_128"], pretrain["corpus"]
    for name, entry, pairs in (
        ("generator", small, "pairs"),
        ("generator_128", large, "large_pairs"),
    ):
        octaves, where = len(entry["channels"]), f"pretrain.{name}"
        if octaves != len(entry["discriminator_channels"]):
            raise ConfigError(
                f"config: {where}.discriminator_channels: one width for each of the {octaves} "
                "channels of the generator is needed; change the list"
            )
        fitted = entry.get("finish", {}).get("fitted", 0)
        if fitted > corpus[pairs]:
            raise ConfigError(
                f"config: {where}.finish.fitted: {fitted} is more than the {corpus[pairs]} faces "
                f"of pretrain.corpus.{pairs}; lower it"
            )
        check_batch(f"{where}.batch", entry["batch"], 4 * 2 ** (octaves - 1))
        check_array(f"pretrain.corpus.{pairs}", corpus[pairs], 1, 4 * 2 ** (octaves - 1))
    side = 4 * 2 ** (len(small["channels"]) - 1)
    for key in ("labelled", "judges"):
        check_array(f"pretrain.corpus.{key}", corpus[key], 1, side)
    check_array("pretrain.corpus.people", corpus["people"] * corpus["pictures"], 1, side)
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
