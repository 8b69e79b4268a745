# Functions of the rules: what a job reads, and what it asks for.

EDITOR_ROLES = ["generator", "predictor", "text_encoder"]  # beside LPIPS, of either kind of editor


def networks(*roles):
    """Input function: role -> path of a network on this machine, for which no storage is asked."""
    return lambda w: {role: local(experiment.network(role, w.dataset)) for role in roles}


def editing_networks(w, system):
    """Role -> path of the networks of the editor of a system, without its fields."""
    if experiment.released(system):
        return networks(*EDITOR_ROLES, experiment.released_role(w.dataset))(w)
    return networks(*EDITOR_ROLES, "perceptual", *experiment.encoder_roles)(w)


def dataset_entry(w):
    """Parameter: the entry of the data set of the job in the config."""
    return experiment.dataset(w.dataset)


def drawn_entry(w):
    """Parameter: what of that entry says how a face is drawn; how many are drawn is another's."""
    entry = experiment.dataset(w.dataset)
    return {key: entry[key] for key in ("source", "style", "resolution") if key in entry}


def drawn_split(w):
    """Parameter: the same, and the number of faces of the split of the job."""
    count = experiment.dataset(w.dataset)["images"][w.split]
    return drawn_entry(w) | {"images": {w.split: count}}


def finetune_recipe(w):
    """Parameter: the recipe of the adapters of the data set of the job."""
    return experiment.finetune_options(w.dataset)


def adapters_start(w):
    """The adapters that those of the job start from, where the config says so."""
    return names.adapters_start(experiment, w.dataset, w.snr)


def training_seed(w):
    """Parameter: the seed of what is trained for the data set of the job."""
    return experiment.training_seed(w.dataset)


def pretrain_inputs(w):
    entry = PRETRAINED[w.role]
    inputs = {need: f"results/pretrain/{need}.safetensors" for need in entry["needs"]}
    if entry["corpus"]:
        inputs["corpus"] = f"results/pretrain/corpus/{entry['corpus']}.safetensors"
    return inputs


def cell_inputs(w):
    """A cell reads only what its own transmitter and receiver use."""
    name = parse_system(w.system)
    inputs = {"data": f"results/data/{w.dataset}/test.safetensors"}
    if name.edits_at == "both":
        inputs |= networks("generator")(w)
        inputs["adapters"] = adapters_of(w.dataset, w.system, w.snr)
    if name.edits_at != "receiver":
        inputs["edits"] = edits(w.dataset, w.system)
        inputs["edit_seconds"] = inputs["edits"].replace(".safetensors", ".seconds.json")
    else:
        inputs |= editing_networks(w, w.system)
        inputs["fields"] = fields(w.dataset, "talk2edit")
    if name.codec in experiment.generative:
        inputs |= networks("generator")(w)
    if name.codec in experiment.prepared:
        inputs["codec"] = codec_model(w.dataset, name.codec, w.snr)
    return inputs


def judges(w):
    """What judges the received images of a data set: networks, and what is known of the images."""
    return networks("evaluator", "judge_recogniser", "perceptual", "fidelity")(w) | {
        "data": f"results/data/{w.dataset}/test.safetensors",
        "bar": f"results/data/{w.dataset}/identity_bar.json",
        "real": f"results/data/{w.dataset}/real_features.safetensors",
    }


def dialogue_inputs(w):
    """What both ends need, and the inversion, where it does not depend on the channel."""
    name = parse_system(w.system)
    inputs = {
        "data": f"results/data/{w.dataset}/test.safetensors",
        "bar": f"results/data/{w.dataset}/identity_bar.json",
        "fields": fields(w.dataset, "jecc" if name.codec is None else "talk2edit"),
    }
    inputs |= editing_networks(w, w.system)
    inputs |= networks("evaluator", "judge_recogniser", "perceptual", "fidelity")(w)
    if name.codec is None:
        inputs["adapters"] = adapters_of(w.dataset, w.system, experiment.grid_snr)
    if name.edits_at != "receiver":
        inputs["latents"] = f"results/latents/{w.dataset}/test.safetensors"
    if name.codec in experiment.prepared:
        inputs["codec"] = codec_model(w.dataset, name.codec, experiment.grid_snr)
    return inputs


def timing_inputs(w):
    """What both ends need: a chain is timed from the image to the edited image."""
    name = parse_system(w.system)
    inputs = {"data": f"results/data/{w.dataset}/test.safetensors"} | editing_networks(w, w.system)
    inputs["fields"] = fields(w.dataset, "jecc" if name.codec is None else "talk2edit")
    if name.codec is None:
        inputs["adapters"] = adapters_of(w.dataset, w.system, experiment.grid_snr)
    if name.codec in experiment.prepared:
        inputs["codec"] = codec_model(w.dataset, name.codec, experiment.grid_snr)
    return inputs


def table_v_inputs(w):
    """What Table V fine-tunes on: the main data set alone has it."""
    if w.dataset != MAIN:
        return {}
    return {
        "finetune_data": f"results/data/{w.dataset}/finetune.safetensors",
        "finetune_latents": f"results/latents/{w.dataset}/finetune.safetensors",
    }


def information_inputs(w):
    """Every stage of every chain: files that the sweep made.

    And the codecs whose output it did not keep, those of systems that send, then edit.
    """
    inputs = {
        "data": f"results/data/{w.dataset}/test.safetensors",
        "latents": f"results/latents/{w.dataset}/test.safetensors",
    }
    inputs |= networks("generator", "fidelity", "evaluator", "recogniser")(w)
    for system in experiment.systems:
        name = parse_system(system)
        if name.edits_at != "receiver":
            inputs[f"edits_{system}"] = edits(w.dataset, system)
        for snr in experiment.snrs:
            inputs[f"received_{system}_{snr}"] = (
                f"results/received/{w.dataset}/{system}/{snr}dB.safetensors"
            )
            if name.edits_at == "receiver" and name.codec in experiment.prepared:
                inputs[f"codec_{system}_{snr}"] = codec_model(w.dataset, name.codec, snr)
    return inputs


def codec_start(w):
    """The network or trained codec that a codec's training starts from, where the config has one."""
    if role := experiment.codec_start_role(w.dataset, w.codec):
        return {"start": networks(role)(w)[role]}
    return names.codec_start(experiment, w.dataset, w.codec, w.get("snr", experiment.lowest_snr))


def study_models(snrs, *codecs):
    """Names of inputs -> weights of codecs, one for every SNR where a codec has several."""
    return lambda w: {
        f"{codec}_{snr}": codec_model(w.dataset, codec, snr)
        for codec in codecs
        if codec in experiment.learned
        for snr in snrs
    }


def grid_inputs(dataset):
    return {
        "data": f"results/data/{dataset}/test.safetensors",
        "received": [
            f"results/received/{dataset}/{system}/{experiment.grid_snr}dB.safetensors"
            for system in experiment.systems
        ],
        "judged": [
            f"results/cells/{dataset}/{system}/{experiment.grid_snr}dB.images.csv"
            for system in experiment.systems
        ],
    }


def formats(name, caption):
    """Named outputs of one table in its three formats, the first of them in the report."""
    paths = {f"{name}_{kind}": f"results/tables/{name}.{kind}" for kind in ("csv", "md", "tex")}
    return paths | {
        f"{name}_csv": report(
            paths[f"{name}_csv"], caption=f"../report/{caption}.rst", category="Tables"
        )
    }


def runs_a_network(w):
    """Resource: a GPU for every cell but those that only decode a digital codec."""
    name = parse_system(w.system)
    return int(name.edits_at != "transmitter" or name.codec in experiment.learned)


def inversions_of_cell(w):
    """How often a cell inverts its images: at the receiver, and there once for every draw."""
    if parse_system(w.system).edits_at != "receiver":
        return 0
    each = RELEASED_INVERSIONS if experiment.released(w.system) else 1
    return each * config["sweep"]["channel_seeds"]


def group_of_cell(w):
    """Cells that are submitted together: never with and without a GPU, and no long ones."""
    if experiment.dataset(w.dataset)["resolution"] > 256:
        return "large_cells"  # one by one: the profile joins no components of this name
    return "cells_gpu" if runs_a_network(w) else "cells"


def inversion_recipe(w):
    """Parameter: how the chains invert the images of the data set of the job."""
    return experiment.inversion(dataset=w.dataset)


def unguided_inversion(dataset=None):
    """How faces are inverted while there is no encoder yet, which is trained with the generator."""
    return inversion_options(experiment.inversion_section(dataset), "searched", guided=False)


def conditioned_recipe(w):
    """Parameter: the same of the adapters of all SNRs."""
    return experiment.conditioned_options(w.dataset)


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
