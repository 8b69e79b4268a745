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


def unlike_inputs(w):
    """What judges the inversions of the test images, and what the range is measured on.

    Nothing more where it ships. A generator of our own knows rendered faces, which the job draws;
    one that was published knows photographs, of which the fine-tuning split has some.
    """
    inputs = networks("generator", "discriminator", "recogniser", "perceptual")(w)
    if bundled_range(experiment, w.dataset) is None:
        if experiment.published(w.dataset, "generator"):
            inputs["finetune_data"] = f"results/data/{w.dataset}/finetune.safetensors"
            inputs["finetune_latents"] = f"results/latents/{w.dataset}/finetune.safetensors"
        else:
            inputs |= networks(*experiment.encoder_roles)(w)
    return inputs


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
