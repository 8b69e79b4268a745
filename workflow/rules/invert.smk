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
