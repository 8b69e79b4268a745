# What every stage needs: the checked config, the names of things, the paths of networks.

from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from snakemake.dag import ScriptProcessor
from snakemake.exceptions import WorkflowError

from editable_deepsc.networks.manifest import BUNDLED, manifest, sha256
from editable_deepsc.systems.names import parse_system


def look_for_scripts_once():
    """Snakemake looks for the script of every job, which is 40% of the time that a sweep of 40,000 cells takes to plan. Once a rule is enough."""
    look, seen = ScriptProcessor.process_job, set()

    def process_job(self, job):
        if (self.script_type, job.rule.name) not in seen:
            look(self, job)
            seen.add((self.script_type, job.rule.name))

    ScriptProcessor.process_job = process_job


look_for_scripts_once()


def stop(sentence):
    raise WorkflowError(sentence)


def check_config():
    """One sentence and a non-zero exit before the first job, whatever is wrong."""
    schema = yaml.safe_load(Path(workflow.source_path("../schemas/config.schema.yaml")).read_text())
    error = best_match(Draft202012Validator(schema).iter_errors(config))
    if error is not None:
        where = ".".join(map(str, error.absolute_path)) or "top level"
        stop(f"config: {where}: {error.message}; compare with config.yaml and workflow/schemas/config.schema.yaml")
    for name in config["sweep"]["datasets"]:
        if name not in config["datasets"]:
            stop(f"config: sweep.datasets: data set {name!r} is not defined under datasets (there are: {', '.join(config['datasets'])})")
    for name in config["sweep"]["systems"]:
        try:
            codec = parse_system(name).codec
        except ValueError as error:
            stop(f"config: sweep.systems: {error}")
        if codec is not None and codec not in config["codecs"]:
            stop(f"config: sweep.systems: {name!r} needs an entry {codec!r} under codecs")
    if config["publish"]["grid_snr_db"] not in config["sweep"]["snr_db"]:
        stop(f"config: publish.grid_snr_db: {config['publish']['grid_snr_db']} dB is not one of sweep.snr_db; choose one of them")
    for name in config["sweep"]["datasets"]:
        test = config["datasets"][name]["images"]["test"]
        if config["evaluation"]["kid_subset_size"] > test:
            stop(f"config: evaluation.kid_subset_size: {config['evaluation']['kid_subset_size']} is more than the {test} test images of {name!r}; lower it")


def check_networks():
    """Bundled files are whole and unaltered; given paths exist."""
    entries = manifest()
    for role, value in config["networks"].items():
        if value == "bundled":
            path = BUNDLED / entries[role]["file"]
            if not path.is_file() or sha256(path) != entries[role]["sha256"]:
                stop(f"weights: {path} is missing, truncated or altered; restore it with `git checkout {path}`")
        elif not Path(value).is_file():
            stop(f"weights: networks.{role}: {value} does not exist; give the path of a .safetensors file, or 'bundled'")


check_config()
check_networks()


def network(role):
    """Path of a network's weight file."""
    value = config["networks"][role]
    return str(BUNDLED / f"{role}.safetensors") if value == "bundled" else value


def networks(*roles):
    return {role: network(role) for role in roles}


def snr_text(snr):
    return f"{snr:g}"


def needs(minutes, seconds_per_image=0.0, split="test", **more):
    """Memory and run time that a job asks of a cluster, by the size of its data set; every retry gets as much again.

    Bounds, not estimates: a job that is stopped too early continues from its checkpoint, one that lacks memory has to start again.
    """
    def size(w):
        entry = config["datasets"].get(w.get("dataset"), config["datasets"][config["sweep"]["datasets"][0]])
        return entry["images"].get(w.get("split", split), 0), entry["resolution"]

    def mem_mb(w, attempt):
        images, resolution = size(w)
        return attempt * (3000 + resolution**2 * (40 * images + 32_000) // 10**6)  # arrays, and a batch of 32 in the generator

    def runtime(w, attempt):
        images, resolution = size(w)
        return attempt * (minutes + round(seconds_per_image * images * (resolution / 64) ** 2 / 60))

    return {"mem_mb": mem_mb, "runtime": runtime, **more}


EDITORS = ["jecc", "talk2edit"]
CELLS = {
    "dataset": config["sweep"]["datasets"],
    "system": config["sweep"]["systems"],
    "snr": [snr_text(s) for s in config["sweep"]["snr_db"]],
}
CELL = "{dataset}/{system}/{snr}dB"


wildcard_constraints:
    dataset="[A-Za-z0-9-]+",
    split="train|validation|finetune|test",
    system="[a-z0-9_+]+",
    snr=r"-?\d+(\.\d+)?",
    editor="|".join(EDITORS),
    role="[a-z_]+",


# On a cluster these run where Snakemake runs: they take seconds, a place in a queue takes minutes.
localrules: all, metrics, table1, figure4, figure5, pretrain,
