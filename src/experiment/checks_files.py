"""Files that a config names: whole, of the right kind, and enough of them.

Only the beginnings of weight files are read, so that this takes no time.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from editable_deepsc.networks.manifest import manifest, sha256

from .checks_codecs import check_same_sizes
from .config import OWN_SIZE, ConfigError, Experiment, published_files
from .roles import KINDS

# Format of a published file -> roles that it can have; one that is not here can have any
ROLES_OF_FORMAT = {
    "stylegan2-generator": ("generator",),
    "stylegan2-discriminator": ("discriminator",),
    "talk2edit-predictor": ("predictor", "evaluator"),
    "talk2edit-recogniser": ("recogniser", "judge_recogniser"),
    "talk2edit-language": ("text_encoder",),
    "talk2edit-field": (),
    "talk2edit-fields": ("fields",),
    "lpips-alex": ("perceptual", "talk2edit_perceptual"),
    "lpips-vgg": ("perceptual", "talk2edit_perceptual"),
    "inception": ("fidelity",),
}
MOST_HEADER = 16 * 2**20  # bytes of a .safetensors header; those of the package have 15,000
_LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # of torch.save before 1.6
_BEGINNINGS = {
    b"PK\x03\x04": "a ZIP archive or PyTorch checkpoint",
    b"\x80\x02": "a pickle",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x1f\x8b": "a gzip archive",
    b"\x89HDF": "an HDF5 file",
    b"%PDF": "a PDF",
    b"<": "an HTML or XML page",
}


class Network(NamedTuple):
    """What a config says of a network: its data set, its role, and what stands there."""

    dataset: str
    role: str
    value: str | dict


def check_networks(experiment: Experiment) -> None:
    """Bundled files are whole and unaltered; given files exist and hold the network of the role."""
    # By path and role, so that a file that many data sets share is read once.
    chosen = {
        (experiment.network(role, dataset), role): Network(dataset, role, value)
        for dataset in experiment.datasets
        for role, value in experiment.network_entries(dataset).items()
        if isinstance(value, str)
    }
    for (path, _), network in chosen.items():
        if network.value == "bundled":
            check_bundled(experiment, Path(path), network)
    for dataset in experiment.datasets:
        for role, value in experiment.network_entries(dataset).items():
            if isinstance(value, str) and value != "bundled":
                check_given(experiment, Path(value), Network(dataset, role, value))


def check_bundled(experiment: Experiment, path: Path, network: Network) -> None:
    """There is a network of this resolution, and its file is as the manifest says."""
    entries, name = manifest(), path.stem
    if name not in entries:
        resolution = experiment.dataset(network.dataset)["resolution"]
        raise ConfigError(
            f"weights: no {network.role} of {resolution} pixels is bundled, which "
            f"{network.dataset!r} needs: give its path under datasets.{network.dataset}.networks, "
            "or change the resolution"
        )
    if not path.is_file() or sha256(path) != entries[name]["sha256"]:
        raise ConfigError(
            f"weights: {path} is missing, truncated or altered; "
            f"restore it with `git checkout {path}`"
        )


def check_given(experiment: Experiment, path: Path, network: Network) -> None:
    """A file that `snakemake pretrain` wrote, by its header: kind of network and resolution."""
    where = f"weights: networks.{network.role}: {path}"
    advice = "give the path of a .safetensors file that `snakemake pretrain` has written"
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise ConfigError(f"{where} {what}; {advice}, or 'bundled'")
    metadata = read_metadata(path)
    if isinstance(metadata, str):
        raise ConfigError(f"{where} {metadata}; {advice}, or 'bundled'")
    kind, sizes = metadata.get("kind"), sizes_of(metadata)
    if kind != KINDS[network.role] or sizes is None:
        raise ConfigError(
            f"{where} holds {kind or 'no named network'}, and {KINDS[network.role]} is needed; "
            f"{advice}"
        )
    resolution = experiment.dataset(network.dataset)["resolution"]
    channels = sizes.get("channels")
    if network.role in OWN_SIZE and isinstance(channels, list):
        found = 4 * 2 ** (len(channels) - 1) if 0 < len(channels) < 16 else 0
        if found != resolution:
            raise ConfigError(
                f"{where} is for {found} pixels, and {network.dataset!r} has {resolution}; give "
                "another file, or change the resolution"
            )


def check_codec_starts(experiment: Experiment) -> None:
    """The network that a codec's training starts from has the kind and the sizes of the codec."""
    for dataset in experiment.datasets:
        for codec in experiment.learned:
            role = experiment.codec_start_role(dataset, codec)
            if role is None:
                continue
            options = {"kind": codec} | (experiment.codec_options(codec, dataset) or {})
            metadata = read_metadata(Path(experiment.network(role, dataset)))
            sizes = None if isinstance(metadata, str) else sizes_of(metadata)
            first = {"kind": "deepsc"} | (sizes or {})
            check_same_sizes(
                f"config: codecs.{codec}.starts_from",
                {f"the network {role}": first, f"{codec} of {dataset!r}": options},
                "write `starts_from: {network: null}`",
            )


def sizes_of(metadata: Mapping) -> dict | None:
    """Arguments of a network's constructor in the metadata of its file; None without any."""
    try:
        sizes = json.loads(metadata.get("config", ""))
    except (ValueError, RecursionError):
        return None
    return sizes if isinstance(sizes, dict) else None


def read_metadata(path: Path) -> dict | str:
    """Metadata of a whole .safetensors file; where it is none, what it is instead."""
    size = path.stat().st_size
    if size == 0:
        return "is empty"
    with open(path, "rb") as file:
        begin = file.read(64)
        length = int.from_bytes(begin[:8], "little")
        if not 2 <= length <= MOST_HEADER or begin[8:9] != b"{":
            return f"is {look_of(begin)} and no .safetensors file"
        if length > size - 8:
            return "is a truncated .safetensors file"
        file.seek(8)
        header = file.read(length)
    try:
        entries = json.loads(header)
        metadata = entries.pop("__metadata__", {})
        ends = [entry["data_offsets"][1] for entry in entries.values()]
        whole = max(ends, default=0) == size - 8 - length
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return "has a damaged header"
    if not whole:
        return "is a truncated .safetensors file"
    return metadata if isinstance(metadata, dict) else "has a damaged header"


def look_of(begin: bytes) -> str:
    """What a file is by its first bytes."""
    for magic, name in _BEGINNINGS.items():
        if begin.lstrip().startswith(magic):
            return name
    try:
        text = begin.decode("utf-8", "ignore")
    except ValueError:  # pragma: no cover
        return "something else"
    return "a text file" if text.replace("\n", "").replace("\t", "").isprintable() else "binary"


def check_published(experiment: Experiment) -> None:
    """Published files have the format that the config says, a format has its role and sizes."""
    for dataset in experiment.datasets:
        for role, value in experiment.network_entries(dataset).items():
            if isinstance(value, dict):
                check_format(experiment, Network(dataset, role, value))


def check_format(experiment: Experiment, network: Network) -> None:
    """Format and sizes of one published file, from the config alone."""
    from inspect import signature

    from editable_deepsc.networks.published import FORMATS

    _, role, value = network
    assert isinstance(value, dict)
    where, format, sizes = f"config: networks.{role}", value["format"], value.get("sizes", {})
    if format not in FORMATS:
        raise ConfigError(
            f"{where}.format: {format!r} is unknown; choose one of: {', '.join(FORMATS)}"
        )
    if role not in ROLES_OF_FORMAT.get(format, (role,)):
        right = [name for name, roles in ROLES_OF_FORMAT.items() if role in roles]
        raise ConfigError(
            f"{where}.format: {format!r} holds no {role}; choose one of: {', '.join(right)}"
        )
    given = {"generator": None} | sizes if format == "talk2edit-fields" else sizes
    try:
        signature(FORMATS[format]).bind(value["path"], **given)
    except TypeError as error:
        raise ConfigError(
            f"{where}.sizes: {error}, which the format {format} takes; see docs/published.md"
        ) from None
    resolution = experiment.dataset(network.dataset)["resolution"]
    if role == "fields":
        check_fields(experiment, network, resolution)
    if role in OWN_SIZE and sizes.get("resolution", resolution) != resolution:
        raise ConfigError(
            f"{where}.sizes.resolution: {sizes['resolution']} is not the {resolution} pixels of "
            f"{network.dataset!r}; give a file of that size"
        )


def check_fields(experiment: Experiment, network: Network, resolution: int) -> None:
    """Published fields move the W of a published generator, by a rule for two resolutions."""
    from editable_deepsc.networks.published.talk_to_edit import REPLACED_LAYERS

    where, name = "config: networks.fields", network.dataset
    if not experiment.published(name, "generator"):
        raise ConfigError(
            f"{where}: published fields move latents of a published generator, and {name!r} has "
            "another; give networks.generator such a file, or remove the fields"
        )
    if resolution not in REPLACED_LAYERS:
        raise ConfigError(
            f"{where}: published fields are for {' and '.join(map(str, REPLACED_LAYERS))} pixels, "
            f"and {name!r} has {resolution}; remove them, or change the resolution"
        )


def check_published_files(experiment: Experiment) -> None:
    """Published files are PyTorch checkpoints; their contents are for the jobs to judge."""
    for dataset in experiment.datasets:
        for role, value in experiment.network_entries(dataset).items():
            files = published_files(value) if isinstance(value, dict) else []
            for path in (path for path in map(Path, files) if not is_checkpoint(path)):
                what = "a folder" if path.is_dir() else look_of(_beginning(path))
                raise ConfigError(
                    f"weights: networks.{role}: {path} is {what} and no whole PyTorch checkpoint; "
                    "download it again, or give another path"
                )


def _beginning(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(64)


def is_checkpoint(path: Path) -> bool:
    """Whether ``torch.save`` wrote a file, as an archive or as older versions did."""
    if not path.is_file():
        return False
    begin = _beginning(path)
    if begin.startswith(_LEGACY):
        return True
    if not begin.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/data.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def check_latents(experiment: Experiment) -> None:
    """Borrowed fields move latents of the size that the borrower's generator has; and an encoder
    finds those of its own generator only.
    """
    recipe = experiment.config["inversion"]["recipe"]
    for dataset in experiment.datasets:
        if experiment.encoder_roles and experiment.published(dataset, "generator"):
            raise ConfigError(
                f"config: inversion.recipe: {recipe!r} starts from an encoder, and none belongs to "
                f"the published generator of {dataset!r}; take paper or searched"
            )
        lender = experiment.dataset(dataset).get("fields_of")
        if lender is None:
            continue
        own, lent = latent_of(experiment, dataset), latent_of(experiment, lender)
        if own and lent and own != lent:
            raise ConfigError(
                f"config: datasets.{dataset}.fields_of: latents of {lender!r} have {lent} numbers "
                f"and those of {dataset!r} have {own}; remove the line"
            )


def latent_of(experiment: Experiment, dataset: str) -> int | None:
    """Size of the latents of the generator of a data set; None where no file tells."""
    value = experiment.network_entries(dataset)["generator"]
    path = Path(experiment.network("generator", dataset))
    if isinstance(value, dict):
        return 512 if value["format"] == "stylegan2-generator" else None
    metadata = read_metadata(path) if path.is_file() else ""
    return None if isinstance(metadata, str) else (sizes_of(metadata) or {}).get("latent")


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


def by_hand(experiment: Experiment) -> str:
    """What no run can fetch and is missing, with where to get it; "" if nothing is."""
    lines = [line for line in _missing_files(experiment) if not line.startswith("  *")]
    if not lines:
        return ""
    return (
        "files: these have no public address; get them by hand, under these names:\n"
        + "\n".join(lines)
    )


def _missing_files(experiment: Experiment) -> Iterator[str]:
    """A line for each: * where it can be fetched, its path, size and origin."""
    known, packed = experiment.config.get("files", {}), experiment.to_unpack()
    for path in experiment.outside_files():
        about = known.get(path, {})
        there = Path(path).exists()
        if there and Path(path).stat().st_size == about.get("bytes", Path(path).stat().st_size):
            continue
        bytes_ = f"{about['bytes']:,} bytes" if "bytes" in about else None
        size = bytes_ or about.get("size", "size not published")
        origin = about.get("url") or about.get("from", "not described under files in the config")
        if path in packed:
            yield f"  * {path}  |  {size}  |  packed in {packed[path]}"
            continue
        wrong = " (has another size)" if there else ""
        yield f"  {'*' if 'url' in about else ' '} {path}{wrong}  |  {size}  |  {origin}"


def check_photographs(experiment: Experiment) -> None:
    """Folders of photographs hold enough images for every split, each of them large enough."""
    for name in experiment.datasets:
        if name not in experiment.photographed:
            continue
        from editable_deepsc.data.albums import choose_images

        from .chosen import finds_faces

        align = experiment.dataset(name).get("align", "none")
        if align != "none" and not finds_faces():
            raise ConfigError(
                f"config: datasets.{name}.align: {align!r} needs a face detector; install it with "
                '`pip install "mtcnn==1.0.0"`, or write none'
            )
        try:
            choose_images(name, experiment.dataset(name), experiment.seed)
        except ValueError as error:
            raise ConfigError(str(error)) from None
