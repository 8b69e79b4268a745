"""Bad configs by the hundred: what is changed of the default config, and what is said then.

A case is a name, a change and a pattern of the sentence. What a job would refuse later, when its
old outputs are gone, counts as accepted.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from snakemake.utils import update_config

from experiment import checks
from experiment.config import ConfigError, Experiment

ROOT = Path(__file__).parents[2]
DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text())
CODECS = yaml.safe_load((ROOT / "workflow/configs/codecs.yaml").read_text())
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
NOT_WRITTEN = object()  # stands for a key that is removed

Case = tuple[str, Any, str]


def refusal(config: Any) -> str | None:
    """The sentence by which a config is refused before the first job; None if it is accepted."""
    try:
        checks.check_config(config, SCHEMA)
        checks.check_before_jobs(Experiment(config))
    except ConfigError as error:
        return str(error)
    return None


def what_got_through(cases: list[Case], change: Callable[[Any], Any]) -> list[str]:
    """Of the cases those that are accepted, or refused in other words than a sentence of theirs."""
    wrong = []
    for name, value, pattern in cases:
        said = refusal(change(value))
        if said is None or "\n" in said or len(said) > 500 or not re.search(pattern, said):
            wrong.append(f"{name}: {said or 'accepted'}")
    return wrong


def overlaid(change: Any, *overlays: dict) -> Any:
    """The default config with overlays on it, as Snakemake lays them."""
    config = copy.deepcopy(DEFAULT)
    for overlay in (*overlays, change):
        update_config(config, copy.deepcopy(overlay))
    return config


# --- every value of the default config ------------------------------------------------------------


def places(value: Any, path: tuple = ()) -> Iterator[tuple[tuple, Any]]:
    """All places of the default config and what stands there."""
    if path:
        yield path, value
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, below in inner:
            yield from places(below, (*path, key))


def put(path: tuple, value: Any) -> dict:
    """The default config with another value in one place."""
    config = copy.deepcopy(DEFAULT)
    at = config
    for key in path[:-1]:
        at = at[key]
    if value is NOT_WRITTEN:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return config


PLACES = list(places(DEFAULT))
NUMBERS = [p for p, v in PLACES if isinstance(v, int | float) and not isinstance(v, bool)]
WHOLE = [p for p, v in PLACES if type(v) is int and not {"snr_db", "snr_range"} & set(p)]
WHOLE = [p for p in WHOLE if p[-1] not in ("grid_snr_db", "rice_factor_db")]
WHOLE = [p for p in WHOLE if p[:2] != ("ablations", "finetune")]  # shares
MAPS = [p for p, v in PLACES if isinstance(v, dict)]
LISTS = [p for p, v in PLACES if isinstance(v, list)]
LISTS.remove(("equal_bandwidth", "systems"))  # who wants none beside the sweep's
TEXTS = [p for p, v in PLACES if isinstance(v, str)]
SWITCHES = [p for p, v in PLACES if isinstance(v, bool)]
EVERYWHERE = {
    "NaN": (NUMBERS, float("nan"), "finite"),
    "infinity": (NUMBERS, float("-inf"), "finite"),
    "no upper bound": (NUMBERS, 10**12, "maximum|not one of|allowed|too much memory"),
    "no lower bound": (NUMBERS, -(10**6), "minimum|not above|not one of"),
    "a number as text": (NUMBERS, "5", "the text '5' stands where"),
    "YAML's text": (NUMBERS, "1e-3", "write 0.001|the text '1e-3'"),
    "a truth value for a number": (NUMBERS, True, "the truth value true stands where"),
    "nothing for a number": (NUMBERS, None, "nothing stands where"),
    "a list for a number": (NUMBERS, [1, 2], "a list stands where"),
    "a map for a number": (NUMBERS, {"of": 1}, "a map stands where"),
    "a whole number with a point": (WHOLE, 64.0, "write 64"),
    "half a whole number": (WHOLE, 2.5, "a whole number belongs"),
    "a list for a map": (MAPS, ["faces"], "a list stands where"),
    "text for a map": (MAPS, "faces", "the text 'faces' stands where"),
    "nothing for a map": (MAPS, None, "nothing stands where"),
    "an empty list": (LISTS, [], "too short"),
    "a map for a list": (LISTS, {"a": 1}, "a map stands where|a map is none"),
    "one value for a list": (LISTS, 6, "the number 6 stands where|the number 6 is none"),
    "a number for text": (TEXTS, 2024, "the number 2024"),
    "a truth value for text": (TEXTS, False, "the truth value false"),
    "text that means nothing": (
        TEXTS,
        "{snr}",
        "unknown|braces|cannot be used|not defined|must be",
    ),
    "text for a switch": (SWITCHES, "yes", "true or false belongs"),
    "a number for a switch": (SWITCHES, 1, "true or false belongs"),
}


# --- names, SNRs, seeds -----------------------------------------------------------------------


def data_set(name: Any) -> dict:
    """A swept data set of another name."""
    entry = {key: value for key, value in DEFAULT["datasets"]["faces"].items()}
    return {"datasets": {name: entry}, "sweep": {"datasets": [name]}}


def codec(name: Any, **options: Any) -> dict:
    """A swept codec of another name."""
    entry = DEFAULT["codecs"]["jpeg_ldpc"] | {"kind": "digital"} | options
    return {"codecs": {name: entry}, "sweep": {"systems": ["editable_deepsc", f"{name}+talk2edit"]}}


def adapters_of(name: str, start: str) -> dict:
    """Adapters of a data set that start from those of another."""
    return {"datasets": {name: {"finetune": {"starts_from": start}}}}


def another_hq(without: str, **options: Any) -> dict:
    """A swept data set like `faces-hq`, in no place of the paper, and without one line of it."""
    left_out = ("role", without)
    entry = {k: value for k, value in DEFAULT["datasets"]["faces-hq"].items() if k not in left_out}
    return {"datasets": {"mine": entry | options}, "sweep": {"datasets": ["faces", "mine"]}}


def hq_deepsc(**options: Any) -> dict:
    """DeepSC of `faces-hq`, whose training starts from that of `faces`."""
    return {"datasets": {"faces-hq": {"codecs": {"deepsc": options}}}}


def trained(**names: str) -> dict:
    """Another start of a codec than the network that ships."""
    return {"network": None} | names


def swept(*snrs: float) -> dict:
    return {"sweep": {"snr_db": [*snrs, 12]}}


BAD_NAMES = ["{snr}", "a/b", "../up", ".", "", " ", "a b", "a.b", "*", "a\n", "é", "a" * 41, "-a"]
NAMES: list[Case] = [
    *((f"data set {n!r}", data_set(n), "datasets") for n in BAD_NAMES),
    *((f"data set {n!r}", data_set(n), "datasets") for n in ("a_b", "a+b", "~")),
    *((f"data set {n!r}", data_set(n), "cannot be a name") for n in ("no", "Null", "nan", "2024")),
    *((f"data set {n!r}", data_set(n), "cannot be a name") for n in ("TRUE", "1e5", "007")),
    *((f"data set {n!r}", data_set(n), "is no text") for n in (2024, False, None, 1.5)),
    ("data sets by capitals", data_set("Faces"), "'faces' and 'Faces' differ by capitals"),
    *((f"codec {n!r}", codec(n), "codecs") for n in BAD_NAMES),
    *((f"codec {n!r}", codec(n), "codecs") for n in ("My-Codec", "Jpeg", "_x", "a+b")),
    *((f"codec {n!r}", codec(n), "something else") for n in ("jecc", "talk2edit", "adapters")),
    *((f"codec {n!r}", codec(n), "something else") for n in ("editable_deepsc", "adapters_x")),
    *((f"codec {n!r}", codec(n), "cannot be a name") for n in ("none", "nan", "off", "2024")),
    *((f"codec {n!r}", codec(n), "is no text") for n in (7, True)),
    *((f"SNR {n!r}", swept(n), "six digits") for n in (6.0000001, 1.23456789, 1e-5, -0.00001)),
    *((f"SNR {n!r}", swept(n), "same value twice") for n in (12, 12.0)),
    ("SNRs of one label", swept(6, 6.0000001), r"sweep.snr_db\[1\].*called 6 dB"),
    ("grid between", {"publish": {"grid_snr_db": 12.0000001}}, "grid_snr_db"),
    *((f"seed {n}", {"seed": n}, "seed: ") for n in (2**32, -1, 10**30, 1.5, "1", [1], None)),
    ("codec's seed", codec("mine", seed=2**32), "seed"),
    *((f"path {p!r}", {"networks": {"evaluator": p}}, "networks.evaluator: ")
      for p in ("{snr}.safetensors", "", "a\nb", "a\0b", "no/such.safetensors", "a" * 1001)),
    ("path of a long name", {"networks": {"evaluator": "a" * 999}}, "cannot be read .*too long"),
]  # fmt: skip


# --- what only the parts of a system know -------------------------------------------------------


def gallager(**options: Any) -> dict:
    return {"codecs": {"jpeg_ldpc": options}}


def nr(**options: Any) -> dict:
    """A swept codec of 5G on top of workflow/configs/codecs.yaml."""
    return {"codecs": {"jpeg_5g": options}}


def of_codec(name: str, **options: Any) -> dict:
    return {"codecs": {name: options}}


def studied(**change: Any) -> dict:
    return {"studies": change}


COMBINATIONS: list[Case] = [
    ("d_c 7", gallager(d_c=7), "block length must be a multiple of d_c=7"),
    ("block of 1000", gallager(max_block_length=1000), "multiple of d_c=12"),
    ("block shorter than d_c", gallager(d_c=600, max_block_length=60), "multiple of d_c"),
    ("d_v = d_c", gallager(d_v=12), "d_v < d_c"),
    ("d_v > d_c", gallager(d_v=13), "d_v < d_c"),
    ("order 8", gallager(qam_order=8), "qam_order.*not one of 4, 16"),
    ("order 16.0", gallager(qam_order=16.0), "qam_order.*write 16"),
    ("code and 5G", gallager(channel_code="5g"), "channel_code"),
    ("no such code", gallager(channel_code="turbo"), "channel_code"),
    ("no such source", gallager(source="gif"), "'gif' is unknown"),
    ("every image an outage", gallager(bpp=0.01), "bpp: .* all of them would be lost"),
    ("not a bit", gallager(bpp=1e-6), "information bit"),
    ("more than raw", gallager(bpp=25), "maximum"),
    ("outage of a data set", {"datasets": {"faces-hq": {"codecs": {"jpeg_ldpc": {"bpp": 0.02}}}}},
     "'faces-hq' .* would be lost"),
    ("d_c of a data set", {"datasets": {"faces-hq": {"codecs": {"jpeg_ldpc": {"d_c": 7}}}}},
     "on 'faces-hq', block length"),
    ("kind of a data set", {"datasets": {"faces": {"codecs": {"deepsc": {"kind": "deepjscc"}}}}},
     "faces.codecs.deepsc: 'kind'"),
    ("matched in a data set",
     {"datasets": {"faces": {"codecs": {"deepsc": {"snr_range": "matched"}}}}},
     "faces.codecs.deepsc: 'snr_range'"),
    ("steps of JPEG", gallager(steps=3), "'steps' is unknown"),
    ("kind of JPEG", gallager(kind="deepsc"), "kind"),
    ("odd width", of_codec("deepsc", width=63), "multiple of 2"),
    ("wide", of_codec("deepsc", width=100_000), "maximum"),
    ("crop of 63", of_codec("deepsc", crop=63), "multiple of 4"),
    ("crop above the image", of_codec("deepsc", crop=128), "crop: 128 is more than the 64 pixels"),
    ("range that falls", of_codec("deepsc", snr_range=[20, -8]), r"\[20, -8\] falls"),
    ("range of three", of_codec("deepsc", snr_range=[1, 2, 3]), "snr_range"),
    ("next to nothing", {"matching": {"step_size": 1e-300}}, "below the minimum"),
    ("range of text", of_codec("deepsc", snr_range="all"), "snr_range"),
    ("range of jecc", {"jecc": {"snr_db": [28, 22]}}, "jecc.snr_db: .* falls"),
    ("codec's images", of_codec("deepsc", images=900_000), "images: 900,000 images of"),
    ("test images", {"datasets": {"faces-hq": {"images": {"test": 200_000}}}}, "GiB"),
    ("draws", {"sweep": {"channel_seeds": 999}, "datasets": {"faces": {"images": {"test": 9999}}}},
     "channel_seeds: .* GiB"),
    ("batch", another_hq(without="adapters_of", finetune={"batch": 4096}),
     "finetune.batch: a batch of 4,096 images of 128 pixels"),
    ("timed batch", {"ablations": {"timed_batch": 4097}}, "maximum"),
    ("faces of the recipes", {"ablations": {"recipes": {"faces": 1}}}, "minimum"),
    ("faces of the recipes", {"ablations": {"recipes": {"faces": "all"}}},
     "a whole number belongs"),
    ("timed batch above the split", {"ablations": {"timed_batch": 97}}, "97 is more than the 96"),
    ("dialogues above the split", {"dialogue": {"faces": 97}}, "97 is more than the 96"),
    ("turns without an attribute", {"dialogue": {"turns": 6}}, "maximum"),
    ("batch of a wide network", of_codec("deepsc", width=1024, batch=4096), "codecs.deepsc.batch"),
    ("large pairs", {"pretrain": {"corpus": {"large_pairs": 10**6}}}, "large_pairs: .* GiB"),
    ("people", {"pretrain": {"corpus": {"people": 10**6}}}, "people: .* GiB"),
    ("pretrained batch", {"pretrain": {"generator_128": {"batch": 4096}}}, "generator_128.batch"),
    ("validated edits", {"validation": {"edited": 400}}, "400 faces are more than the 384"),
    ("borrowed and trained", {"datasets": {"faces-ood": {"codecs": {"deepsc": {"steps": 3}}}}},
     "takes the codecs of 'faces' as they are"),
    ("published judge",
     {"networks": {"evaluator": {"path": "x", "format": "talk2edit-predictor"}}},
     "networks.evaluator: a published file cannot judge the rendered faces"),
    ("widths of a discriminator", {"pretrain": {"generator": {"discriminator_channels": [8] * 4}}},
     "discriminator_channels"),
    ("widths that do not grow", {"pretrain": {"generator_128": {"channels": [8] * 6}}},
     "generator_128.channels"),
    ("octaves", {"pretrain": {"generator_128": {"trained_octaves": 6}}}, "trained_octaves"),
    ("fitted faces", {"pretrain": {"generator": {"finish": {"fitted": 50_000}}}}, "fitted"),
    ("unknown kind", codec("mine", kind="morse"), "codec 'morse' is unknown"),
    ("unknown system", {"sweep": {"systems": ["deepsc"]}}, "system 'deepsc' is unknown"),
    ("system of three", {"sweep": {"systems": ["a+b+talk2edit"]}}, "is unknown"),
    ("no codec", {"sweep": {"systems": ["talk2edit+"]}}, "is unknown"),
    ("system twice", {"sweep": {"systems": ["editable_deepsc"] * 2}}, "twice"),
    ("resolution 64.0", {"datasets": {"faces": {"resolution": 64.0}}}, "write 64"),
    ("resolution 100", {"datasets": {"faces": {"resolution": 100}}}, "not one of"),
    ("no such network",
     {"datasets": {"faces": {"resolution": 256}}, "sweep": {"datasets": ["faces"]}},
     "256 pixels is bundled"),
    ("subset above the split", {"evaluation": {"kid_subset_size": 49}}, "49 is more than the 48"),
    ("starts from itself", hq_deepsc(starts_from={"dataset": "faces-hq"}), "not from this one"),
    ("starts from nothing", hq_deepsc(starts_from={"dataset": "cats"}), "of the dataset 'cats'"),
    ("starts from borrowed", hq_deepsc(starts_from={"dataset": "faces-ood"}), "trains itself"),
    ("starts from a narrower one", hq_deepsc(width=32), "width is 64 for deepsc of 'faces'"),
    ("all start", of_codec("deepsc", starts_from=trained(dataset="faces")), "not from this"),
    ("starts from no codec", of_codec("deepsc", starts_from=trained(codec="morse")), "'morse'"),
    ("starts from JPEG", of_codec("deepsc", starts_from=trained(codec="jpeg_ldpc")), "jpeg_ldpc'"),
    ("starts from two", of_codec("deepsc", starts_from={"codec": "deepsc"}), "`network: null`"),
    ("starts from a role", of_codec("deepsc", starts_from={"network": "encoder"}), "codec_start"),
    ("starts from another kind",
     {"codecs": {"sharp": DEFAULT["codecs"]["deepsc"]
                 | {"kind": "deepjscc", "starts_from": {"codec": "deepsc"}}}},
     "kind is deepsc for deepsc of"),
    ("starts from nowhere",
     of_codec("sharp", **DEFAULT["codecs"]["deepsc"] | {"kind": "deepsc", "starts_from": {}}),
     "starts_from"),
    ("starts from a name", hq_deepsc(starts_from="faces"), "starts_from"),
    ("fields start from larger ones", {"talk2edit": {"hidden": 256}},
     "jecc.starts_from: hidden is 256 for talk2edit and 192 for jecc"),
    ("fields start from deeper ones", {"talk2edit": {"layers": 4}}, "layers is 4 for talk2edit"),
    ("fields start from nothing", {"jecc": {"starts_from": "faces"}}, "starts_from"),
    ("adapters of all start", {"finetune": {"starts_from": "faces"}}, "belongs to a data set"),
    ("adapters of the main data set start", adapters_of("faces", "faces-hq"), "Table V counts"),
    ("adapters start from nothing", adapters_of("faces-ood", "cats"), "'cats' must be another"),
    ("adapters start from themselves", adapters_of("faces-ood", "faces-ood"), "must be another"),
    ("adapters start from started ones",
     {"datasets": {"mine": another_hq(without="adapters_of")["datasets"]["mine"]
                   | {"finetune": {"starts_from": "faces"}},
                   "faces-ood": {"finetune": {"starts_from": "mine"}}}},
     "must be another"),
    ("adapters start from borrowed ones", adapters_of("faces-ood", "faces-hq"), "must be another"),
    ("adapters of nobody", {"datasets": {"faces-hq": {"adapters_of": "cats"}}}, "'cats' must be"),
    ("adapters of a borrower", {"datasets": {"faces-ood": {"adapters_of": "faces-hq"}}},
     "trains its own"),
    ("adapters of the main data set", {"datasets": {"faces": {"adapters_of": "faces-ood"}}},
     "Table V counts"),
    ("borrowed adapters that start", adapters_of("faces-hq", "faces"), "takes the adapters of"),
    ("borrowed adapters of other latents", another_hq(without="fields_of"), "latents of its own"),
    ("adapters of other latents",
     {"datasets": {"mine": DEFAULT["datasets"]["faces-ood"] | {"fields_of": "faces-hq"},
                   "faces-ood": {"finetune": {"starts_from": "mine"}}}},
     "'mine' has latents of its own"),
    ("squares above the image", of_codec("deepsc", squares={"side": 128, "steps": 9}),
     "squares.side: 128 is more than the 64"),
    ("squares that halve badly", of_codec("deepsc", halvings=5, squares={"side": 48, "steps": 9}),
     "5 halvings of 48 pixels"),
    ("squares without steps", of_codec("deepsc", squares={"side": 32, "steps": 0}), "squares"),
    ("own fields", {"datasets": {"faces": {"fields_of": "faces"}}}, "trains its own"),
]  # fmt: skip

STUDIED: list[Case] = [
    ("5G too slow", nr(code_rate=0.1), "minimum"),
    ("5G too fast", nr(code_rate=0.93), "maximum"),
    ("5G a little too slow", nr(code_rate=0.2), "change the code rate a little"),
    ("5G too short", nr(bpp=0.005), "jpeg_5g.* would be lost"),
    ("5G with d_v", nr(d_v=3), "'d_v' is unknown"),
    ("WebP is lost", of_codec("webp_5g", bpp=0.05), "webp_5g.bpp: .* would be lost"),
    ("AVIF is lost", of_codec("avif_5g", bpp=0.05), "avif_5g.bpp: .* would be lost"),
    ("HEVC is lost", of_codec("hevc_5g", bpp=0.02), "hevc_5g.bpp: .* would be lost"),
    ("layers of d_v", of_codec("gan_codec", sent={"d_v": 3}), "d_v"),
    ("layers without bits", of_codec("gan_codec", sent={"base_bpp": 0}), "base_bpp"),
    ("layers too slow", of_codec("gan_codec", sent={"code_rate": 0.1}), "code_rate"),
    ("layers too short", of_codec("gan_codec", sent={"base_bpp": 0.001, "enhancement_bpp": 0}),
     "gan_codec: on 'faces', "),
    ("layers of nothing", of_codec("gan_codec", sent=None), "sent"),
    ("layers are a list", of_codec("gan_codec", sent=[0.2, 0.15]), "a list stands where"),
    ("importance below 0", of_codec("semantic_jscc", importance_weight=-1), "minimum"),
    ("bandwidths", of_codec("deepjscc", symbols_per_position=3), "different numbers of real dim"),
    ("studied rate", studied(rates={"bpp": [0.001, 0.35]}), "studies.rates.bpp"),
    ("share above 1", studied(rates={"base_shares": [0.5, 1.5]}), "maximum"),
    ("stray rate", studied(rates={"split_bpp": [0.24]}), "0.24 is not one of studies.rates.bpp"),
    ("no 6 dB", {"sweep": {"snr_db": [0, 12]}}, "publish.codecs: the earlier paper"),
    ("no codec drawn", {"sweep": {"systems": ["editable_deepsc"]}}, "no system .* has a codec"),
    ("studied SNR", studied(mismatch={"snr_db": 6.0000001}), "six digits"),
    ("studied codec", studied(mismatch={"codec": "deepsc"}), "no model for every SNR"),
    ("studies of nothing", {"studies": None}, "studies: nothing stands where"),
    ("models of one name", {"codecs": {"deepjscc_matched_6db": DEFAULT["codecs"]["deepsc"]
                                       | {"kind": "deepsc"}}}, "are named like"),
]  # fmt: skip


# --- as it was written ----------------------------------------------------------------------------

BOMB = "\n".join(
    ["a0: &a0 [lol, lol]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
)
WRITTEN = [
    ("seed: 1\nseed: 2\n", "line 2: the key 'seed' is there twice, first in line 1"),
    ("sweep:\n  snr_db: [6]\n  'snr_db': [12]\n", "line 3: the key 'snr_db' is there twice"),
    ("codecs:\n  a: &x {b: 1}\n  a: *x\n", "line 3: the key 'a' is there twice"),
    ("a: &a {x: 1}\nb: {<<: *a, <<: *a}\n", "line 2: the key '<<' is there twice"),
    ('{"seed": 1, "seed": 2}', "the key 'seed' is there twice"),
    ('{"sweep": {"snr_db": [1], "snr_db": [2]}}', "'snr_db' is there twice"),
    (BOMB, "expand to more than"),
    (BOMB.replace("[lol, lol]", "{x: 1}").replace("[", "{b: [").replace("]", "]}"), "expand to"),
    ("a: &a [1, *a]\n", "line 1: an alias .* inside of what it repeats"),
    ("finetune: &a {steps: 3, x: *a}\n", "line 1: an alias"),
    ("seed: 010\n", "line 1: YAML reads 010 as octal"),
    ("sweep: {snr_db: [1:30]}\n", "line 1: YAML reads 1:30 in base 60"),
    ("matching: {step_size: 1:30.5}\n", "in base 60"),
    ("? [a, b]\n: 1\n", "a key must be a name"),
    ("a: " + "x" * 4_000_001, "4,000,004 bytes"),
]


BOMBS: list[Case] = [
    ("lists", {"sweep": {"snr_db": yaml.safe_load(BOMB)["a8"]}}, "snr_db|more than 20,000 values"),
    ("many", {"sweep": {"snr_db": list(range(2000))}}, "snr_db: 2,000 values"),
    ("many keys", {"files": {f"a{i}": {"from": "b"} for i in range(1001)}}, "files: 1,001 values"),
    ("a number of 5,000 digits", {"seed": 16**5000}, "seed: the number is above any maximum"),
    ("long text", {"precision": "x" * 100_000}, "precision: .*is unknown"),
    ("escape", {"precision": "\x1b[31mred"}, "control characters"),
]
