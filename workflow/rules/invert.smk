rule invert:
    """Semantic coding: latents of a split's images by GAN inversion (eq 8, 9)."""
    input:
        unpack(networks("generator", "perceptual")),
        data="results/data/{dataset}/{split}.safetensors",
    output:
        "results/latents/{dataset}/{split}.safetensors",
    log:
        "results/logs/invert/{dataset}-{split}.log",
    benchmark:
        "results/benchmarks/invert/{dataset}-{split}.tsv"
    priority: early(10)
    threads: 1
    resources:
        **needs(20, 4, gpu=1),
    params:
        inversion=config["inversion"],
        seed=config["seed"],
    script:
        "../scripts/invert.py"
