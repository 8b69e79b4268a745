rule evaluate:
    """The metrics of one cell, one row per channel seed."""
    input:
        unpack(networks("evaluator", "recogniser", "perceptual", "fidelity")),
        data="results/data/{dataset}/test.safetensors",
        bar="results/data/{dataset}/identity_bar.json",
        received=f"results/received/{CELL}.safetensors",
    output:
        cell=f"results/cells/{CELL}.csv",
        images=f"results/cells/{CELL}.images.csv",
    log:
        f"results/logs/evaluate/{CELL}.log",
    priority: early(0)
    group:
        "evaluations"
    threads: 1
    resources:
        **needs(10, 1, cells=1),
    params:
        evaluation=config["evaluation"],
        seed=config["seed"],
    script:
        "../scripts/evaluate.py"


rule metrics:
    """All cells in one tidy table, all their images in another, for intervals, and beside them what they took."""
    input:
        cells=expand(f"results/cells/{CELL}.csv", **CELLS),
        images=expand(f"results/cells/{CELL}.images.csv", **CELLS),
    output:
        metrics="results/metrics.csv",
        images="results/images.csv",
        timings="results/timings.csv",
    log:
        "results/logs/metrics.log",
    params:
        timing=config["publish"]["timing"],
    script:
        "../scripts/metrics.py"


rule edit_quality:
    """Both editors without any channel: expected degree reached, success, drift."""
    input:
        unpack(networks("evaluator", "recogniser", "perceptual", "fidelity")),
        data="results/data/{dataset}/test.safetensors",
        bar="results/data/{dataset}/identity_bar.json",
        edits=expand("results/edits/{{dataset}}/{editor}.safetensors", editor=EDITORS),
    output:
        "results/edits/{dataset}/quality.csv",
    log:
        "results/logs/edit_quality/{dataset}.log",
    threads: 1
    resources:
        **needs(15, 2),
    params:
        evaluation=config["evaluation"],
        editors=EDITORS,
        seed=config["seed"],
    script:
        "../scripts/edit_quality.py"


rule validate_networks:
    """Held-out figures of the embedded networks against their bars, and two sheets to look at: `make validate-networks`."""
    input:
        unpack(networks(*config["networks"])),
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
    threads: 1
    resources:
        **needs(60),
    params:
        style=lambda w: config["datasets"][w.dataset].get("style", "photo"),
        roles=list(config["networks"]),
        sizes=config["validation"],
        inversion=config["inversion"],
        matching=config["matching"],
        seed=config["seed"],
    script:
        "../scripts/validate_networks.py"


def mismatch_models(w):
    snrs = [snr_text(float(w.snr) + off) for off in (-3, 0, 3)]
    return [f"results/models/{w.dataset}/{w.codec}_{snr}dB.safetensors" for snr in snrs]


rule mismatch:
    """How gracefully a codec degrades: models trained for an SNR and for 3 dB less and more, each sent at these and others up to 12 dB off."""
    input:
        data="results/data/{dataset}/test.safetensors",
        models=mismatch_models,
    output:
        "results/mismatch/{dataset}/{codec}_{snr}dB.csv",
    log:
        "results/logs/mismatch/{dataset}-{codec}-{snr}dB.log",
    threads: 1
    resources:
        **needs(15),
    params:
        seed=config["seed"],
    script:
        "../scripts/mismatch.py"
