rule dataset:
    """Faces, their true degrees, an instruction for each, and the true edited image."""
    output: "results/data/{dataset}/{split}.safetensors"
    params:
        entry=lambda w: config["datasets"][w.dataset],
        seed=config["seed"],
    threads: 1
    resources: **needs(15, 0.1)
    log: "results/logs/dataset/{dataset}-{split}.log"
    benchmark: "results/benchmarks/dataset/{dataset}-{split}.tsv"
    script: "../scripts/dataset.py"


rule identity_bar:
    """5th percentile of the similarity of two pictures of one identity with different attributes."""
    input: **networks("recogniser")
    output: "results/data/{dataset}/identity_bar.json"
    params:
        entry=lambda w: config["datasets"][w.dataset],
        pairs=config["evaluation"]["identity_pairs"],
        seed=config["seed"],
    threads: 1
    resources: **needs(15)
    log: "results/logs/identity_bar/{dataset}.log"
    script: "../scripts/identity_bar.py"
