import os

from experiment.paper import paper_sizes


rule bandwidth:
    """Tables I and II: the bandwidth that every chain uses, which is the same at every SNR."""
    input:
        lambda w: [
            f"results/cells/{BANDWIDTHS[w.table]}/{system}/{experiment.grid_snr}dB.csv"
            for system in experiment.systems
        ],
    output:
        report("results/tables/{table}.csv", caption="../report/bandwidth.rst", category="Tables"),
        "results/tables/{table}.md",
        "results/tables/{table}.tex",
    log:
        "results/logs/{table}.log",
    benchmark:
        "results/benchmarks/bandwidth/{table}.tsv"
    wildcard_constraints:
        table=one_of(BANDWIDTHS),
    priority: 200  # over all of `priority_of`
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        dataset=lambda w: BANDWIDTHS[w.table],
        resolution=lambda w: experiment.dataset(BANDWIDTHS[w.table])["resolution"],
        title=lambda w: f"Table {'I' * int(w.table[-1])}",
    script:
        "../scripts/bandwidth.py"


rule curves:
    """Figures 4, 6 and 8: LPIPS, FID and KID against SNR.

    As wide as a page, and as wide as one of its two columns.
    """
    input:
        "results/metrics.csv",
        "results/images.csv",
    output:
        "results/figures/{figure}.pdf",
        "results/figures/{figure}-column.png",
        page=report(
            "results/figures/{figure}.png", caption="../report/curves.rst", category="Figures"
        ),
        column="results/figures/{figure}-column.pdf",
    log:
        "results/logs/{figure}.log",
    benchmark:
        "results/benchmarks/curves/{figure}.tsv"
    wildcard_constraints:
        figure=one_of(CURVES),
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        dataset=lambda w: CURVES[w.figure],
    script:
        "../scripts/curves.py"


rule codec_curves:
    """Distortion against SNR, a line for each codec.

    Part of the default target only where publish.codecs is true.
    """
    input:
        "results/metrics.csv",
    output:
        "results/figures/codecs.pdf",
        report("results/figures/codecs.png", caption="../report/codecs.rst", category="Figures"),
    log:
        "results/logs/codec_curves.log",
    benchmark:
        "results/benchmarks/codec_curves.tsv"
    conda:
        "../envs/publish.yaml"
    params:
        dataset=MAIN,
    script:
        "../scripts/codec_curves.py"


rule grid:
    """Figures 5, 7 and 9: original, true edit, and what each system delivers, at one SNR."""
    input:
        unpack(lambda w: grid_inputs(GRIDS[w.figure])),
    output:
        "results/figures/{figure}.pdf",
        report("results/figures/{figure}.png", caption="../report/grid.rst", category="Figures"),
    log:
        "results/logs/{figure}.log",
    benchmark:
        "results/benchmarks/grid/{figure}.tsv"
    wildcard_constraints:
        figure=one_of(GRIDS),
    priority: 200  # over all of `priority_of`
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        dataset=lambda w: GRIDS[w.figure],
        systems=experiment.systems,
        snr_db=config["publish"]["grid_snr_db"],
        rows=config["publish"]["grid_rows"],
    script:
        "../scripts/grid.py"


TIMINGS = expand(f"results/timing/{MAIN}/{{system}}.json", system=experiment.timed_systems)


rule ablation_tables:
    """Tables III to V."""
    input:
        summaries=expand("results/ablations/{dataset}.summary.csv", dataset=ABLATED),
        images=expand("results/ablations/{dataset}.csv", dataset=ABLATED),
    output:
        **formats("table3", "ablation_tables"),
        **formats("table4", "ablation_tables"),
        **formats("table5", "ablation_tables"),
    log:
        "results/logs/ablation_tables.log",
    benchmark:
        "results/benchmarks/ablation_tables.tsv"
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        steps=experiment.finetune_options(MAIN)["steps"],
    script:
        "../scripts/ablation_tables.py"


rule cost_tables:
    """Tables VI and VII."""
    input:
        timings=TIMINGS,
        parameters=f"results/parameters/{MAIN}.json",
    output:
        **formats("table6", "cost_tables"),
        **formats("table7", "cost_tables"),
    log:
        "results/logs/cost_tables.log",
    benchmark:
        "results/benchmarks/cost_tables.tsv"
    localrule: True
    conda:
        "../envs/publish.yaml"
    script:
        "../scripts/cost_tables.py"


rule inversion_table:
    """Recipes of inversion, their cost and their worth; not in the paper."""
    input:
        quality=expand("results/inversions/{dataset}.csv", dataset=INVERTED),
        seconds=expand("results/inversions/{dataset}.seconds.json", dataset=INVERTED),
    output:
        **formats("inversions", "inversion_table"),
    log:
        "results/logs/inversion_table.log",
    benchmark:
        "results/benchmarks/inversion_table.tsv"
    conda:
        "../envs/publish.yaml"
    script:
        "../scripts/inversion_table.py"


rule released_table:
    """Talk-to-Edit as released beside the editor that all chains share; not in the paper."""
    input:
        f"results/released/{MAIN}.csv",
    output:
        **formats("released", "released_table"),
    log:
        "results/logs/released_table.log",
    benchmark:
        "results/benchmarks/released_table.tsv"
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        faces=config["ablations"]["released"]["faces"],
    script:
        "../scripts/released_table.py"


rule ablation_grids:
    """Figures 10 and 11."""
    input:
        data=f"results/data/{MAIN}/test.safetensors",
        pictures=f"results/ablations/{MAIN}.safetensors",
        images=f"results/ablations/{MAIN}.csv",
    output:
        figure10=report(
            "results/figures/figure10.png",
            caption="../report/ablation_grids.rst",
            category="Figures",
        ),
        figure11=report(
            "results/figures/figure11.png",
            caption="../report/ablation_grids.rst",
            category="Figures",
        ),
        others=expand("results/figures/figure{n}.pdf", n=[10, 11]),
    log:
        "results/logs/ablation_grids.log",
    benchmark:
        "results/benchmarks/ablation_grids.tsv"
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        rows=config["publish"]["grid_rows"],
        snr_db=float(experiment.lowest_snr),
        grid_snr_db=config["publish"]["grid_snr_db"],
    script:
        "../scripts/ablation_grids.py"


PAPER_SIZES = paper_sizes(
    workflow.source_path("../../config.yaml"),
    workflow.source_path("../configs/paper.yaml"),
    "celeba-hq",
)


rule claims:
    """Which of the paper's claims held here, by rules written down before the run."""
    input:
        metrics="results/metrics.csv",
        images="results/images.csv",
        ablations=expand("results/ablations/{dataset}.csv", dataset=ABLATED),
        timings=TIMINGS,
        parameters=f"results/parameters/{MAIN}.json",
        information=["results/information_images.csv"] if MAIN in INFORMED else [],
        data=f"results/data/{MAIN}/test.safetensors",
    output:
        csv=report("results/claims.csv", caption="../report/claims.rst", category="Claims"),
        md="results/claims.md",
    log:
        "results/logs/claims.log",
    benchmark:
        "results/benchmarks/claims.tsv"
    localrule: True
    conda:
        "../envs/networks.yaml"
    params:
        main=MAIN,
        high_resolution=experiment.high_resolution,
        out_of_distribution=experiment.out_of_distribution,
        sizes=PAPER_SIZES,
        adopted_steps=experiment.finetune_options(MAIN)["steps"],
    script:
        "../scripts/claims.py"


rule setup:
    """What the run was made with.

    The whole config, overlays included, and the versions of the software.
    """
    output:
        report("results/setup.yaml", caption="../report/setup.rst", category="Setup"),
    log:
        "results/logs/setup.log",
    benchmark:
        "results/benchmarks/setup.tsv"
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        config=config,
    script:
        "../scripts/setup.py"


# Systems that hold dialogues, which are not in the paper, and about rendered faces only.
TALKING = [name for name in experiment.systems if not experiment.released(name)]
TALKS = [MAIN] if TALKING and MAIN in experiment.embedded else []
SHOWN = [
    *CURVES,
    *GRIDS,
    *["figure10", "figure11", "equal_bandwidth"],
    *(["information"] if INFORMED else []),
]
SHOWN += ["dialogue", "dialogue-sheet"] if TALKS else []


rule results_page:
    """docs/results.md with its figures, and the table of README.md, from the run.

    Not part of `all`: these files belong to the repository. README.md is written without being an
    output, since Snakemake deletes outputs before their job.
    """
    input:
        metrics="results/metrics.csv",
        claims="results/claims.csv",
        claims_table="results/claims.md",
        quality=expand("results/edits/{dataset}/quality.csv", dataset=experiment.datasets),
        tables=expand(
            "results/tables/{table}.md",
            table=[
                *BANDWIDTHS,
                *(f"table{n}" for n in range(3, 8)),
                *["inversions"][: len(INVERTED)],
            ],
        ),
        figures=expand("results/figures/{figure}.png", figure=SHOWN),
        information=["results/information.csv"] if INFORMED else [],
        bandwidth="results/tables/equal_bandwidth.csv",
        bandwidth_tables=expand(
            "results/tables/{table}.md",
            table=["equal_bandwidth", *["training_noise"][: bool(TWINS and NOISY)]],
        ),
        dialogue=["results/tables/dialogue.md"] if TALKS else [],
        reasons=workflow.source_path("../report/why.md"),
        readme=ancient("README.md"),
    output:
        page="docs/results.md",
        figures=[f"docs/{figure.replace(os.sep, '-')}.png" for figure in SHOWN],
    log:
        "results/logs/results_page.log",
    benchmark:
        "results/benchmarks/results_page.tsv"
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        datasets={name: experiment.dataset(name) for name in experiment.datasets},
        curves={dataset: figure for figure, dataset in CURVES.items()},
        grids={dataset: figure for figure, dataset in GRIDS.items()},
        snr=experiment.grid_snr,
        overlays=[os.path.relpath(path) for path in workflow.overwrite_configfiles],
    script:
        "../scripts/results_page.py"
