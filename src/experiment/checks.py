"""Everything that can be wrong with a config, found before the first job, each in one sentence.

Every check raises :class:`experiment.config.ConfigError`. What is slow to import is imported where
it is used: Snakemake reads the config before every job.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from editable_deepsc.networks.manifest import manifest, sha256
from editable_deepsc.systems.names import parse_system

from .config import ANNOTATIONS, ROLES, ConfigError, Experiment

# kinds of codecs whose options the schema knows
SCHEMA_KINDS = {"jpeg_ldpc", "digital", "deepsc", "deepjscc", "semantic_jscc", "gan_codec"}


def checked(config: Mapping, schema: str | Path) -> Experiment:
    """The experiment of a config that is right; ``schema`` is the path of the JSON schema."""
    check_config(config, yaml.safe_load(Path(schema).read_text()))
    return Experiment(config)


def check_config(config: Mapping, schema: Mapping) -> None:
    """The config alone: its form, its names, what its parts need of each other."""
    check_form(config, schema)
    check_sweep(config)
    for name in config["sweep"]["datasets"]:
        check_dataset(config, name)
        check_codecs(config, name, schema)
    check_roles(config)
    check_studies(config)
    check_publication(config)


def check_form(config: Mapping, schema: Mapping) -> None:
    """The config has the form of the schema; an unknown key is an error."""
    error = best_match(Draft202012Validator(schema).iter_errors(config))
    if error is not None:
        where = ".".join(map(str, error.absolute_path)) or "top level"
        raise ConfigError(
            f"config: {where}: {error.message}; "
            "compare with config.yaml and workflow/schemas/config.schema.yaml"
        )


def check_sweep(config: Mapping) -> None:
    """Swept data sets and the codecs of swept systems are defined."""
    for name in config["sweep"]["datasets"]:
        if name not in config["datasets"]:
            raise ConfigError(
                f"config: sweep.datasets: data set {name!r} is not defined under datasets "
                f"(there are: {', '.join(config['datasets'])})"
            )
    for name in config["sweep"]["systems"]:
        try:
            codec = parse_system(name).codec
        except ValueError as error:
            raise ConfigError(f"config: sweep.systems: {error}") from None
        if codec is not None and codec not in config["codecs"]:
            raise ConfigError(
                f"config: sweep.systems: {name!r} needs an entry {codec!r} under codecs"
            )


def check_dataset(config: Mapping, name: str) -> None:
    """A data set has the keys that its source needs, and none that mean nothing to it."""
    entry = config["datasets"][name]
    source = entry["source"]
    embedded = source == "embedded"
    needed = ["style"] if embedded else ["path"] + ["partition"] * (source == "celeba")
    for key in needed:
        if key not in entry:
            raise ConfigError(f"config: datasets.{name}: source {source} needs {key!r}; add it")
    for key in ["path", "crop", *ANNOTATIONS] if embedded else ["style"]:
        if key in entry:
            raise ConfigError(
                f"config: datasets.{name}: {key!r} means nothing to source {source}; remove it"
            )
    for key, other in (("requests", "labels"), ("sentences", "requests")):
        if key in entry and other not in entry:
            raise ConfigError(
                f"config: datasets.{name}: {key!r} means nothing to source {source} "
                f"without {other!r}; remove it"
            )
    for key in ("fields_of", "codecs_of"):
        if key in entry:
            check_loan(config, name, key)
    if "crop" in entry and "boxes" in entry:
        raise ConfigError(
            f"config: datasets.{name}: 'crop' and 'boxes' both say what to keep of an image; "
            "remove one"
        )


def check_loan(config: Mapping, name: str, key: str) -> None:
    """Fields or codecs (``key``) come from a data set that trains its own, of the same size."""
    entry = config["datasets"][name]
    other = config["datasets"].get(entry[key])
    if other is None or key in other:
        raise ConfigError(
            f"config: datasets.{name}.{key}: {entry[key]!r} must be a data set that trains its own"
        )
    if key == "codecs_of" and other["resolution"] != entry["resolution"]:
        raise ConfigError(
            f"config: datasets.{name}.codecs_of: {entry[key]!r} has {other['resolution']} pixels "
            f"and {name!r} has {entry['resolution']}; remove the line"
        )


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
    error = best_match(Draft202012Validator(shape).iter_errors(options))
    if error is not None:
        where = ".".join(map(str, error.absolute_path))
        raise ConfigError(
            f"config: datasets.{dataset}.codecs: {where}: {error.message}; compare with config.yaml"
        )
    for name, own in options.items():
        if any(parse_system(system).codec == name for system in config["sweep"]["systems"]):
            check_codec(name, own or {})


def check_codec(name: str, options: Mapping) -> None:
    """Options of a kind that the schema does not know must be arguments of its constructor."""
    kind = options.get("kind", name)
    if kind in SCHEMA_KINDS or "steps" in options:
        return
    from editable_deepsc.codecs import find_codec

    arguments = {key: value for key, value in options.items() if key != "kind"}
    try:
        inspect.signature(find_codec(kind)).bind(64, **arguments)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"config: codecs.{name}: {error}; compare with the arguments of {kind!r}"
        ) from None


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
    for codec in rates["beside"]:
        if "bpp" not in codecs[codec]:
            raise ConfigError(
                f"config: studies.rates.beside: {codec!r} has no bits per pixel; "
                "name digital codecs"
            )


def check_publication(config: Mapping) -> None:
    """The grids are drawn at a swept SNR; KID's subsets are no larger than a test split."""
    grid = config["publish"]["grid_snr_db"]
    if grid not in config["sweep"]["snr_db"]:
        raise ConfigError(
            f"config: publish.grid_snr_db: {grid} dB is not one of sweep.snr_db; choose one of them"
        )
    size = config["evaluation"]["kid_subset_size"]
    for name in config["sweep"]["datasets"]:
        test = config["datasets"][name]["images"]["test"]
        if size > test:
            raise ConfigError(
                f"config: evaluation.kid_subset_size: {size} is more than the {test} test images "
                f"of {name!r}; lower it"
            )


def check_networks(experiment: Experiment) -> None:
    """Bundled files are whole and unaltered; given paths exist."""
    entries = manifest()
    # By path, so that a file that many data sets share is read once.
    chosen = {
        experiment.network(role, dataset): (dataset, role, value)
        for dataset in experiment.datasets
        for role, value in experiment.network_entries(dataset).items()
        if isinstance(value, str)
    }
    for path, (dataset, role, value) in chosen.items():
        if value == "bundled":
            name = Path(path).stem
            if name not in entries:
                raise ConfigError(
                    f"weights: no {role} of {experiment.dataset(dataset)['resolution']} pixels is "
                    f"bundled, which {dataset!r} needs: give its path under "
                    f"datasets.{dataset}.networks, or change the resolution"
                )
            if not Path(path).is_file() or sha256(Path(path)) != entries[name]["sha256"]:
                raise ConfigError(
                    f"weights: {path} is missing, truncated or altered; "
                    f"restore it with `git checkout {path}`"
                )
        elif not Path(value).is_file():
            raise ConfigError(
                f"weights: networks.{role}: {value} does not exist; "
                "give the path of a .safetensors file, or 'bundled'"
            )


def check_files(experiment: Experiment) -> None:
    """Every file from elsewhere that is missing, or has another size, in one message."""
    paths, lines = experiment.outside_files(), list(_missing_files(experiment))
    if lines:
        fetch = "`snakemake --cores 1 fetch` with the same --configfile gets what is marked *; "
        hint = fetch * any(line.startswith("  *") for line in lines)
        raise ConfigError(
            f"files: {len(lines)} of {len(paths)} are missing. "
            f"{hint}docs/weights.md says where the others come from.\n" + "\n".join(lines)
        )


def _missing_files(experiment: Experiment) -> Iterator[str]:
    """A line for each: * where it can be fetched, its path, size and origin."""
    known = experiment.config.get("files", {})
    for path in experiment.outside_files():
        about = known.get(path, {})
        there = Path(path).exists()
        if there and Path(path).stat().st_size == about.get("bytes", Path(path).stat().st_size):
            continue
        bytes_ = f"{about['bytes']:,} bytes" if "bytes" in about else None
        size = bytes_ or about.get("size", "size not published")
        origin = about.get("url") or about.get("from", "not described under files in the config")
        wrong = " (has another size)" if there else ""
        yield f"  {'*' if 'url' in about else ' '} {path}{wrong}  |  {size}  |  {origin}"


def check_photographs(experiment: Experiment) -> None:
    """Folders of photographs hold enough images for every split."""
    for name in experiment.datasets:
        if name not in experiment.photographed:
            continue
        from editable_deepsc.data.albums import choose_images

        try:
            choose_images(name, experiment.dataset(name), experiment.seed)
        except ValueError as error:
            raise ConfigError(str(error)) from None
