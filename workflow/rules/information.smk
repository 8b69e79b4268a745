# Claim 12 as a measurement: bits about the original that survive every stage of every chain. Part
# of the default target, not of `sweep`.

# The numbers that describe a photograph are unknown.
INFORMED = [name for name in experiment.datasets if name in experiment.embedded]


rule information_of:
    """A lower bound, in bits, of what every stage still says about the original.

    One reader for all chains of a data set.
    """
    input:
        unpack(information_inputs),
    output:
        summary="results/information/{dataset}.csv",
        images="results/information/{dataset}.images.csv",
        reader="results/information/{dataset}.reader.safetensors",
    log:
        "results/logs/information/{dataset}.log",
    benchmark:
        "results/benchmarks/information/{dataset}.tsv"
    priority: 1  # long: before the evaluations, see transmit
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(30, 5, gpu=1),
    params:
        information=config["information"],
        entry=drawn_entry,
        systems=experiment.systems,
        snrs=experiment.snrs,
        codecs=lambda w: {
            name: experiment.codec_options(name, w.dataset) for name in config["codecs"]
        },
        channel=config["channel"],
        channel_seeds=config["sweep"]["channel_seeds"],
        seed=experiment.seed,
    script:
        "../scripts/information_of.py"


rule information:
    """The bounds of all data sets in one table, of single faces in another, and the figure."""
    input:
        summaries=expand("results/information/{dataset}.csv", dataset=INFORMED),
        images=expand("results/information/{dataset}.images.csv", dataset=INFORMED),
    output:
        csv=report(
            "results/information.csv", caption="../report/information.rst", category="Tables"
        ),
        images="results/information_images.csv",
        pdf="results/figures/information.pdf",
        png=report(
            "results/figures/information.png",
            caption="../report/information.rst",
            category="Figures",
        ),
    log:
        "results/logs/information.log",
    benchmark:
        "results/benchmarks/information.tsv"
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        dataset=next(iter(sorted(INFORMED, key=lambda name: name != MAIN)), MAIN),
        snr_db=config["publish"]["grid_snr_db"],
    script:
        "../scripts/information.py"
