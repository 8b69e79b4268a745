SWEPT = {"system": experiment.systems, "allow_missing": True}


rule evaluate_cell:
    """The metrics of one cell, one row per channel seed; of systems beside the sweep."""
    input:
        unpack(judges),
        received=f"results/received/{CELL}.safetensors",
    output:
        cell=f"results/cells/{CELL}.csv",
        images=f"results/cells/{CELL}.images.csv",
    log:
        f"results/logs/evaluate_cell/{CELL}.log",
    benchmark:
        f"results/benchmarks/evaluate_cell/{CELL}.tsv"
    priority: priority_of(0)
    group:
        "evaluations"
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(10, 1, gpu=1, cells=1),
    params:
        evaluation=config["evaluation"],
        seed=experiment.seed,
    script:
        "../scripts/evaluate.py"


use rule evaluate_cell as evaluate with:
    """The same of all systems of the sweep at one SNR: the judges are imported once."""
    input:
        unpack(judges),
        received=expand(f"results/received/{CELL}.safetensors", **SWEPT),
    output:
        cell=expand(f"results/cells/{CELL}.csv", **SWEPT),
        images=expand(f"results/cells/{CELL}.images.csv", **SWEPT),
    log:
        "results/logs/evaluate/{dataset}/{snr}dB.log",
    benchmark:
        "results/benchmarks/evaluate/{dataset}/{snr}dB.tsv"
    wildcard_constraints:
        dataset=one_of(experiment.datasets),
        snr=one_of(experiment.snrs),
    resources:
        **resources_of(10, len(experiment.systems), gpu=1, cells=1),
    params:
        each={"system": experiment.systems},
        evaluation=config["evaluation"],
        seed=experiment.seed,


ruleorder: evaluate > evaluate_cell


rule metrics:
    """All cells in one tidy table, all their images in another, their times in a third."""
    input:
        cells=expand(f"results/cells/{CELL}.csv", **CELLS),
        images=expand(f"results/cells/{CELL}.images.csv", **CELLS),
        seconds=expand(f"results/received/{CELL}.seconds.json", **CELLS),
        unlike=expand("results/unlike/{dataset}.csv", dataset=experiment.inverted),
    output:
        metrics="results/metrics.csv",
        images="results/images.csv",
        timings="results/timings.csv",
    log:
        "results/logs/metrics.log",
    benchmark:
        "results/benchmarks/metrics.tsv"
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        timing=config["publish"]["timing"],
    script:
        "../scripts/metrics.py"


# Editor -> a system that edits with it
EDITED = {"jecc": EDITABLE, "talk2edit": "any+talk2edit"}


rule edit_quality:
    """Both editors without any channel: expected degree reached, success, drift.

    And the original as it is, and the true edit.
    """
    input:
        unpack(networks("evaluator", "judge_recogniser", "perceptual", "fidelity")),
        data="results/data/{dataset}/test.safetensors",
        bar="results/data/{dataset}/identity_bar.json",
        real="results/data/{dataset}/real_features.safetensors",
        edits=lambda w: [edits(w.dataset, system) for system in EDITED.values()],
    output:
        "results/edits/{dataset}/quality.csv",
    log:
        "results/logs/edit_quality/{dataset}.log",
    benchmark:
        "results/benchmarks/edit_quality/{dataset}.tsv"
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(15, 2, gpu=1),
    params:
        evaluation=config["evaluation"],
        editors=list(EDITED),
        seed=experiment.seed,
    script:
        "../scripts/edit_quality.py"


# Those that ship; a run may have others for Talk-to-Edit.
NETWORK_ROLES = [
    role for role in config["networks"] if role not in ("fields", "talk2edit_perceptual")
]


rule validate_networks:
    """Held-out figures of the bundled networks against their bars, and two sheets to look at.

    `make validate-networks` runs it.
    """
    input:
        unpack(networks(*NETWORK_ROLES)),
        bar="results/data/{dataset}/identity_bar.json",
        fields=lambda w: fields(w.dataset, "jecc"),
    output:
        figures="results/validation/{dataset}/networks.json",
        table="results/validation/{dataset}/networks.md",
        samples="results/validation/{dataset}/samples.png",
        edits="results/validation/{dataset}/edits.png",
    log:
        "results/logs/validate_networks/{dataset}.log",
    benchmark:
        "results/benchmarks/validate_networks/{dataset}.tsv"
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(60, inversions=1, images=config["validation"]["inverted"], gpu=1),
    params:
        style=lambda w: experiment.dataset(w.dataset).get("style", "photo"),
        roles=NETWORK_ROLES,
        sizes=config["validation"],
        inversion=inversion_recipe,
        matching=config["matching"],
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/validate_networks.py"


MISMATCH_OFFSETS = [-3, 0, 3]  # dB


rule mismatch:
    """How gracefully a codec degrades.

    Models trained for an SNR and for 3 dB less and more, each sent at these and others up to
    12 dB off.
    """
    input:
        data="results/data/{dataset}/test.safetensors",
        models=lambda w: names.matched_models(w.dataset, w.codec, w.snr, MISMATCH_OFFSETS),
    output:
        "results/mismatch/{dataset}/{codec}_{snr}dB.csv",
    log:
        "results/logs/mismatch/{dataset}-{codec}-{snr}dB.log",
    benchmark:
        "results/benchmarks/mismatch/{dataset}-{codec}-{snr}dB.tsv"
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(15, gpu=1),
    params:
        offsets=MISMATCH_OFFSETS,
        seed=experiment.seed,
    script:
        "../scripts/mismatch.py"
