"""The checked config as an object: data sets and their roles, options, paths of networks.

It imports no torch: Snakemake reads this before every job.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from editable_deepsc.editing.recipes import inversion_options
from editable_deepsc.networks.manifest import BUNDLED
from editable_deepsc.systems.names import EDITOR, RELEASED, parse_system

# Kind of a codec -> what a figure calls it
KINDS = {"deepsc": "DeepSC", "deepjscc": "DeepJSCC", "generative_jscc": "Generative JSCC"}
ROLES = ("main", "high-resolution", "out-of-distribution")  # of a data set, in the paper
ANNOTATIONS = ("partition", "identities", "labels", "requests", "sentences", "boxes")
MOST_VALUES = 20_000  # in a config; config.yaml has 400
# Talk-to-Edit's files of its fields, one for each of our attributes, in our order
FIELD_FILES = ("Bangs.pth", "Eyeglasses.pth", "No_Beard.pth", "Smiling.pth", "Young.pth")
OWN_SIZE = ("generator", "discriminator")  # they draw and see one size; the judges resize


class ConfigError(ValueError):
    """What is wrong with the config, in one sentence that says what to change."""


def snr_text(snr_db: float) -> str:
    """An SNR in dB as it stands in file names: 6.0 -> "6", -0.0 -> "0"."""
    return f"{snr_db + 0.0:g}"


def published_files(entry: Mapping) -> list[str]:
    """The files of a published network: its ``path``, or those of a folder of fields."""
    if entry["format"] == "talk2edit-fields":
        return [f"{entry['path']}/{name}" for name in FIELD_FILES]
    return [entry["path"]]


def spread(snrs: list[float]) -> list[float]:
    """The lowest, the middle and the highest of some SNRs; of fewer, all."""
    rising = sorted(snrs)
    return rising if len(rising) < 3 else [rising[0], rising[len(rising) // 2], rising[-1]]


class Experiment:
    """A config that :func:`experiment.checks.check_config` has accepted.

    ``config`` is the dictionary that Snakemake reads from config.yaml and its overlays. "Swept"
    data sets are those under ``sweep.datasets``; others may be defined and not used.
    """

    def __init__(self, config: Mapping):
        self.config = config

    @property
    def seed(self) -> int:
        return self.config["seed"]

    @property
    def datasets(self) -> list[str]:
        """The swept data sets, in the order of the config."""
        return self.config["sweep"]["datasets"]

    @property
    def systems(self) -> list[str]:
        return self.config["sweep"]["systems"]

    @cached_property
    def snrs(self) -> list[str]:
        """The swept SNRs in dB, as in file names."""
        return [snr_text(snr) for snr in self.config["sweep"]["snr_db"]]

    @cached_property
    def lowest_snr(self) -> str:
        return snr_text(min(self.config["sweep"]["snr_db"]))

    @cached_property
    def highest_snr(self) -> str:
        return snr_text(max(self.config["sweep"]["snr_db"]))

    @cached_property
    def grid_snr(self) -> str:
        """The SNR of the picture grids (Figures 5, 7 and 9) and of Table VI."""
        return snr_text(self.config["publish"]["grid_snr_db"])

    def dataset(self, name: str) -> dict:
        """The entry of a data set; one with the faces of another has its own lines before those."""
        entry = self.config["datasets"][name]
        other = self.config["datasets"].get(entry.get("same_faces_as"), {})
        return {key: value for key, value in other.items() if key != "role"} | entry

    def with_role(self, role: str) -> str | None:
        """The swept data set in this place of the paper, one of :data:`ROLES`; None if none is."""
        found = [name for name in self.datasets if self.dataset(name).get("role") == role]
        return found[0] if found else None

    @cached_property
    def main(self) -> str:
        """The data set of Table I, Figures 4 and 5 and of every ablation."""
        main = self.with_role("main")
        assert main is not None, "the config was not checked"
        return main

    @cached_property
    def high_resolution(self) -> str | None:
        return self.with_role("high-resolution")

    @cached_property
    def out_of_distribution(self) -> str | None:
        return self.with_role("out-of-distribution")

    @cached_property
    def embedded(self) -> list[str]:
        """Data sets that are drawn, swept or not."""
        return [n for n in self.config["datasets"] if self.dataset(n)["source"] == "embedded"]

    @cached_property
    def photographed(self) -> list[str]:
        """Data sets that are read from folders, swept or not."""
        return [name for name in self.config["datasets"] if name not in self.embedded]

    @cached_property
    def twins(self) -> dict[str, str]:
        """Data set -> the one whose faces it has too, for another training of everything."""
        entries = self.config["datasets"].items()
        return {n: entry["same_faces_as"] for n, entry in entries if "same_faces_as" in entry}

    def training_seed(self, dataset: str) -> int:
        """Seed of all that is trained for a data set."""
        return self.dataset(dataset).get("training_seed", self.seed)

    @cached_property
    def learned(self) -> list[str]:
        """Codecs that are trained."""
        return [name for name, entry in self.config["codecs"].items() if "steps" in entry]

    @cached_property
    def adaptive(self) -> list[str]:
        """Digital codecs whose QAM and code rate are chosen for each SNR."""
        return [name for name, entry in self.config["codecs"].items() if "adaptive" in entry]

    @cached_property
    def prepared(self) -> list[str]:
        """Codecs of which a cell reads what was made beforehand: weights, or a choice."""
        return [*self.learned, *self.adaptive]

    @cached_property
    def generative(self) -> list[str]:
        """Learned codecs whose decoder ends in the generator."""
        entries = self.config["codecs"]
        return [n for n in self.learned if entries[n].get("kind", n) == "generative_jscc"]

    @cached_property
    def layered(self) -> list[str]:
        """Learned codecs with two layers of bits."""
        entries = self.config["codecs"]
        return [n for n in self.learned if entries[n].get("kind", n) == "gan_codec"]

    @cached_property
    def matched(self) -> list[str]:
        """Learned codecs that have a model for every SNR."""
        entries = self.config["codecs"]
        return [n for n in self.learned if entries[n].get("snr_range") == "matched"]

    def codec_options(self, codec: str | None, dataset: str) -> dict | None:
        """Options of a codec, those of the data set first; None if there is no such codec."""
        options = self.config["codecs"].get(codec)
        return options and options | self.dataset(dataset).get("codecs", {}).get(codec, {})

    def codec_start(self, dataset: str, codec: str) -> tuple[str, str] | None:
        """Data set and name of the codec whose weights a training starts from (``starts_from``);
        None where they are a network's, or random.
        """
        start = self._codec_start(dataset, codec)
        if not {"dataset", "codec"} & set(start):
            return None
        return start.get("dataset", dataset), start.get("codec", codec)

    def codec_start_role(self, dataset: str, codec: str) -> str | None:
        """The role of the network that a training starts from (``starts_from.network``); None
        where it starts from another codec, or from random weights.
        """
        return self._codec_start(dataset, codec).get("network")

    def _codec_start(self, dataset: str, codec: str) -> dict:
        """What ``starts_from`` says of a codec; nothing where it says nothing."""
        return (self.codec_options(codec, dataset) or {}).get("starts_from", {})

    @cached_property
    def compared_snrs(self) -> list[float]:
        """SNRs in dB at which systems are compared by bandwidth: those of the sweep that the
        config names, or the lowest, the middle and the highest one.
        """
        return self.config["equal_bandwidth"].get("snr_db") or spread(
            self.config["sweep"]["snr_db"]
        )

    @cached_property
    def figure_snrs(self) -> list[float]:
        """Those of them that the figure shows, at most three."""
        named = self.config["equal_bandwidth"].get("figure_snr_db")
        return named or spread(self.compared_snrs)

    def family(self, system: str) -> str:
        """Systems that differ in nothing but their bandwidth, as a figure calls them."""
        codec = parse_system(system).codec
        if codec is None:
            conditioned = "adapters" in self.variant(system)
            return "Editable-DeepSC" + ", adapters of all SNRs" * conditioned
        options = self.config["codecs"][codec]
        if "steps" not in options:
            return "digital chains"
        kind = KINDS.get(options.get("kind", codec), codec)
        return kind + ", LPIPS in its loss" * (kind == "DeepSC" and "perceptual_weight" in options)

    def inversion_section(self, dataset: str | None) -> dict:
        """The section ``inversion``, with what the data set, if one is given, has of its own."""
        own = {} if dataset is None else self.dataset(dataset).get("inversion", {})
        return self.config["inversion"] | own

    def variant(self, system: str) -> dict:
        """What is different about a variant of Editable-DeepSC; nothing of any other system."""
        return self.config.get("variants", {}).get(system, {})

    def repeats(self, system: str) -> int:
        """How often a system sends its symbols."""
        return self.variant(system).get("repeats", 1)

    def inversion(self, recipe: str | None = None, dataset: str | None = None) -> dict:
        """How faces are inverted: arguments of :class:`..InversionRecipe`, by a recipe's name.

        None: the recipe of every chain; what the config says for all data sets.
        """
        return inversion_options(self.inversion_section(dataset), recipe, guided=self.guided)

    @cached_property
    def guided(self) -> bool:
        """Whether every generator has an encoder; published ones have none."""
        return not any(self.published(name, "generator") for name in self.datasets)

    def released(self, system: str) -> bool:
        """Whether a system edits with Talk-to-Edit as released: by its name, or because
        ``released.baselines`` says so of all that edit with Talk-to-Edit.
        """
        editor, all_of_them = parse_system(system).editor, self.config["released"]["baselines"]
        return editor == RELEASED or (editor == EDITOR and all_of_them)

    def released_settings(self, system: str) -> dict | None:
        """Settings of Talk-to-Edit as released where a system edits so; None elsewhere."""
        if not self.released(system):
            return None
        return {k: v for k, v in self.config["released"].items() if k != "baselines"}

    @property
    def timed_systems(self) -> list[str]:
        """The rows of Table VI: the swept systems, and the first of those with Talk-to-Edit again
        as released, if none is yet.
        """
        baselines = [name for name in self.systems if parse_system(name).editor == EDITOR]
        if not self.config["ablations"]["released"]["timed"] or not baselines:
            return self.systems
        parts = [RELEASED if part == EDITOR else part for part in baselines[0].split("+")]
        known = self.config["released"]["baselines"]
        return list(dict.fromkeys([*self.systems, *(["+".join(parts)] * (not known))]))

    def released_role(self, dataset: str) -> str:
        """The network behind the LPIPS that Talk-to-Edit as released inverts with."""
        own = "talk2edit_perceptual"
        return own if own in self.network_entries(dataset) else "perceptual"

    @property
    def encoder_roles(self) -> list[str]:
        """The role of the encoder, where the chains' inversions start from one."""
        return ["encoder"] * (self.inversion()["start"] == "encoder")

    @cached_property
    def inverted(self) -> list[str]:
        """The swept data sets whose test images a transmitter inverts."""
        edited = any(parse_system(name).edits_at != "receiver" for name in self.systems)
        return self.datasets if edited else []

    def align(self, dataset: str) -> str:
        """How the photographs of a data set are aligned, one of ``ALIGNMENTS`` of the library.

        Without a word in the config those of a folder are brought to where rendered faces are, if
        the generator knows these, and others are left as they are.
        """
        entry = self.dataset(dataset)
        ours = entry["source"] == "folder" and not self.published(dataset, "generator")
        own = "crop" in entry or "boxes" in entry or not ours
        return entry.get("align", "none" if own else "rendered")

    def published(self, dataset: str, role: str) -> bool:
        """Whether a network is a file that others have published."""
        return isinstance(self.network_entries(dataset)[role], dict)

    def finetune_options(self, dataset: str) -> dict:
        """Recipe of the adapters, that of the data set first."""
        recipe = self.config["finetune"] | self.dataset(dataset).get("finetune", {})
        return {key: value for key, value in recipe.items() if key != "starts_from"}

    def adapters_start(self, dataset: str) -> str | None:
        """The data set whose adapters are the first values of this one's; None: closed form."""
        return self.dataset(dataset).get("finetune", {}).get("starts_from")

    def conditioned_options(self, dataset: str) -> dict:
        """Recipe of the adapters of all SNRs: that of the others, but for its own entries."""
        return self.finetune_options(dataset) | self.config["finetune_conditioned"]

    def network_entries(self, dataset: str) -> dict[str, str | dict]:
        """Role of a network -> "bundled", a path, or path, format and sizes of a published file.

        The entries of the data set come first.
        """
        return self.config["networks"] | self.dataset(dataset).get("networks", {})

    def network(self, role: str, dataset: str) -> str:
        """Path of the weight file of a network."""
        value = self.network_entries(dataset)[role]
        if value == "bundled":
            resolution = self.dataset(dataset)["resolution"]
            sized = role in OWN_SIZE and resolution != 64
            name = f"{role}_{resolution}.safetensors" if sized else f"{role}.safetensors"
            return str(BUNDLED / name)
        return value["path"] if isinstance(value, dict) else value

    def annotations(self, dataset: str) -> list[str]:
        """Paths of the published text files about the photographs of a data set."""
        entry = self.dataset(dataset)
        return [entry[key] for key in ANNOTATIONS if key in entry]

    def outside_files(self) -> list[str]:
        """Everything that the swept data sets need from elsewhere, in the order of the config."""
        paths = []
        for dataset in self.datasets:
            entry = self.dataset(dataset)
            paths += [entry["path"]] if "path" in entry else []
            paths += self.annotations(dataset)
            for value in self.network_entries(dataset).values():
                if isinstance(value, dict):
                    sizes = value.get("sizes", {}).values()
                    paths += published_files(value)
                    paths += [size for size in sizes if isinstance(size, str)]
        return list(dict.fromkeys(paths))

    def to_unpack(self) -> dict[str, str]:
        """Folder of pictures that is not there yet -> what it is packed in, which is there."""
        entries = [self.dataset(name) for name in self.datasets]
        return {
            entry["path"]: entry["packed"]
            for entry in entries
            if "packed" in entry
            and not Path(entry["path"]).exists()
            and Path(entry["packed"]).exists()
        }

    def files_to_fetch(self) -> list[str]:
        """Files from elsewhere that have a public address and are not there yet."""
        known = self.config.get("files", {})
        return [
            path
            for path in self.outside_files()
            if "url" in known.get(path, {}) and not Path(path).exists()
        ]
