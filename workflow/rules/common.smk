# What every stage needs: the checked config, the names of things, the paths of networks.

import gc
import inspect
import sys
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from snakemake.exceptions import WorkflowError

from editable_deepsc.networks.manifest import BUNDLED, manifest, sha256
from editable_deepsc.systems.names import parse_system

# The plan of a large sweep is millions of objects that stay to the end; to search them all for garbage, again and again, took a third of the time.
gc.set_threshold(100_000, 5, 1000)


def stop(sentence):
    raise WorkflowError(sentence)


def check_config():
    """One sentence and a non-zero exit before the first job, whatever is wrong."""
    schema = yaml.safe_load(Path(workflow.source_path("../schemas/config.schema.yaml")).read_text())
    error = best_match(Draft202012Validator(schema).iter_errors(config))
    if error is not None:
        where = ".".join(map(str, error.absolute_path)) or "top level"
        stop(
            f"config: {where}: {error.message}; compare with config.yaml and workflow/schemas/config.schema.yaml"
        )
    for name in config["sweep"]["datasets"]:
        if name not in config["datasets"]:
            stop(
                f"config: sweep.datasets: data set {name!r} is not defined under datasets (there are: {', '.join(config['datasets'])})"
            )
    for name in config["sweep"]["systems"]:
        try:
            codec = parse_system(name).codec
        except ValueError as error:
            stop(f"config: sweep.systems: {error}")
        if codec is not None and codec not in config["codecs"]:
            stop(f"config: sweep.systems: {name!r} needs an entry {codec!r} under codecs")
    for name in config["sweep"]["datasets"]:
        check_dataset(name, config["datasets"][name])
        for codec in config["datasets"][name].get("codecs", {}):
            if codec not in config["codecs"]:
                stop(
                    f"config: datasets.{name}.codecs: {codec!r} is not under the codecs of the top level; add it there"
                )
        shape = schema["properties"]["codecs"] | {"$defs": schema["$defs"]}
        error = best_match(
            Draft202012Validator(shape).iter_errors(
                {codec: codec_options(codec, name) for codec in config["codecs"]}
            )
        )
        if error is not None:
            stop(
                f"config: datasets.{name}.codecs: {'.'.join(map(str, error.absolute_path))}: {error.message}; compare with config.yaml"
            )
        for codec in {parse_system(system).codec for system in config["sweep"]["systems"]} - {None}:
            check_codec(codec, name)
    check_studies(config.get("studies"))
    if config["publish"]["grid_snr_db"] not in config["sweep"]["snr_db"]:
        stop(
            f"config: publish.grid_snr_db: {config['publish']['grid_snr_db']} dB is not one of sweep.snr_db; choose one of them"
        )
    for name in config["sweep"]["datasets"]:
        test = config["datasets"][name]["images"]["test"]
        if config["evaluation"]["kid_subset_size"] > test:
            stop(
                f"config: evaluation.kid_subset_size: {config['evaluation']['kid_subset_size']} is more than the {test} test images of {name!r}; lower it"
            )


SCHEMA_KINDS = {"jpeg_ldpc", "digital", "deepsc", "deepjscc", "semantic_jscc", "gan_codec"}


def check_codec(name, dataset):
    """Options of a kind that the schema does not know must be arguments of its constructor."""
    entry = codec_options(name, dataset)
    kind = entry.get("kind", name)
    if kind in SCHEMA_KINDS or "steps" in entry:
        return
    from editable_deepsc.codecs import find_codec  # costs seconds, hence only here

    try:
        inspect.signature(find_codec(kind)).bind(
            64, **{key: value for key, value in entry.items() if key != "kind"}
        )
    except (TypeError, ValueError) as error:
        stop(f"config: codecs.{name}: {error}; compare with the arguments of {kind!r}")


def check_studies(studies):
    """The codecs that the studies name exist and are of the kind that they need."""
    if not studies:
        return
    rates, importance, mismatch = studies["rates"], studies["importance"], studies["mismatch"]
    named = [
        rates["layered"],
        *rates["beside"],
        importance["weighted"],
        importance["unweighted"],
        *importance["separate"],
        mismatch["codec"],
    ]
    for name in named:
        if name not in config["codecs"]:
            stop(
                f"config: studies: codec {name!r} is not under codecs (there are: {', '.join(config['codecs'])})"
            )
    entry = config["codecs"][rates["layered"]]
    if entry.get("kind", rates["layered"]) != "gan_codec":
        stop(
            f"config: studies.rates.layered: {rates['layered']!r} has no layers; name an entry of kind gan_codec"
        )
    if config["codecs"][mismatch["codec"]].get("snr_range") != "matched":
        stop(
            f"config: studies.mismatch.codec: {mismatch['codec']!r} has no model for every SNR; name an entry with snr_range: matched"
        )
    for codec in rates["beside"]:
        if "bpp" not in config["codecs"][codec]:
            stop(
                f"config: studies.rates.beside: {codec!r} has no bits per pixel; name digital codecs"
            )


def codec_options(codec, dataset):
    """Options of a codec, those of the data set's own entry first; None if the config has no such codec."""
    options = config["codecs"].get(codec)
    return options and options | config["datasets"][dataset].get("codecs", {}).get(codec, {})


def finetune_options(w):
    """Recipe of the adapters, the data set's own entry first."""
    return config["finetune"] | config["datasets"][w.dataset].get("finetune", {})


ANNOTATIONS = [
    "partition",
    "identities",
    "labels",
    "requests",
    "sentences",
    "boxes",
]  # published text files about photographs


def check_dataset(name, entry):
    """The keys that each source needs, and those that mean nothing to it."""
    embedded = entry["source"] == "embedded"
    needs = ["style"] if embedded else ["path"] + ["partition"] * (entry["source"] == "celeba")
    useless = ["path", "crop", *ANNOTATIONS] if embedded else ["style"]
    useless += [
        key
        for key, other in (("requests", "labels"), ("sentences", "requests"))
        if other not in entry
    ]
    for key in needs:
        if key not in entry:
            stop(f"config: datasets.{name}: source {entry['source']} needs {key!r}; add it")
    for key in useless:
        if key in entry:
            needed = (
                {"requests": " without 'labels'", "sentences": " without 'requests'"}.get(key, "")
                if not embedded
                else ""
            )
            stop(
                f"config: datasets.{name}: {key!r} means nothing to source {entry['source']}{needed}; remove it"
            )
    for key in {"fields_of", "codecs_of"} & set(entry):
        other = config["datasets"].get(entry[key])
        if other is None or key in other:
            stop(
                f"config: datasets.{name}.{key}: {entry[key]!r} must be a data set that trains its own"
            )
        if key == "codecs_of" and other["resolution"] != entry["resolution"]:
            stop(
                f"config: datasets.{name}.codecs_of: {entry[key]!r} has {other['resolution']} pixels and {name!r} has {entry['resolution']}; remove the line"
            )
    if "crop" in entry and "boxes" in entry:
        stop(
            f"config: datasets.{name}: 'crop' and 'boxes' both say what to keep of an image; remove one"
        )


def network_entries(dataset):
    """Role -> "bundled", a path, or path, format and sizes of a published file; a data set's own entries come first."""
    return config["networks"] | config["datasets"][dataset].get("networks", {})


def network(role, dataset):
    """Path of a network's weight file."""
    value = network_entries(dataset)[role]
    if value == "bundled":
        resolution = config["datasets"][dataset]["resolution"]
        # The judges bring every image to their own size; these two draw and see one size only.
        return str(
            BUNDLED
            / (
                f"{role}_{resolution}.safetensors"
                if role in ("generator", "discriminator") and resolution != 64
                else f"{role}.safetensors"
            )
        )
    return value["path"] if isinstance(value, dict) else value


def check_networks():
    """Bundled files are whole and unaltered; given paths exist."""
    entries = manifest()
    # By path, so that a file that many data sets share is read once.
    chosen = {
        network(role, d): (d, role, value)
        for d in config["sweep"]["datasets"]
        for role, value in network_entries(d).items()
        if isinstance(value, str)
    }
    for path, (dataset, role, value) in chosen.items():
        if value == "bundled":
            path = Path(path)
            if path.stem not in entries:
                stop(
                    f"weights: no {role} of {config['datasets'][dataset]['resolution']} pixels is bundled, which {dataset!r} needs: "
                    f"give its path under datasets.{dataset}.networks, or change the resolution"
                )
            if not path.is_file() or sha256(path) != entries[path.stem]["sha256"]:
                stop(
                    f"weights: {path} is missing, truncated or altered; restore it with `git checkout {path}`"
                )
        elif not Path(value).is_file():
            stop(
                f"weights: networks.{role}: {value} does not exist; give the path of a .safetensors file, or 'bundled'"
            )


def annotations(dataset):
    return [
        config["datasets"][dataset][key]
        for key in ANNOTATIONS
        if key in config["datasets"][dataset]
    ]


def outside_files():
    """Everything that the swept data sets need from elsewhere, in the order in which they name it."""
    paths = []
    for dataset in config["sweep"]["datasets"]:
        entry = config["datasets"][dataset]
        paths += [entry["path"]] if "path" in entry else []
        paths += annotations(dataset)
        for value in network_entries(dataset).values():
            if isinstance(value, dict):
                paths += [
                    value["path"],
                    *(size for size in value.get("sizes", {}).values() if isinstance(size, str)),
                ]
    return list(dict.fromkeys(paths))


def check_files():
    """Every file that is missing, or has another size, in one message."""
    lines, known = [], config.get("files", {})
    for path in outside_files():
        about = known.get(path, {})
        there = Path(path).exists()
        if there and Path(path).stat().st_size == about.get("bytes", Path(path).stat().st_size):
            continue
        size = (
            f"{about['bytes']:,} bytes"
            if "bytes" in about
            else about.get("size", "size not published")
        )
        origin = about.get("url") or about.get("from", "not described under files in the config")
        lines.append(
            f"  {'*' if 'url' in about else ' '} {path}{' (has another size)' if there else ''}  |  {size}  |  {origin}"
        )
    if lines:
        hint = (
            "`snakemake --cores 1 fetch` with the same --configfile gets what is marked *; "
            * any(line.startswith("  *") for line in lines)
        )
        stop(
            f"files: {len(lines)} of {len(outside_files())} are missing. {hint}docs/weights.md says where the others come from.\n"
            + "\n".join(lines)
        )


def check_photographs():
    """Enough images for every split, said before anything is computed."""
    for name in [name for name in config["sweep"]["datasets"] if name in PHOTOGRAPHED]:
        from editable_deepsc.data.albums import (
            choose_images,
        )  # imports torch: seconds that only data sets of photographs cost

        try:
            choose_images(name, config["datasets"][name], config["seed"])
        except ValueError as error:
            stop(str(error))


check_config()
EMBEDDED = [name for name, entry in config["datasets"].items() if entry["source"] == "embedded"]
PHOTOGRAPHED = [name for name in config["datasets"] if name not in EMBEDDED]
MAIN, *OTHERS = config["sweep"]["datasets"]
check_networks()
# Jobs, which read this file too, need not look again; and to fetch the missing files some must be missing (Snakemake tells nobody its targets).
if workflow.is_main_process and "fetch" not in sys.argv:
    check_files()
    check_photographs()


def one_of(names):
    """A wildcard constraint; of no names, one that nothing matches."""
    return "|".join(names) or "(?!)"


def networks(*roles):
    """Input function: role -> path of the networks of the job's data set."""
    return lambda w: {role: network(role, w.dataset) for role in roles}


def snr_text(snr):
    return f"{snr:g}"


GRID = snr_text(config["publish"]["grid_snr_db"])


def early(usual):
    """A rule's priority: ``usual``, and before everything else what the first picture (Figure 5) and Table I wait for."""
    return lambda w: usual + 100 * (w.get("dataset") == MAIN and w.get("snr", GRID) == GRID)


def needs(minutes, seconds_per_image=0.0, split="test", **more):
    """Memory and run time that a job asks of a cluster, by the size of its data set; every retry gets as much again.

    Bounds, not estimates: a job that is stopped too early continues from its checkpoint, one that lacks memory has to start again.
    """

    def size(w):
        entry = config["datasets"].get(
            w.get("dataset"), config["datasets"][config["sweep"]["datasets"][0]]
        )
        return entry["images"].get(w.get("split", split), 0), entry["resolution"]

    def mem_mb(w, attempt):
        images, resolution = size(w)
        return attempt * (
            3000 + resolution**2 * (40 * images + 32_000) // 10**6
        )  # arrays, and a batch of 32 in the generator

    def runtime(w, attempt):
        images, resolution = size(w)
        return attempt * (minutes + round(seconds_per_image * images * (resolution / 64) ** 2 / 60))

    return {"mem_mb": mem_mb, "runtime": runtime, **more}


# Codecs that are trained, and those of them that have a model for every SNR, or two layers of bits.
LEARNED = [name for name, entry in config["codecs"].items() if "steps" in entry]
LAYERED = [name for name in LEARNED if config["codecs"][name].get("kind", name) == "gan_codec"]
MATCHED = [name for name in LEARNED if config["codecs"][name].get("snr_range") == "matched"]


def codec_model(dataset, codec, snr):
    """The trained weights of a codec, at an SNR if it has a model for each; another data set's, where the config says so."""
    dataset = config["datasets"][dataset].get("codecs_of", dataset)
    return (
        f"results/models/{dataset}/{codec}_{snr}dB.safetensors"
        if codec in MATCHED
        else f"results/models/{dataset}/{codec}.safetensors"
    )


def fields(dataset, editor):
    """The trained fields F_a of an editor; another data set's, where the config says so."""
    return f"results/models/{config['datasets'][dataset].get('fields_of', dataset)}/{editor}.safetensors"


EDITORS = ["jecc", "talk2edit"]
CELLS = {
    "dataset": config["sweep"]["datasets"],
    "system": config["sweep"]["systems"],
    "snr": [snr_text(s) for s in config["sweep"]["snr_db"]],
}
CELL = "{dataset}/{system}/{snr}dB"


# As in the paper: the first data set of the sweep (MAIN) makes Table I and Figures 4 and 5, the first of another size Table II and Figures 6 and 7,
# the first of the same size Figures 8 and 9; any other has figures in a folder of its name.

ALIKE = [
    d
    for d in OTHERS
    if config["datasets"][d]["resolution"] == config["datasets"][MAIN]["resolution"]
]
LARGE = [d for d in OTHERS if d not in ALIKE]
FIGURES = {d: (f"{d}/quality", f"{d}/grid") for d in OTHERS} | {
    d: (f"figure{n}", f"figure{n + 1}")
    for n, datasets in ((4, [MAIN]), (6, LARGE[:1]), (8, ALIKE[:1]))
    for d in datasets
}
CURVES = {curves: dataset for dataset, (curves, _) in FIGURES.items()}
GRIDS = {grid: dataset for dataset, (_, grid) in FIGURES.items()}
BANDWIDTHS = {"table1": MAIN} | {"table2": dataset for dataset in LARGE[:1]}


wildcard_constraints:
    dataset="[A-Za-z0-9-]+",
    split="train|validation|finetune|test",
    system="[a-z0-9_+]+",
    snr=r"-?\d+(\.\d+)?",
    editor="|".join(EDITORS),
    codec="|".join(LEARNED) or "none",
    role="[a-z_]+",


# On a cluster these run where Snakemake runs: they take seconds, a place in a queue takes minutes.
localrules:
    all,
    sweep,
    metrics,
    bandwidth,
    curves,
    grid,
    pretrain,
    parameters,
    ablation_tables,
    cost_tables,
    ablation_grids,
    information,
    claims,
    setup,
