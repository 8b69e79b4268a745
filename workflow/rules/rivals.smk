# Every system at its bandwidth: those of the sweep, and rivals and variants beside them
# (`equal_bandwidth` in the config), on the main data set.

BESIDE = [s for s in config["equal_bandwidth"]["systems"] if s not in experiment.systems]
COMPARED = [*experiment.systems, *BESIDE]
COMPARED_SNRS = [snr_text(snr) for snr in experiment.compared_snrs]


rule rivals_information:
    """Bits about the original in what the systems beside the sweep deliver; its own reader."""
    input:
        unpack(networks("fidelity", "evaluator", "recogniser")),
        unpack(
            lambda w: {
                f"received_{system}_{snr}": f"results/received/{w.dataset}/{system}/{snr}dB.safetensors"
                for system in BESIDE
                for snr in COMPARED_SNRS
            }
        ),
        data="results/data/{dataset}/test.safetensors",
        reader="results/information/{dataset}.reader.safetensors",
    output:
        "results/information/{dataset}.rivals.csv",
    log:
        "results/logs/rivals_information/{dataset}.log",
    benchmark:
        "results/benchmarks/rivals_information/{dataset}.tsv"
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(30, 5, gpu=1),
    params:
        systems=BESIDE,
        snrs=COMPARED_SNRS,
    script:
        "../scripts/rivals_information.py"


if BESIDE:

    use rule evaluate as evaluate_beside with:
        """The metrics of the systems beside the sweep at one SNR."""
        input:
            unpack(judges),
            received=expand(
                f"results/received/{CELL}.safetensors", system=BESIDE, allow_missing=True
            ),
        output:
            cell=expand(f"results/cells/{CELL}.csv", system=BESIDE, allow_missing=True),
            images=expand(f"results/cells/{CELL}.images.csv", system=BESIDE, allow_missing=True),
        log:
            "results/logs/evaluate_beside/{dataset}/{snr}dB.log",
        benchmark:
            "results/benchmarks/evaluate_beside/{dataset}/{snr}dB.tsv"
        wildcard_constraints:
            dataset=MAIN,
            snr=one_of(COMPARED_SNRS),
        resources:
            **resources_of(10, len(BESIDE), gpu=1, cells=1),
        params:
            each={"system": BESIDE},
            evaluation=config["evaluation"],
            seed=experiment.seed,

    ruleorder: evaluate_beside > evaluate_cell


rule equal_bandwidth:
    """Quality against bandwidth, every system on one page."""
    input:
        cells=expand(f"results/cells/{CELL}.csv", dataset=MAIN, system=COMPARED, snr=COMPARED_SNRS),
        images=expand(
            f"results/cells/{CELL}.images.csv", dataset=MAIN, system=COMPARED, snr=COMPARED_SNRS
        ),
        bits=(
            [f"results/information/{MAIN}.images.csv", f"results/information/{MAIN}.rivals.csv"]
            if MAIN in INFORMED
            else []
        ),
    output:
        "results/figures/equal_bandwidth.pdf",
        "results/tables/equal_bandwidth.md",
        "results/tables/equal_bandwidth.tex",
        csv=report(
            "results/tables/equal_bandwidth.csv",
            caption="../report/equal_bandwidth.rst",
            category="Tables",
        ),
        png=report(
            "results/figures/equal_bandwidth.png",
            caption="../report/equal_bandwidth.rst",
            category="Figures",
        ),
    log:
        "results/logs/equal_bandwidth.log",
    benchmark:
        "results/benchmarks/equal_bandwidth.tsv"
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        dataset=MAIN,
        families={system: experiment.family(system) for system in COMPARED},
        snrs=experiment.figure_snrs,
    script:
        "../scripts/equal_bandwidth.py"


# How much of a difference is the luck of a training: everything that is trained for the main data
# set, trained once more with another seed, on the same faces and the same noise.
TWINS = [twin for twin, other in experiment.twins.items() if other == MAIN]
NOISY = config.get("training_noise", {}).get("systems", [])


rule same_faces:
    """The images of a data set, for another training."""
    input:
        lambda w: f"results/data/{experiment.twins[w.dataset]}/{w.split}.safetensors",
    output:
        "results/data/{dataset}/{split}.safetensors",
    log:
        "results/logs/same_faces/{dataset}-{split}.log",
    benchmark:
        "results/benchmarks/same_faces/{dataset}-{split}.tsv"
    wildcard_constraints:
        dataset=one_of(experiment.twins),
    localrule: True
    conda:
        "../envs/publish.yaml"
    script:
        "../scripts/same_faces.py"


rule same_latents:
    """Their inversions."""
    input:
        latents=lambda w: f"results/latents/{experiment.twins[w.dataset]}/{w.split}.safetensors",
        seconds=lambda w: f"results/latents/{experiment.twins[w.dataset]}/{w.split}.seconds.json",
    output:
        latents="results/latents/{dataset}/{split}.safetensors",
        seconds="results/latents/{dataset}/{split}.seconds.json",
    log:
        "results/logs/same_latents/{dataset}-{split}.log",
    benchmark:
        "results/benchmarks/same_latents/{dataset}-{split}.tsv"
    wildcard_constraints:
        dataset=one_of(experiment.twins),
    localrule: True
    conda:
        "../envs/publish.yaml"
    script:
        "../scripts/same_faces.py"


ruleorder: same_faces > dataset
ruleorder: same_faces > photographs
ruleorder: same_latents > invert


rule training_noise:
    """The spread of two trainings beside the differences between systems."""
    input:
        images=expand(
            f"results/cells/{CELL}.images.csv",
            dataset=[MAIN, *TWINS],
            system=NOISY,
            snr=experiment.snrs,
        ),
    output:
        "results/tables/training_noise.md",
        "results/tables/training_noise.tex",
        csv=report(
            "results/tables/training_noise.csv",
            caption="../report/training_noise.rst",
            category="Tables",
        ),
    log:
        "results/logs/training_noise.log",
    benchmark:
        "results/benchmarks/training_noise.tsv"
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        main=MAIN,
    script:
        "../scripts/training_noise.py"
