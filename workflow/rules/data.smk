from experiment.chosen import contents_digest, division_digest, finds_faces


rule dataset:
    """Embedded faces, their true degrees, an instruction for each, and the true edited image."""
    output:
        "results/data/{dataset}/{split}.safetensors",
    log:
        "results/logs/dataset/{dataset}-{split}.log",
    benchmark:
        "results/benchmarks/dataset/{dataset}-{split}.tsv"
    wildcard_constraints:
        dataset=one_of(experiment.embedded),
    priority: priority_of(11)
    conda:
        "../envs/data.yaml"
    threads: 1
    resources:
        **resources_of(15, 0.1),
    params:
        entry=drawn_split,
        seed=experiment.seed,
    script:
        "../scripts/dataset.py"


rule divide:
    """Which image of a folder belongs to which split, and which square of it is kept."""
    input:
        lambda w: experiment.annotations(w.dataset),
    output:
        "results/data/{dataset}/files.json",
    log:
        "results/logs/divide/{dataset}.log",
    benchmark:
        "results/benchmarks/divide/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(experiment.photographed),
    priority: priority_of(11)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(30),
    params:
        entry=dataset_entry,
        seed=experiment.seed,
        chosen=lambda w: division_digest(experiment, w.dataset),
        align=lambda w: experiment.align(w.dataset),
        detector=finds_faces(),
    script:
        "../scripts/divide.py"


rule photographs:
    """The images of a folder: cropped, resized, in one file for each split.

    With published degrees and requests, or predicted degrees and our own sentences.
    """
    input:
        unpack(
            lambda w: {} if "labels" in experiment.dataset(w.dataset) else networks("predictor")(w)
        ),
        files="results/data/{dataset}/files.json",
    output:
        "results/data/{dataset}/{split}.safetensors",
    log:
        "results/logs/dataset/{dataset}-{split}.log",
    benchmark:
        "results/benchmarks/dataset/{dataset}-{split}.tsv"
    wildcard_constraints:
        dataset=one_of(experiment.photographed),
    priority: priority_of(11)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(30, 0.5, gpu=lambda w: int("labels" not in experiment.dataset(w.dataset))),
    params:
        entry=dataset_entry,
        seed=experiment.seed,
        contents=lambda w: contents_digest(experiment, w.dataset, w.split),
    script:
        "../scripts/photographs.py"


rule identity_bar:
    """The bar of identity: the 5th percentile of the similarity of two pictures of one person.

    The two differ in their attributes; the faces are rendered.
    """
    input:
        unpack(networks("judge_recogniser")),
    output:
        "results/data/{dataset}/identity_bar.json",
    log:
        "results/logs/identity_bar/{dataset}.log",
    benchmark:
        "results/benchmarks/identity_bar/{dataset}.tsv"
    priority: priority_of(4)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(15, gpu=1),
    params:
        resolution=lambda w: experiment.dataset(w.dataset)["resolution"],
        # photographs have no such pairs
        style=lambda w: experiment.dataset(w.dataset).get("style", "photo"),
        pairs=config["evaluation"]["identity_pairs"],
        seed=experiment.seed,
    script:
        "../scripts/identity_bar.py"


rule real_features:
    """Features of faces of the data set's kind that no test image is of, for FID and KID.

    Rendered ones, drawn with a name of their own; of photographs the train split.
    """
    input:
        unpack(networks("fidelity")),
        unpack(
            lambda w: (
                {"data": f"results/data/{w.dataset}/train.safetensors"}
                if w.dataset in experiment.photographed
                else {}
            )
        ),
    output:
        "results/data/{dataset}/real_features.safetensors",
    log:
        "results/logs/real_features/{dataset}.log",
    benchmark:
        "results/benchmarks/real_features/{dataset}.tsv"
    priority: priority_of(4)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(15, images=config["evaluation"]["real_faces"], gpu=1),
    params:
        entry=drawn_entry,
        n=config["evaluation"]["real_faces"],
        seed=experiment.seed,
    script:
        "../scripts/real_features.py"
