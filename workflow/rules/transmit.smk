rule edit:
    """The editing that does not depend on the channel: at the transmitter, once for all SNRs."""
    input:
        unpack(networks("generator", "predictor", "text_encoder", "perceptual")),
        data="results/data/{dataset}/test.safetensors",
        latents="results/latents/{dataset}/test.safetensors",
        inversion_seconds="results/latents/{dataset}/test.seconds.json",
        fields=lambda w: fields(w.dataset, w.editor),
    output:
        edits="results/edits/{dataset}/{editor}.safetensors",
        seconds="results/edits/{dataset}/{editor}.seconds.json",
    log:
        "results/logs/edit/{dataset}-{editor}.log",
    benchmark:
        "results/benchmarks/edit/{dataset}-{editor}.tsv"
    priority: priority_of(5)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(20, 1, gpu=1),
    params:
        inversion=inversion_recipe,
        matching=config["matching"],
    script:
        "../scripts/edit.py"


rule edit_released:
    """Talk-to-Edit as released, at the transmitter: it inverts too, each image with a generator of
    its own.
    """
    input:
        unpack(lambda w: editing_networks(w, "any+talk2edit_released")),
        data="results/data/{dataset}/test.safetensors",
        fields=lambda w: fields(w.dataset, "talk2edit"),
    output:
        edits="results/edits/{dataset}/talk2edit_released.safetensors",
        seconds="results/edits/{dataset}/talk2edit_released.seconds.json",
    log:
        "results/logs/edit_released/{dataset}.log",
    benchmark:
        "results/benchmarks/edit_released/{dataset}.tsv"
    priority: priority_of(5)
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(20, inversions=RELEASED_INVERSIONS, gpu=1),
    params:
        released=experiment.released_settings("any+talk2edit_released"),
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/edit_released.py"


rule transmit:
    """One cell of the sweep: send the test images, receive them, for every channel seed."""
    input:
        unpack(cell_inputs),
    output:
        received=f"results/received/{CELL}.safetensors",
        seconds=f"results/received/{CELL}.seconds.json",
    log:
        f"results/logs/transmit/{CELL}.log",
    benchmark:
        f"results/benchmarks/transmit/{CELL}.tsv"
    priority: priority_of(2)  # the long jobs first: short ones fill the gaps at the end
    group:
        group_of_cell
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(10, 0.5, inversions=inversions_of_cell, gpu=runs_a_network, cells=1),
    params:
        inversion=inversion_recipe,
        matching=config["matching"],
        released=lambda w: experiment.released_settings(w.system),
        channel=config["channel"],
        codec=lambda w: experiment.codec_options(parse_system(w.system).codec, w.dataset),
        repeats=lambda w: experiment.repeats(w.system),
        # the same noise for the same faces
        draws_of=lambda w: experiment.twins.get(w.dataset, w.dataset),
        channel_seeds=config["sweep"]["channel_seeds"],
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/transmit.py"
