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
    threads: 1
    resources:
        **resources_of(20, 1, gpu=1),
    params:
        inversion=config["inversion"],
        matching=config["matching"],
    script:
        "../scripts/edit.py"


def cell_inputs(w):
    """A cell reads only what its own transmitter and receiver use."""
    name = parse_system(w.system)
    inputs = {"data": f"results/data/{w.dataset}/test.safetensors"}
    if name.edits_at == "both":
        inputs |= networks("generator")(w)
        inputs["adapters"] = adapters(w.dataset, w.snr)
    if name.edits_at != "receiver":
        editor = "jecc" if name.edits_at == "both" else "talk2edit"
        inputs["edits"] = f"results/edits/{w.dataset}/{editor}.safetensors"
        inputs["edit_seconds"] = f"results/edits/{w.dataset}/{editor}.seconds.json"
    else:
        inputs |= networks("generator", "predictor", "text_encoder", "perceptual")(w)
        inputs["fields"] = fields(w.dataset, "talk2edit")
    if name.codec in experiment.learned:
        inputs["codec"] = codec_model(w.dataset, name.codec, w.snr)
    return inputs


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
        lambda w: "cells_gpu" if parse_system(w.system).edits_at == "receiver" else "cells"
    threads: 1
    resources:
        **resources_of(
            10, 5, gpu=lambda w: int(parse_system(w.system).edits_at == "receiver"), cells=1
        ),
    params:
        inversion=config["inversion"],
        matching=config["matching"],
        channel=config["channel"],
        codec=lambda w: experiment.codec_options(parse_system(w.system).codec, w.dataset),
        channel_seeds=config["sweep"]["channel_seeds"],
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/transmit.py"
