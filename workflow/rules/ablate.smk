# What the sweep does not vary: inversion iterations, amount of fine-tuning, matching, time,
# parameters. Part of the default target, not of `sweep`.

from editable_deepsc.editing.recipes import RECIPES

ABLATED = experiment.datasets if "editable_deepsc" in experiment.systems else []


rule ablate:
    """Editable-DeepSC with one thing changed (Tables III to V, Figures 10 and 11).

    As in the paper everything on the main data set, and fine-tuning on all of them. One inversion
    serves all iteration counts.
    """
    input:
        unpack(
            networks(
                "generator",
                "predictor",
                "text_encoder",
                "perceptual",
                "fidelity",
                "evaluator",
                "judge_recogniser",
            )
        ),
        unpack(table_v_inputs),
        data="results/data/{dataset}/test.safetensors",
        bar="results/data/{dataset}/identity_bar.json",
        real="results/data/{dataset}/real_features.safetensors",
        edits="results/edits/{dataset}/jecc.safetensors",
        latents="results/latents/{dataset}/test.safetensors",
        fields=lambda w: fields(w.dataset, "jecc"),
        adapters=lambda w: adapters(w.dataset, experiment.lowest_snr),
        grid_adapters=lambda w: adapters(w.dataset, experiment.grid_snr),
        high_adapters=lambda w: adapters(w.dataset, experiment.highest_snr),
    output:
        images="results/ablations/{dataset}.csv",
        summary="results/ablations/{dataset}.summary.csv",
        pictures="results/ablations/{dataset}.safetensors",
    log:
        "results/logs/ablate/{dataset}.log",
    benchmark:
        "results/benchmarks/ablate/{dataset}.tsv"
    priority: 1  # long: before the evaluations, see transmit
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(60, 8, inversions=2, gpu=1),
    params:
        inversion=inversion_recipe,
        iterated=lambda w: experiment.inversion("paper", w.dataset),  # Table III
        matching=config["matching"],
        channel=config["channel"],
        finetune=finetune_recipe,
        ablations=lambda w: (
            config["ablations"] if w.dataset == MAIN else {"iterations": [], "finetune": []}
        ),
        evaluation=config["evaluation"],
        snr_db=float(experiment.lowest_snr),
        grid_snr_db=float(experiment.grid_snr),
        high_snr_db=float(experiment.highest_snr),
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/ablate.py"


# None are given to `snakemake --summary` and the like, which run nothing.
ALL_CORES = workflow.global_resources["_cores"].value or 1


rule timing:
    """Seconds per image and stage, one at a time and batched, and the peak of memory (Table VI).

    Runs alone: it takes all cores.
    """
    input:
        unpack(timing_inputs),
    output:
        "results/timing/{dataset}/{system}.json",
    log:
        "results/logs/timing/{dataset}-{system}.log",
    benchmark:
        "results/benchmarks/timing/{dataset}-{system}.tsv"
    conda:
        "../envs/networks.yaml"
    threads: ALL_CORES
    resources:
        **resources_of(30, inversions=RELEASED_INVERSIONS, gpu=1),
    params:
        inversion=inversion_recipe,
        matching=config["matching"],
        released=lambda w: experiment.released_settings(w.system),
        released_iterations=config["ablations"]["released"]["timed_iterations"],
        channel=config["channel"],
        codec=lambda w: experiment.codec_options(parse_system(w.system).codec, w.dataset),
        sent=lambda w: experiment.repeats(w.system),
        snr_db=float(experiment.grid_snr),
        batch=config["ablations"]["timed_batch"],
        repeats=config["ablations"]["timed_repeats"],
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/timing.py"


# Data sets whose generator the bundled encoder belongs to.
INVERTED = [
    dataset
    for dataset in ABLATED
    if dataset in (MAIN, experiment.high_resolution)
    and experiment.network_entries(dataset)["generator"] == "bundled"
]


rule inversions:
    """What a recipe of inversion costs and is worth, alone and with Editable-DeepSC around it."""
    input:
        unpack(
            networks(
                "generator",
                "predictor",
                "text_encoder",
                "perceptual",
                "encoder",
                "fidelity",
                "evaluator",
                "judge_recogniser",
            )
        ),
        unpack(lambda w: {f"adapters_{snr}dB": adapters(w.dataset, snr) for snr in experiment.snrs}),
        data="results/data/{dataset}/test.safetensors",
        bar="results/data/{dataset}/identity_bar.json",
        real="results/data/{dataset}/real_features.safetensors",
        fields=lambda w: fields(w.dataset, "jecc"),
    output:
        quality="results/inversions/{dataset}.csv",
        seconds="results/inversions/{dataset}.seconds.json",
    log:
        "results/logs/inversions/{dataset}.log",
    benchmark:
        "results/benchmarks/inversions/{dataset}.tsv"
    priority: 1
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(20, 10, gpu=1),
    params:
        recipes=lambda w: {
            **{name: experiment.inversion(name, w.dataset) for name in RECIPES},
            "encoder alone": experiment.inversion("encoder", w.dataset) | {"iterations": 0},
        },
        matching=config["matching"],
        channel=config["channel"],
        evaluation=config["evaluation"],
        snr_db=config["sweep"]["snr_db"],
        faces=config["ablations"]["recipes"]["faces"],
        batch=16,
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/inversions.py"


rule released_study:
    """Talk-to-Edit as released beside the editor that all chains share, on a few test faces."""
    input:
        unpack(networks(*EDITOR_ROLES, "perceptual", "evaluator", *experiment.encoder_roles)),
        unpack(
            lambda w: (
                networks("talk2edit_perceptual")(w)
                if experiment.released_role(w.dataset) != "perceptual"
                else {}
            )
        ),
        data="results/data/{dataset}/test.safetensors",
        fields=lambda w: fields(w.dataset, "talk2edit"),
    output:
        "results/released/{dataset}.csv",
    log:
        "results/logs/released_study/{dataset}.log",
    benchmark:
        "results/benchmarks/released_study/{dataset}.tsv"
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(
            20,
            inversions=2 * RELEASED_INVERSIONS,
            images=config["ablations"]["released"]["faces"],
            gpu=1,
        ),
    params:
        released=experiment.released_settings("any+talk2edit_released"),
        faces=config["ablations"]["released"]["faces"],
        inversion=experiment.inversion(),
        matching=config["matching"],
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/released_study.py"


rule parameters:
    """Frozen and tuned parameters of Editable-DeepSC (Table VII)."""
    input:
        unpack(networks("generator", "predictor", "text_encoder")),
        fields=lambda w: fields(w.dataset, "jecc"),
        adapters=lambda w: adapters(w.dataset, experiment.lowest_snr),
    output:
        "results/parameters/{dataset}.json",
    log:
        "results/logs/parameters/{dataset}.log",
    benchmark:
        "results/benchmarks/parameters/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/networks.yaml"
    script:
        "../scripts/parameters.py"
