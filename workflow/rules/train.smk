rule train_fields:
    """F_a of eq 11 for the five attributes: `jecc` through the channel, `talk2edit` without one."""
    input:
        unpack(networks("generator", "predictor", "recogniser", "discriminator")),
        latents="results/latents/{dataset}/train.safetensors",
    output:
        "results/models/{dataset}/{editor}.safetensors",
    log:
        "results/logs/train_fields/{dataset}-{editor}.log",
    benchmark:
        "results/benchmarks/train_fields/{dataset}-{editor}.tsv"
    priority: priority_of(9)
    threads: 1
    resources:
        **resources_of(120, gpu=1),
    params:
        recipe=lambda w: config[w.editor],
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/train_fields.py"


rule train_codec:
    """A learned codec: one model for a range of SNRs, or (below) one for each.

    On freshly drawn faces, or on the training images of a folder.
    """
    input:
        unpack(
            lambda w: (
                networks("predictor")(w)
                if "importance_weight" in experiment.codec_options(w.codec, w.dataset)
                else {}
            )
        ),
        unpack(
            lambda w: (
                {"data": f"results/data/{w.dataset}/train.safetensors"}
                if w.dataset in experiment.photographed
                else {}
            )
        ),
    output:
        "results/models/{dataset}/{codec}.safetensors",
    log:
        "results/logs/train_codec/{dataset}-{codec}.log",
    benchmark:
        "results/benchmarks/train_codec/{dataset}-{codec}.tsv"
    wildcard_constraints:
        codec=one_of([codec for codec in experiment.learned if codec not in experiment.layered]),
    priority: priority_of(8)
    threads: 1
    resources:
        **resources_of(120, gpu=1),
    params:
        entry=dataset_entry,
        recipe=lambda w: experiment.codec_options(w.codec, w.dataset),
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/train_codec.py"


rule train_gan_codec:
    """The layered GAN codec, on the same kind of images.

    What `sent` says about its rates takes no training.
    """
    input:
        unpack(networks("perceptual")),
        unpack(
            lambda w: (
                {"data": f"results/data/{w.dataset}/train.safetensors"}
                if w.dataset in experiment.photographed
                else {}
            )
        ),
    output:
        "results/models/{dataset}/{codec}.safetensors",
    log:
        "results/logs/train_codec/{dataset}-{codec}.log",
    benchmark:
        "results/benchmarks/train_codec/{dataset}-{codec}.tsv"
    wildcard_constraints:
        codec=one_of(experiment.layered),
    priority: priority_of(8)
    threads: 1
    resources:
        **resources_of(120, gpu=1),
    params:
        entry=dataset_entry,
        recipe=lambda w: {
            key: value
            for key, value in experiment.codec_options(w.codec, w.dataset).items()
            if key != "sent"
        },
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/train_gan_codec.py"


use rule train_codec as train_codec_matched with:
    output:
        "results/models/{dataset}/{codec}_{snr}dB.safetensors",
    log:
        "results/logs/train_codec/{dataset}-{codec}-{snr}dB.log",
    benchmark:
        "results/benchmarks/train_codec/{dataset}-{codec}-{snr}dB.tsv"


rule finetune:
    """Adapters for one SNR (eq 16 to 18)."""
    input:
        unpack(networks("generator", "perceptual")),
        data="results/data/{dataset}/finetune.safetensors",
        latents="results/latents/{dataset}/finetune.safetensors",
    output:
        "results/models/{dataset}/adapters_{snr}dB.safetensors",
    log:
        "results/logs/finetune/{dataset}-{snr}dB.log",
    benchmark:
        "results/benchmarks/finetune/{dataset}-{snr}dB.tsv"
    priority: priority_of(3)
    threads: 1
    resources:
        **resources_of(60, gpu=1),
    params:
        recipe=finetune_recipe,
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/finetune.py"
