rule train_fields:
    """F_a of eq 11 for the five attributes: `jecc` through the channel, `talk2edit` without one."""
    input:
        unpack(networks("generator", "predictor", "recogniser", "discriminator")),
        latents="results/latents/{dataset}/train.safetensors",
    output: "results/models/{dataset}/{editor}.safetensors"
    params:
        recipe=lambda w: config[w.editor],
        seed=config["seed"],
    priority: 9
    log: "results/logs/train_fields/{dataset}-{editor}.log"
    benchmark: "results/benchmarks/train_fields/{dataset}-{editor}.tsv"
    script: "../scripts/train_fields.py"


rule train_deepsc:
    """DeepSC on freshly drawn faces, or on the training images where there is a folder of them."""
    input: unpack(lambda w: {"data": f"results/data/{w.dataset}/train.safetensors"} if w.dataset in PHOTOGRAPHED else {})
    output: "results/models/{dataset}/deepsc.safetensors"
    params:
        entry=lambda w: config["datasets"][w.dataset],
        recipe=lambda w: codec_options("deepsc", w.dataset),
        seed=config["seed"],
    priority: 8
    log: "results/logs/train_deepsc/{dataset}.log"
    benchmark: "results/benchmarks/train_deepsc/{dataset}.tsv"
    script: "../scripts/train_deepsc.py"


rule finetune:
    """Adapters for one SNR (eq 16 to 18)."""
    input:
        unpack(networks("generator", "perceptual")),
        data="results/data/{dataset}/finetune.safetensors",
        latents="results/latents/{dataset}/finetune.safetensors",
    output: "results/models/{dataset}/adapters_{snr}dB.safetensors"
    params:
        recipe=config["finetune"],
        seed=config["seed"],
    log: "results/logs/finetune/{dataset}-{snr}dB.log"
    benchmark: "results/benchmarks/finetune/{dataset}-{snr}dB.tsv"
    script: "../scripts/finetune.py"
