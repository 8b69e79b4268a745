rule dataset:
    """Embedded faces, their true degrees, an instruction for each, and the true edited image."""
    output:
        "results/data/{dataset}/{split}.safetensors",
    log:
        "results/logs/dataset/{dataset}-{split}.log",
    benchmark:
        "results/benchmarks/dataset/{dataset}-{split}.tsv"
    wildcard_constraints:
        dataset=one_of(EMBEDDED),
    priority: early(11)
    threads: 1
    resources:
        **needs(15, 0.1),
    params:
        entry=lambda w: config["datasets"][w.dataset],
        seed=config["seed"],
    script:
        "../scripts/dataset.py"


rule divide:
    """Which image of a folder belongs to which split. Delete the file to look into the folder again."""
    input:
        lambda w: annotations(w.dataset),
    output:
        "results/data/{dataset}/files.json",
    log:
        "results/logs/divide/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(PHOTOGRAPHED),
    priority: early(11)
    threads: 1
    resources:
        **needs(30),
    params:
        entry=lambda w: config["datasets"][w.dataset],
        seed=config["seed"],
    script:
        "../scripts/divide.py"


rule photographs:
    """The images of a folder: cropped, resized, in one file a split; published degrees and requests, or predicted ones and our own sentences."""
    input:
        unpack(
            lambda w: {} if "labels" in config["datasets"][w.dataset] else networks("predictor")(w)
        ),
        files="results/data/{dataset}/files.json",
    output:
        "results/data/{dataset}/{split}.safetensors",
    log:
        "results/logs/dataset/{dataset}-{split}.log",
    benchmark:
        "results/benchmarks/dataset/{dataset}-{split}.tsv"
    wildcard_constraints:
        dataset=one_of(PHOTOGRAPHED),
    priority: early(11)
    threads: 1
    resources:
        **needs(30, 0.5),
    params:
        entry=lambda w: config["datasets"][w.dataset],
        seed=config["seed"],
    script:
        "../scripts/photographs.py"


rule identity_bar:
    """5th percentile of the similarity of two pictures of one identity with different attributes, on embedded faces."""
    input:
        unpack(networks("recogniser")),
    output:
        "results/data/{dataset}/identity_bar.json",
    log:
        "results/logs/identity_bar/{dataset}.log",
    priority: early(4)
    threads: 1
    resources:
        **needs(15),
    params:
        resolution=lambda w: config["datasets"][w.dataset]["resolution"],
        style=lambda w: config["datasets"][w.dataset].get("style", "photo"),  # photographs have no such pairs
        pairs=config["evaluation"]["identity_pairs"],
        seed=config["seed"],
    script:
        "../scripts/identity_bar.py"
