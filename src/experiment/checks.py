"""Everything that can be wrong with a config, found before the first job, each in one sentence.

Snakemake deletes the outputs of a job before it runs: a value that only the job refuses costs what
is finished. Every check raises :class:`experiment.config.ConfigError`. What is slow to import is
imported where it is used, and only by the process that plans: Snakemake reads the config before
every job.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from editable_deepsc.systems.names import EDITABLE, parse_system

from .checks_codecs import check_codecs_build, check_same_sizes
from .checks_files import (
    check_codec_starts,
    check_files,
    check_latents,
    check_networks,
    check_photographs,
    check_published,
    check_published_files,
)
from .checks_form import check_form, shown
from .checks_loans import check_loans
from .checks_names import check_names, check_snrs
from .checks_reading import check_config_files as check_config_files
from .checks_sizes import check_sizes
from .config import ANNOTATIONS, ROLES, ConfigError, Experiment

EARLIER_SNR_DB = 6  # of the earlier paper, with which `earlier` compares


def checked(config: Mapping, schema: str | Path) -> Experiment:
    """The experiment of a config that is right; ``schema`` is the path of the JSON schema."""
    check_config(config, yaml.safe_load(Path(schema).read_text()))
    return Experiment(config)


def check_before_jobs(experiment: Experiment, fetching: bool = False) -> None:
    """What need not be looked at again by every job: codecs and files.

    ``fetching``: the run gets what is missing, so that nothing from elsewhere need be there.
    """
    check_codecs_build(experiment)
    try:
        check_networks(experiment)
        check_codec_starts(experiment)
        check_published(experiment)
        if not fetching:
            check_files(experiment)
            check_published_files(experiment)
            check_photographs(experiment)
        check_latents(experiment)
    except OSError as error:  # no permission, a name too long for the file system, a broken disk
        raise ConfigError(
            f"files: {shown(error.filename)} cannot be read ({error.strerror}); change its path or "
            "its rights"
        ) from None


def check_config(config: Mapping, schema: Mapping) -> None:
    """The config alone: its form, its names, what its parts need of each other."""
    check_form(config, schema)
    check_names(config)
    check_snrs(config)
    check_sweep(config)
    check_twins(config)
    for name in config["sweep"]["datasets"]:
        check_dataset(config, name)
        check_codecs(config, name, schema)
    check_roles(config)
    check_judges(config)
    check_ranges(config)
    check_studies(config)
    check_publication(config)
    check_sizes(Experiment(config))


def check_sweep(config: Mapping) -> None:
    """Swept data sets and the codecs of swept systems are defined."""
    for name in config["sweep"]["datasets"]:
        if name not in config["datasets"]:
            raise ConfigError(
                f"config: sweep.datasets: data set {name!r} is not defined under datasets "
                f"(there are: {', '.join(config['datasets'])})"
            )
    for section in ("sweep", "equal_bandwidth"):
        for name in config[section]["systems"]:
            check_system(config, f"{section}.systems", name)


def check_system(config: Mapping, where: str, name: str) -> None:
    """A system whose place in the config is ``where`` has its codec, or its variant."""
    try:
        codec = parse_system(name).codec
    except ValueError as error:
        raise ConfigError(f"config: {where}: {error}") from None
    if codec is not None and codec not in config["codecs"]:
        raise ConfigError(f"config: {where}: {name!r} needs an entry {codec!r} under codecs")
    if codec is None and name != EDITABLE and name not in config.get("variants", {}):
        raise ConfigError(f"config: {where}: {name!r} needs an entry of its name under variants")


def check_dataset(config: Mapping, name: str) -> None:
    """A data set has the keys that its source needs, and none that mean nothing to it."""
    entry = config["datasets"][name]
    source = entry["source"]
    embedded = source == "embedded"
    needed = ["style"] if embedded else ["path"] + ["partition"] * (source == "celeba")
    for key in needed:
        if key not in entry:
            raise ConfigError(f"config: datasets.{name}: source {source} needs {key!r}; add it")
    aligned = source in ("folder", "celeba")
    strange = ["path", "packed", "crop", *ANNOTATIONS] if embedded else ["style"]
    for key in strange if aligned else [*strange, "align"]:
        if key in entry:
            raise ConfigError(
                f"config: datasets.{name}: {key!r} means nothing to source {source}; remove it"
            )
    for key, other in (("requests", "labels"), ("sentences", "requests"), ("turned", "labels")):
        if key in entry and other not in entry:
            raise ConfigError(
                f"config: datasets.{name}: {key!r} means nothing to source {source} "
                f"without {other!r}; remove it"
            )
    check_loans(config, name)
    keeps = [key for key in ("crop", "boxes", "align") if entry.get(key, "none") != "none"]
    if len(keeps) > 1:
        raise ConfigError(
            f"config: datasets.{name}: {keeps[0]!r} and {keeps[1]!r} both say what to keep of an "
            "image; remove one"
        )


def check_twins(config: Mapping) -> None:
    """A data set with the faces of another is only trained anew, and stands beside the sweep."""
    entries = config["datasets"]
    for name, entry in entries.items():
        if "same_faces_as" not in entry:
            continue
        where, other = f"config: datasets.{name}.same_faces_as", entry["same_faces_as"]
        if other not in entries or "same_faces_as" in entries[other]:
            raise ConfigError(f"{where}: {other!r} must be a data set with faces of its own")
        if set(entry) - {"same_faces_as", "training_seed"}:
            raise ConfigError(
                f"{where}: {name!r} is like {other!r} but for its training_seed; remove the rest"
            )
        if name in config["sweep"]["datasets"]:
            raise ConfigError(
                f"{where}: {name!r} has no faces of its own; take it from sweep.datasets"
            )
    noise = config.get("training_noise", {"systems": []})
    for system in noise["systems"]:
        check_system(config, "training_noise.systems", system)


def check_codecs(config: Mapping, dataset: str, schema: Mapping) -> None:
    """Options of the codecs on one data set, its own included."""
    for codec in config["datasets"][dataset].get("codecs", {}):
        if codec not in config["codecs"]:
            raise ConfigError(
                f"config: datasets.{dataset}.codecs: {codec!r} is not under the codecs of the "
                "top level; add it there"
            )
    experiment = Experiment(config)
    options = {codec: experiment.codec_options(codec, dataset) for codec in config["codecs"]}
    shape = schema["properties"]["codecs"] | {"$defs": schema["$defs"]}
    check_form(options, shape, f"config: datasets.{dataset}.codecs: ")
    for codec, own in config["datasets"][dataset].get("codecs", {}).items():
        check_same_files(codec, config["codecs"][codec], own, dataset)
    for codec in config["codecs"]:
        check_start(experiment, dataset, codec)


def check_start(experiment: Experiment, dataset: str, codec: str) -> None:
    """A codec's training starts from nothing trained, or from another's of its sizes."""
    where = f"config: datasets.{dataset}.codecs.{codec}.starts_from"
    start, path = experiment.codec_start(dataset, codec), [(dataset, codec)]
    if start and experiment.codec_start_role(dataset, codec):
        raise ConfigError(f"{where}: it names a network beside a codec; write `network: null`")
    if start is None or "codecs_of" in experiment.config["datasets"][dataset]:
        return
    while start is not None:
        of, name = start
        entry = experiment.config["datasets"].get(of, {"codecs_of": None})
        trained = "steps" in experiment.config["codecs"].get(name, {})
        if "codecs_of" in entry or not trained or start in path:
            raise ConfigError(
                f"{where}: this leads to {name!r} of the dataset {of!r}; it must be a codec that "
                "its data set trains itself, and not from this one"
            )
        path.append(start)
        start = experiment.codec_start(of, name)
    of, name = path[1]
    own = {"kind": codec} | (experiment.codec_options(codec, dataset) or {})
    first = {"kind": name} | (experiment.codec_options(name, of) or {})
    both = {f"{name} of {of!r}": first, f"{codec} of {dataset!r}": own}
    check_same_sizes(where, both, "remove the line")


def check_same_files(codec: str, of_all: Mapping, own: Mapping, dataset: str) -> None:
    """A data set does not change which trained files a codec has."""
    per_snr = of_all.get("snr_range") == "matched"
    changed = {
        "kind": own.get("kind", of_all.get("kind")) != of_all.get("kind"),
        "steps": "steps" in own and "steps" not in of_all,
        "snr_range": "snr_range" in own and (own["snr_range"] == "matched") != per_snr,
    }
    for key in (key for key, differs in changed.items() if differs):
        raise ConfigError(
            f"config: datasets.{dataset}.codecs.{codec}: {key!r} decides which files a codec has "
            f"and can only stand under codecs.{codec}; move it there"
        )


def check_judges(config: Mapping) -> None:
    """The information study looks through networks of this package, wherever faces are drawn."""
    experiment = Experiment(config)
    for name in experiment.datasets:
        for role in ("fidelity", "evaluator", "recogniser", "judge_recogniser"):
            value = experiment.network_entries(name)[role]
            if name in experiment.embedded and isinstance(value, dict):
                raise ConfigError(
                    f"config: networks.{role}: a published file cannot judge the rendered faces of "
                    f"{name!r}; give them `networks: {{{role}: bundled}}` under datasets.{name}"
                )


def check_ranges(config: Mapping) -> None:
    """Ranges of SNRs rise, and a codec is trained on no more of an image than there is."""
    ranges = {
        "jecc.snr_db": config["jecc"]["snr_db"],
        "finetune_conditioned.snr_range": config["finetune_conditioned"]["snr_range"],
    }
    for name, options in config["codecs"].items():
        if isinstance(options.get("snr_range"), list):
            ranges[f"codecs.{name}.snr_range"] = options["snr_range"]
    for where, (low, high) in ranges.items():
        if low > high:
            raise ConfigError(f"config: {where}: [{low}, {high}] falls; write the lower SNR first")


def check_roles(config: Mapping) -> None:
    """Of the swept data sets one is the main one, and no other role has two."""
    entries, names = config["datasets"], config["sweep"]["datasets"]
    for role in ROLES:
        found = [name for name in names if entries[name].get("role") == role]
        if len(found) > 1:
            raise ConfigError(
                f"config: datasets: {' and '.join(found)} all have the role {role}, which only one "
                "data set of sweep.datasets can have; take the line `role` from the others"
            )
        if role == "main" and not found:
            raise ConfigError(
                f"config: datasets: no data set of sweep.datasets ({', '.join(names)}) has the "
                "role main; give one of them the line `role: main`"
            )


def check_studies(config: Mapping) -> None:
    """The codecs that the studies name exist and are of the kind that they need."""
    studies, codecs = config.get("studies"), config["codecs"]
    if not studies:
        return
    rates, importance, mismatch = studies["rates"], studies["importance"], studies["mismatch"]
    named = [rates["layered"], *rates["beside"], importance["weighted"], importance["unweighted"]]
    for name in [*named, *importance["separate"], mismatch["codec"]]:
        if name not in codecs:
            raise ConfigError(
                f"config: studies: codec {name!r} is not under codecs "
                f"(there are: {', '.join(codecs)})"
            )
    if codecs[rates["layered"]].get("kind", rates["layered"]) != "gan_codec":
        raise ConfigError(
            f"config: studies.rates.layered: {rates['layered']!r} has no layers; "
            "name an entry of kind gan_codec"
        )
    if codecs[mismatch["codec"]].get("snr_range") != "matched":
        raise ConfigError(
            f"config: studies.mismatch.codec: {mismatch['codec']!r} has no model for every SNR; "
            "name an entry with snr_range: matched"
        )
    stray = [bpp for bpp in rates["split_bpp"] if bpp not in rates["bpp"]]
    if stray:
        raise ConfigError(
            f"config: studies.rates.split_bpp: {stray[0]} is not one of studies.rates.bpp; add it"
        )
    for codec in rates["beside"]:
        if "bpp" not in codecs[codec]:
            raise ConfigError(
                f"config: studies.rates.beside: {codec!r} has no bits per pixel; "
                "name digital codecs"
            )


def check_publication(config: Mapping) -> None:
    """What is published is swept; KID's subsets are no larger than a test split."""
    compared = Experiment(config).compared_snrs
    for where, snrs, within, known in (
        ("snr_db", compared, "sweep.snr_db", config["sweep"]["snr_db"]),
        ("figure_snr_db", Experiment(config).figure_snrs, "those compared", compared),
    ):
        for snr in snrs:
            if snr not in known:
                raise ConfigError(
                    f"config: equal_bandwidth.{where}: {snr} dB is not one of {within}; choose "
                    "among them, or add it there"
                )
    grid = config["publish"]["grid_snr_db"]
    if grid not in config["sweep"]["snr_db"]:
        raise ConfigError(
            f"config: publish.grid_snr_db: {grid} dB is not one of sweep.snr_db; choose one of them"
        )
    sweep, publish = config["sweep"], config["publish"]
    if publish["codecs"] and all(parse_system(name).codec is None for name in sweep["systems"]):
        raise ConfigError(
            "config: publish.codecs: no system of sweep.systems has a codec to draw; set it to "
            "false, or add one"
        )
    if publish["codecs"] and "studies" in config:
        if EDITABLE not in sweep["systems"] or EARLIER_SNR_DB not in sweep["snr_db"]:
            raise ConfigError(
                f"config: publish.codecs: the earlier paper's comparison needs {EDITABLE} under "
                f"sweep.systems and {EARLIER_SNR_DB} under sweep.snr_db; add them, or set it to "
                "false"
            )
    size = config["evaluation"]["kid_subset_size"]
    for name in config["sweep"]["datasets"]:
        test = config["datasets"][name]["images"]["test"]
        if size > test:
            raise ConfigError(
                f"config: evaluation.kid_subset_size: {size} is more than the {test} test images "
                f"of {name!r}; lower it"
            )
