rule invert:
    """Semantic coding: latents of a split's images by GAN inversion (eq 8, 9)."""
    input:
        unpack(networks("generator", "perceptual")),
        data="results/data/{dataset}/{split}.safetensors",
    output: "results/latents/{dataset}/{split}.safetensors"
    params:
        inversion=config["inversion"],
        seed=config["seed"],
    threads: 1
    priority: 10
    log: "results/logs/invert/{dataset}-{split}.log"
    benchmark: "results/benchmarks/invert/{dataset}-{split}.tsv"
    script: "../scripts/invert.py"
