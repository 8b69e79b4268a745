rule evaluate:
    """The metrics of one cell, one row per channel seed."""
    input:
        unpack(networks("evaluator", "recogniser", "perceptual", "fidelity")),
        data="results/data/{dataset}/test.safetensors",
        bar="results/data/{dataset}/identity_bar.json",
        received=f"results/received/{CELL}.safetensors",
    output: f"results/cells/{CELL}.csv"
    params:
        evaluation=config["evaluation"],
        seed=config["seed"],
    log: f"results/logs/evaluate/{CELL}.log"
    script: "../scripts/evaluate.py"


rule metrics:
    """All cells in one tidy table."""
    input: expand(f"results/cells/{CELL}.csv", **CELLS)
    output: "results/metrics.csv"
    log: "results/logs/metrics.log"
    script: "../scripts/metrics.py"


rule edit_quality:
    """Both editors without any channel: expected degree reached, success, drift."""
    input:
        unpack(networks("evaluator", "recogniser", "perceptual", "fidelity")),
        data="results/data/{dataset}/test.safetensors",
        bar="results/data/{dataset}/identity_bar.json",
        edits=expand("results/edits/{{dataset}}/{editor}.safetensors", editor=EDITORS),
    output: "results/edits/{dataset}/quality.csv"
    params:
        evaluation=config["evaluation"],
        editors=EDITORS,
        seed=config["seed"],
    log: "results/logs/edit_quality/{dataset}.log"
    script: "../scripts/edit_quality.py"
