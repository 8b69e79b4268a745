rule train_fields:
    """F_a of eq 11 for the five attributes: `jecc` through the channel, `talk2edit` without one."""
    input:
        unpack(networks("generator", "predictor", "recogniser", "discriminator")),
        unpack(lambda w: names.fields_start(experiment, w.dataset, w.editor)),
        latents="results/latents/{dataset}/train.safetensors",
    output:
        "results/models/{dataset}/{editor}.safetensors",
    log:
        "results/logs/train_fields/{dataset}-{editor}.log",
    benchmark:
        "results/benchmarks/train_fields/{dataset}-{editor}.tsv"
    priority: priority_of(9)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(120, gpu=1),
    params:
        recipe=lambda w: config[w.editor],
        seed=training_seed,
        precision=config["precision"],
    script:
        "../scripts/train_fields.py"


# Weight of a loss in a codec's options -> the network that it looks through.
LOSS_NETWORKS = {"importance_weight": "predictor", "perceptual_weight": "perceptual"}


rule train_codec:
    """A learned codec: one model for a range of SNRs, or (below) one for each.

    On freshly drawn faces, or on the training images of a folder.
    """
    input:
        unpack(
            lambda w: networks(
                *(
                    role
                    for weight, role in LOSS_NETWORKS.items()
                    if weight in experiment.codec_options(w.codec, w.dataset)
                )
            )(w)
        ),
        unpack(
            lambda w: (
                {"data": f"results/data/{w.dataset}/train.safetensors"}
                if w.dataset in experiment.photographed
                else {}
            )
        ),
        unpack(codec_start),
    output:
        "results/models/{dataset}/{codec}.safetensors",
    log:
        "results/logs/train_codec/{dataset}-{codec}.log",
    benchmark:
        "results/benchmarks/train_codec/{dataset}-{codec}.tsv"
    wildcard_constraints:
        codec=one_of(set(experiment.learned) - set(experiment.layered) - set(experiment.generative)),
    priority: priority_of(8)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(120, gpu=1),
    params:
        entry=drawn_entry,
        recipe=lambda w: experiment.codec_options(w.codec, w.dataset),
        seed=training_seed,
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
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(120, gpu=1),
    params:
        entry=drawn_entry,
        recipe=lambda w: {
            key: value
            for key, value in experiment.codec_options(w.codec, w.dataset).items()
            if key != "sent"
        },
        seed=training_seed,
        precision=config["precision"],
    script:
        "../scripts/train_gan_codec.py"


rule train_generative_jscc:
    """Generative JSCC: an encoder and adapters, through the channel, for the frozen generator."""
    input:
        unpack(networks("generator", "encoder", "perceptual")),
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
        codec=one_of(experiment.generative),
    priority: priority_of(8)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(120, gpu=1),
    params:
        entry=drawn_entry,
        recipe=lambda w: experiment.codec_options(w.codec, w.dataset),
        seed=training_seed,
        precision=config["precision"],
    script:
        "../scripts/train_generative_jscc.py"


rule choose_mode:
    """The QAM and code rate of an adaptive digital codec at one SNR, by faces of no split."""
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
        "results/modes/{dataset}/{codec}_{snr}dB.json",
    log:
        "results/logs/choose_mode/{dataset}-{codec}-{snr}dB.log",
    benchmark:
        "results/benchmarks/choose_mode/{dataset}-{codec}-{snr}dB.tsv"
    wildcard_constraints:
        codec=one_of(experiment.adaptive),
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(10),
    params:
        entry=drawn_entry,
        codec=lambda w: experiment.codec_options(w.codec, w.dataset),
        channel=config["channel"],
        seed=training_seed,
    script:
        "../scripts/choose_mode.py"


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
        unpack(adapters_start),
        data="results/data/{dataset}/finetune.safetensors",
        latents="results/latents/{dataset}/finetune.safetensors",
    output:
        "results/models/{dataset}/adapters_{snr}dB.safetensors",
    log:
        "results/logs/finetune/{dataset}-{snr}dB.log",
    benchmark:
        "results/benchmarks/finetune/{dataset}-{snr}dB.tsv"
    priority: priority_of(3)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(60, gpu=1),
    params:
        recipe=finetune_recipe,
        seed=training_seed,
        precision=config["precision"],
    script:
        "../scripts/finetune.py"


rule finetune_conditioned:
    """One pair of adapters for all SNRs of the sweep, with the SNR as an input."""
    input:
        unpack(networks("generator", "perceptual")),
        data="results/data/{dataset}/finetune.safetensors",
        latents="results/latents/{dataset}/finetune.safetensors",
    output:
        "results/models/{dataset}/adapters_conditioned.safetensors",
    log:
        "results/logs/finetune/{dataset}-conditioned.log",
    benchmark:
        "results/benchmarks/finetune/{dataset}-conditioned.tsv"
    priority: priority_of(3)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(120, gpu=1),
    params:
        recipe=conditioned_recipe,
        seed=training_seed,
        precision=config["precision"],
    script:
        "../scripts/finetune_conditioned.py"
