from experiment.known import bundled_range


rule invert:
    """Semantic coding: latents of a split's images by GAN inversion (eq 8, 9)."""
    input:
        unpack(networks("generator", "perceptual", *experiment.encoder_roles)),
        data="results/data/{dataset}/{split}.safetensors",
    output:
        latents="results/latents/{dataset}/{split}.safetensors",
        seconds="results/latents/{dataset}/{split}.seconds.json",
    log:
        "results/logs/invert/{dataset}-{split}.log",
    benchmark:
        "results/benchmarks/invert/{dataset}-{split}.tsv"
    priority: priority_of(10)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(20, inversions=1, gpu=1),
    params:
        inversion=inversion_recipe,
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/invert.py"


rule unlike:
    """Which test images are unlike what the networks know, by the transmitter's inversions."""
    input:
        unpack(unlike_inputs),
        data="results/data/{dataset}/test.safetensors",
        latents="results/latents/{dataset}/test.safetensors",
    output:
        images="results/unlike/{dataset}.csv",
        known="results/unlike/{dataset}.json",
    log:
        "results/logs/unlike/{dataset}.log",
    benchmark:
        "results/benchmarks/unlike/{dataset}.tsv"
    priority: priority_of(1)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(10, gpu=1),
    params:
        known=lambda w: bundled_range(experiment, w.dataset),
        inversion=inversion_recipe,
        faces=config["evaluation"]["known_faces"],
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/unlike.py"
