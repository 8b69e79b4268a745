"""The body of every script that runs a network, on a GPU that is none: no tensor is left behind.

The scripts run one after another in this process, at the smallest sizes, each on what those before
it wrote.
"""

from __future__ import annotations

import runpy
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
import yaml
from snakemake.iocontainers import InputFiles, Log, OutputFiles, Params, Wildcards

from editable_deepsc.networks.precision import choose_precision
from experiment import job as life
from experiment.config import Experiment

from .pretended import DEVICE, MixedDevices, PretendedGpu, moved, there

ROOT = Path(__file__).parents[2]
SNR, N = "6", 4
SIZES = {
    "precision": "float32",
    "matching": {"max_steps": 2, "step_size": 0.5},
    "evaluation": {"identity_pairs": 20, "kid_subsets": 2, "kid_subset_size": 4},
    "validation": {"inverted": 16, "edited": 16, "prior": 8, "people": 4},
    "information": {"faces": 60, "ridge": 1.0, "negatives": 15},
}


def merged(base: dict, over: dict) -> dict:
    both = {
        k: merged(base[k], v) if isinstance(v, dict) and isinstance(base.get(k), dict) else v
        for k, v in over.items()
    }
    return base | both


def named_files(paths: dict) -> InputFiles:
    """Input files by name; a name may stand for several."""
    files = InputFiles()
    for name, value in paths.items():
        start = len(files)
        files.extend(value if isinstance(value, list) else [value])
        files._set_name(name, start, len(files) if isinstance(value, list) else None)
    return files


class Call:
    """What Snakemake hands to a script."""

    def __init__(self, rule: str, wildcards: dict, inputs: dict, outputs: dict, params: dict):
        self.rule, self.threads = rule, 1
        self.wildcards, self.params = Wildcards(fromdict=wildcards), Params(fromdict=params)
        self.input, self.output = named_files(inputs), OutputFiles(fromdict=outputs)
        self.log, self.resources = Log(["log"]), {"gpu": 1}
        self.scriptdir, self.config = str(ROOT / "workflow/scripts"), EXPERIMENT.config


def config() -> dict:
    files = ["config.yaml", "workflow/configs/smoke.yaml", "workflow/trials/changes.yaml"]
    whole: dict = {}
    for name in files:
        whole = merged(whole, yaml.safe_load((ROOT / name).read_text()))
    return merged(whole, SIZES)


EXPERIMENT = Experiment(config())
CONFIG = EXPERIMENT.config
ENTRY = CONFIG["datasets"]["faces"]


def networks(*roles: str) -> dict[str, str]:
    return {role: EXPERIMENT.network(role, "faces") for role in roles}


EDITING = networks("generator", "predictor", "text_encoder", "perceptual", "encoder")
JUDGES = networks("evaluator", "judge_recogniser", "perceptual", "fidelity")
DATA = {s: f"data/{s}.safetensors" for s in ("train", "finetune", "test", "study")}
LATENTS = {s: f"latents/{s}.safetensors" for s in ("train", "finetune", "test")}
BAR = {"bar": "bar.json", "real": "real.safetensors"}
SEED = {"seed": 1}
EDITS = {"inversion": EXPERIMENT.inversion(), "matching": CONFIG["matching"]}
CHANNEL = {"channel": CONFIG["channel"]}
TRAINING = SEED | {"precision": "float32"}
IN = {"dataset": "faces"}


# Each step is a script with its wildcards, inputs, outputs and parameters.
TEST = {"data": DATA["test"]}
SENT = {n: f"edits/{n}.safetensors" for n in ("jecc", "talk2edit")}
TOOK = {n: f"edits/{n}.seconds.json" for n in ("jecc", "talk2edit")}
ADAPTERS = {"adapters": "adapters.safetensors"}
CELLS = {
    "editable_deepsc": networks("generator")
    | ADAPTERS
    | {"edits": SENT["jecc"], "edit_seconds": TOOK["jecc"]},
    "talk2edit+deepsc": {
        "codec": "deepsc.safetensors",
        "edits": SENT["talk2edit"],
        "edit_seconds": TOOK["talk2edit"],
    },
    "deepsc+talk2edit": EDITING
    | {"codec": "deepsc.safetensors", "fields": "talk2edit.safetensors"},
}
VARIANTS = {
    "editable_deepsc_x2": CELLS["editable_deepsc"],
    "editable_deepsc_conditioned": CELLS["editable_deepsc"]
    | {"adapters": "conditioned.safetensors"},
    "talk2edit+generative": CELLS["talk2edit+deepsc"]
    | networks("generator")
    | {"codec": "generative.safetensors"},
}
GENERATIVE = {
    **{"kind": "generative_jscc", "snr_range": [0, 12], "images": 8, "steps": 2, "batch": 4},
    **{"rate": 0.001, "perceptual_weight": 0.1},
}
CODECS = {"generative": GENERATIVE, "deepsc": CONFIG["codecs"]["deepsc"]}
RECEIVED = {system: f"received/{system}.safetensors" for system in CELLS}
BESIDE = {system: f"received/{system}.safetensors" for system in VARIANTS}
JUDGED = SEED | {"evaluation": CONFIG["evaluation"]}


def training_steps():
    """Everything before the first transmission."""
    for split, path in DATA.items():
        if split == "study":
            yield "study_faces", IN, {}, {"out": path}, SEED | {"entry": ENTRY, "n": N}
        else:
            yield "dataset", IN | {"split": split}, {}, {"out": path}, SEED | {"entry": ENTRY}
    bar = SEED | {"resolution": 64, "style": "photo", "pairs": 20}
    yield "identity_bar", IN, networks("judge_recogniser"), {"out": "bar.json"}, bar
    real = SEED | {"entry": ENTRY, "n": N}
    yield "real_features", IN, networks("fidelity"), {"out": "real.safetensors"}, real
    for split, path in LATENTS.items():
        files = networks("generator", "perceptual", "encoder") | {"data": DATA[split]}
        outputs = {"latents": path, "seconds": f"latents/{split}.seconds.json"}
        inversion = TRAINING | {"inversion": EXPERIMENT.inversion()}
        yield "invert", IN | {"split": split}, files, outputs, inversion
    files = networks("generator", "discriminator", "recogniser", "perceptual", "encoder") | TEST
    outputs = {"images": "unlike.csv", "known": "unlike.json"}
    known = {"known": None, "inversion": EXPERIMENT.inversion(), "faces": 8}
    yield "unlike", IN, files | {"latents": LATENTS["test"]}, outputs, TRAINING | known
    critics = networks("generator", "predictor", "recogniser", "discriminator")
    for editor in ("jecc", "talk2edit"):
        files, recipe = (
            critics | {"latents": LATENTS["train"]},
            TRAINING | {"recipe": CONFIG[editor]},
        )
        yield (
            "train_fields",
            IN | {"editor": editor},
            files,
            {"out": f"{editor}.safetensors"},
            recipe,
        )
    recipe = TRAINING | {"recipe": CONFIG["codecs"]["deepsc"], "entry": ENTRY}
    yield "train_codec", IN | {"codec": "deepsc"}, {}, {"out": "deepsc.safetensors"}, recipe
    files = networks("generator", "perceptual")
    files |= {"data": DATA["finetune"], "latents": LATENTS["finetune"]}
    recipe = TRAINING | {"recipe": EXPERIMENT.finetune_options("faces")}
    yield "finetune", IN | {"snr": SNR}, files, {"out": "adapters.safetensors"}, recipe
    recipe = TRAINING | {"recipe": EXPERIMENT.conditioned_options("faces") | {"steps": 2}}
    yield "finetune_conditioned", IN, files, {"out": "conditioned.safetensors"}, recipe
    files = networks("generator", "encoder", "perceptual")
    recipe, where = TRAINING | {"recipe": GENERATIVE, "entry": ENTRY}, IN | {"codec": "generative"}
    yield "train_generative_jscc", where, files, {"out": "generative.safetensors"}, recipe
    lpips = CONFIG["codecs"]["deepsc"] | {"kind": "deepsc", "perceptual_weight": 0.1, "halvings": 4}
    recipe, files = TRAINING | {"recipe": lpips, "entry": ENTRY}, networks("perceptual")
    yield "train_codec", IN | {"codec": "lpips"}, files, {"out": "lpips.safetensors"}, recipe


def sending_steps():
    """Edits and cells of the sweep."""
    for editor in ("jecc", "talk2edit"):
        files = EDITING | TEST | {"fields": f"{editor}.safetensors", "latents": LATENTS["test"]}
        files["inversion_seconds"] = "latents/test.seconds.json"
        outputs = {
            "edits": f"edits/{editor}.safetensors",
            "seconds": f"edits/{editor}.seconds.json",
        }
        yield "edit", IN | {"editor": editor}, files, outputs, EDITS
    for system, files in (CELLS | VARIANTS).items():
        codec = CODECS.get(system.replace("+talk2edit", "").replace("talk2edit+", ""))
        params = EDITS | CHANNEL | TRAINING | {"codec": codec, "channel_seeds": 1}
        params |= {"repeats": 1 + system.endswith("x2"), "draws_of": "faces", "released": None}
        outputs = {
            "received": (RECEIVED | BESIDE)[system],
            "seconds": f"received/{system}.seconds.json",
        }
        where = IN | {"system": system, "snr": SNR}
        yield "transmit", where, TEST | files, outputs, params


def judging_steps():
    """What the judges say of cells, edits and ablations."""
    files = JUDGES | BAR | TEST | {"received": RECEIVED["editable_deepsc"]}
    outputs = {"cell": "cell.csv", "images": "cell.images.csv"}
    yield "evaluate", IN | {"system": "editable_deepsc", "snr": SNR}, files, outputs, JUDGED
    files = JUDGES | BAR | TEST | {"edits": list(SENT.values())}
    yield "edit_quality", IN, files, {"out": "q.csv"}, JUDGED | {"editors": ["jecc", "talk2edit"]}
    files = (
        EDITING
        | JUDGES
        | BAR
        | TEST
        | ADAPTERS
        | {
            "edits": SENT["jecc"],
            "latents": LATENTS["test"],
            "fields": "jecc.safetensors",
            "finetune_data": DATA["finetune"],
            "finetune_latents": LATENTS["finetune"],
            "grid_adapters": "adapters.safetensors",
            "high_adapters": "adapters.safetensors",
        }
    )
    params = (
        EDITS
        | CHANNEL
        | TRAINING
        | JUDGED
        | {
            "iterated": EXPERIMENT.inversion("paper"),
            "finetune": EXPERIMENT.finetune_options("faces"),
            "ablations": {"iterations": [2, 4], "finetune": [0, 1, 2]},
            "snr_db": 6.0,
            "grid_snr_db": 6.0,
            "high_snr_db": 6.0,
        }
    )
    outputs = {k: f"ablate/{k}" for k in ("images", "summary", "pictures")}
    yield "ablate", IN, files, outputs, params


def dialogue_steps():
    """Dialogues that send in every turn, and that edit what they received."""
    for system in ("editable_deepsc", "deepsc+talk2edit"):
        files = EDITING | JUDGES | TEST | {"bar": "bar.json"}
        if system == "editable_deepsc":
            files |= ADAPTERS | {"fields": "jecc.safetensors", "latents": LATENTS["test"]}
        else:
            files |= {"fields": "talk2edit.safetensors", "codec": "deepsc.safetensors"}
        params = EDITS | CHANNEL | TRAINING | {"dialogue": {"faces": N, "turns": 2}}
        params |= {"snr_db": 6.0, "repeats": 1, "codec": None}
        if "codec" in files:
            params["codec"] = CONFIG["codecs"]["deepsc"]
        outputs = {"images": f"dialogue/{system}.csv", "pictures": f"dialogue/{system}.safetensors"}
        yield "dialogue", IN | {"system": system}, files, outputs, params


def study_steps():
    """Times, information, validation and the studies of codecs."""
    for system, files in CELLS.items():
        if system != "talk2edit+deepsc":
            fields = "jecc" if system == "editable_deepsc" else "talk2edit"
            files = (
                EDITING
                | TEST
                | {"fields": f"{fields}.safetensors"}
                | (ADAPTERS if fields == "jecc" else {"codec": "deepsc.safetensors"})
            )
            codec = None if fields == "jecc" else CONFIG["codecs"]["deepsc"]
            params = (
                EDITS
                | CHANNEL
                | TRAINING
                | {
                    "codec": codec,
                    "snr_db": 6.0,
                    "batch": 2,
                    "repeats": 1,
                    "sent": 1,
                    "released": None,
                }
            )
            yield "timing", IN | {"system": system}, files, {"out": f"timing/{fields}"}, params
    files = JUDGES | networks("generator", "recogniser") | TEST | {"latents": LATENTS["test"]}
    files |= {f"edits_{system}": sent["edits"] for system, sent in CELLS.items() if "edits" in sent}
    files |= {f"received_{system}_{SNR}": path for system, path in RECEIVED.items()}
    files[f"codec_deepsc+talk2edit_{SNR}"] = "deepsc.safetensors"
    params = (
        SEED
        | CHANNEL
        | {
            "information": CONFIG["information"],
            "entry": ENTRY,
            "systems": list(RECEIVED),
            "snrs": [SNR],
            "codecs": CONFIG["codecs"],
            "channel_seeds": 1,
        }
    )
    outputs = {k: f"information/{k}" for k in ("summary", "images", "reader")}
    yield "information_of", IN, files, outputs, params
    files = networks("fidelity", "evaluator", "recogniser") | TEST | {"reader": outputs["reader"]}
    files |= {f"received_{system}_{SNR}": path for system, path in BESIDE.items()}
    yield "rivals_information", IN, files, {"out": "r.csv"}, {"systems": [*BESIDE], "snrs": [SNR]}
    roles = [r for r in CONFIG["networks"]]
    files = networks(*roles) | BAR | {"fields": "jecc.safetensors"}
    params = EDITS | TRAINING | {"style": "photo", "roles": roles, "sizes": CONFIG["validation"]}
    outputs = {"figures": "v.json", "table": "v.md", "samples": "s.png", "edits": "e.png"}
    yield "validate_networks", IN, files, outputs, params
    files = TEST | {"models": ["deepsc.safetensors"] * 3}
    where = IN | {"codec": "deepsc", "snr": SNR}
    yield "mismatch", where, files, {"out": "m.csv"}, SEED | {"offsets": [-3, 0, 3]}
    names = {"deepsc": CONFIG["codecs"]["deepsc"]}
    files = networks("evaluator") | {"data": DATA["study"], f"deepsc_{SNR}": "deepsc.safetensors"}
    study = {"weighted": "deepsc", "unweighted": "deepsc", "separate": []}
    params = SEED | {"options": names, "study": study, "snrs": [SNR]}
    yield "study_importance", IN, files, {"out": "i.csv"}, params


STEPS = [
    *training_steps(),
    *sending_steps(),
    *judging_steps(),
    *dialogue_steps(),
    *study_steps(),
]


@contextmanager
def pretended_device(wants_gpu: bool, wanted: str = "auto"):
    assert wants_gpu
    yield DEVICE


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("devices")


@pytest.fixture
def pretending(folder, monkeypatch):
    """A job's process, with a GPU that is none."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(life, "given_device", pretended_device)
    monkeypatch.setattr(life, "keep_freed_memory", lambda: None)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "none")
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda device: None)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: 0)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)
    choose_precision("auto")


@pytest.mark.parametrize("step", STEPS, ids=[f"{s[0]}-{'-'.join(s[1].values())}" for s in STEPS])
def test_no_tensor_is_left_behind(step, pretending):
    script, wildcards, inputs, outputs, params = step
    call = Call(script, wildcards, inputs, outputs, params)
    with PretendedGpu():
        runpy.run_path(str(ROOT / f"workflow/scripts/{script}.py"), {"snakemake": call})
    assert all(Path(path).exists() for path in call.output), Path("log").read_text()


def test_the_pretence_finds_what_is_left_behind():
    with PretendedGpu():
        here, gpu = torch.ones(2), torch.ones(2, device=DEVICE)
        for wrong in (
            lambda: here + gpu,
            lambda: here[gpu.long()],
            lambda: torch.cat([here, gpu]),
            lambda: torch.nn.Linear(2, 2).to(DEVICE)(here),
            lambda: gpu.numpy(),
            lambda: torch.randn(2, device=DEVICE, generator=torch.Generator()),
        ):
            with pytest.raises(MixedDevices):
                wrong()
        assert (gpu + here.to(gpu.device)).device == DEVICE and here.device.type == "cpu"
        assert there(torch.nn.Linear(2, 2).to(DEVICE)(gpu)) and not there(gpu.cpu())
        assert there(gpu[here.long()]) and there(gpu * torch.tensor(2.0))
        leaf = torch.ones(2, requires_grad=True)
        moved(leaf, True).sum().backward()
        assert torch.equal(leaf.grad, torch.ones(2))
