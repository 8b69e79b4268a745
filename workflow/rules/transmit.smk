# The networks of an editor that inverts; its fields come beside them.
EDITING = ["generator", "predictor", "text_encoder", "perceptual", *experiment.encoder_roles]


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
        inversion=inversion_recipe,
        matching=config["matching"],
    script:
        "../scripts/edit.py"


def cell_inputs(w):
    """A cell reads only what its own transmitter and receiver use."""
    name = parse_system(w.system)
    inputs = {"data": f"results/data/{w.dataset}/test.safetensors"}
    if name.edits_at == "both":
        inputs |= networks("generator")(w)
        inputs["adapters"] = adapters_of(w.dataset, w.system, w.snr)
    if name.edits_at != "receiver":
        editor = "jecc" if name.edits_at == "both" else "talk2edit"
        inputs["edits"] = f"results/edits/{w.dataset}/{editor}.safetensors"
        inputs["edit_seconds"] = f"results/edits/{w.dataset}/{editor}.seconds.json"
    else:
        inputs |= networks(*EDITING)(w)
        inputs["fields"] = fields(w.dataset, "talk2edit")
    if name.codec in experiment.generative:
        inputs |= networks("generator")(w)
    if name.codec in experiment.prepared:
        inputs["codec"] = codec_model(w.dataset, name.codec, w.snr)
    return inputs


def runs_a_network(w):
    """Resource: a GPU for every cell but those that only decode a digital codec."""
    name = parse_system(w.system)
    return int(name.edits_at != "transmitter" or name.codec in experiment.learned)


def inversions_of_cell(w):
    """How often a cell inverts its images: at the receiver, and there once for every draw."""
    at_receiver = parse_system(w.system).edits_at == "receiver"
    return config["sweep"]["channel_seeds"] if at_receiver else 0


def group_of_cell(w):
    """Cells that are submitted together: never with and without a GPU, and no long ones."""
    if experiment.dataset(w.dataset)["resolution"] > 256:
        return "large_cells"  # one by one: the profile joins no components of this name
    return "cells_gpu" if runs_a_network(w) else "cells"


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
    threads: 1
    resources:
        **resources_of(10, 0.5, inversions=inversions_of_cell, gpu=runs_a_network, cells=1),
    params:
        inversion=inversion_recipe,
        matching=config["matching"],
        channel=config["channel"],
        codec=lambda w: experiment.codec_options(parse_system(w.system).codec, w.dataset),
        repeats=lambda w: experiment.repeats(w.system),
        channel_seeds=config["sweep"]["channel_seeds"],
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/transmit.py"
