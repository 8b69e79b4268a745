def grid_inputs(dataset):
    return {
        "data": f"results/data/{dataset}/test.safetensors",
        "received": [
            f"results/received/{dataset}/{system}/{GRID}dB.safetensors"
            for system in config["sweep"]["systems"]
        ],
    }


rule bandwidth:
    """Tables I and II: the bandwidth that every chain uses, which is the same at every SNR."""
    input:
        lambda w: [
            f"results/cells/{BANDWIDTHS[w.table]}/{system}/{GRID}dB.csv"
            for system in config["sweep"]["systems"]
        ],
    output:
        report("results/tables/{table}.csv", caption="../report/bandwidth.rst", category="Tables"),
        "results/tables/{table}.md",
        "results/tables/{table}.tex",
    log:
        "results/logs/{table}.log",
    wildcard_constraints:
        table=one_of(BANDWIDTHS),
    priority: 200  # over all of `early`
    params:
        dataset=lambda w: BANDWIDTHS[w.table],
        resolution=lambda w: config["datasets"][BANDWIDTHS[w.table]]["resolution"],
        title=lambda w: f"Table {'I' * int(w.table[-1])}, {BANDWIDTHS[w.table]}",
    script:
        "../scripts/bandwidth.py"


rule curves:
    """Figures 4, 6 and 8: LPIPS, FID and KID against SNR."""
    input:
        "results/metrics.csv",
    output:
        "results/figures/{figure}.pdf",
        report("results/figures/{figure}.png", caption="../report/curves.rst", category="Figures"),
    log:
        "results/logs/{figure}.log",
    wildcard_constraints:
        figure=one_of(CURVES),
    params:
        dataset=lambda w: CURVES[w.figure],
    script:
        "../scripts/curves.py"


rule figure_codecs:
    """Distortion against SNR, a line per codec; part of the default target only where publish.codecs is true."""
    input:
        "results/metrics.csv",
    output:
        "results/figures/codecs.pdf",
        report("results/figures/codecs.png", caption="../report/codecs.rst", category="Figures"),
    log:
        "results/logs/figure_codecs.log",
    params:
        dataset=MAIN,
    script:
        "../scripts/figure_codecs.py"


rule grid:
    """Figures 5, 7 and 9: original, true edit, and what each system delivers, at one SNR."""
    input:
        unpack(lambda w: grid_inputs(GRIDS[w.figure])),
    output:
        "results/figures/{figure}.pdf",
        report("results/figures/{figure}.png", caption="../report/grid.rst", category="Figures"),
    log:
        "results/logs/{figure}.log",
    wildcard_constraints:
        figure=one_of(GRIDS),
    priority: 200  # over all of `early`
    params:
        dataset=lambda w: GRIDS[w.figure],
        systems=config["sweep"]["systems"],
        snr_db=config["publish"]["grid_snr_db"],
        rows=config["publish"]["grid_rows"],
    script:
        "../scripts/grid.py"


def formats(name, caption):
    """Named outputs of one table in its three formats, the first of them in the report."""
    paths = {f"{name}_{kind}": f"results/tables/{name}.{kind}" for kind in ("csv", "md", "tex")}
    return paths | {
        f"{name}_csv": report(
            paths[f"{name}_csv"], caption=f"../report/{caption}.rst", category="Tables"
        )
    }


TIMINGS = expand(f"results/timing/{MAIN}/{{system}}.json", system=config["sweep"]["systems"])


rule ablation_tables:
    """Tables III to V."""
    input:
        expand("results/ablations/{dataset}.summary.csv", dataset=ABLATED),
    output:
        **formats("table3", "ablation_tables"),
        **formats("table4", "ablation_tables"),
        **formats("table5", "ablation_tables"),
    log:
        "results/logs/ablation_tables.log",
    params:
        snr_db=float(LOWEST),
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
    script:
        "../scripts/cost_tables.py"


rule ablation_grids:
    """Figures 10 and 11."""
    input:
        data=f"results/data/{MAIN}/test.safetensors",
        pictures=f"results/ablations/{MAIN}.safetensors",
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
    params:
        rows=config["publish"]["grid_rows"],
    script:
        "../scripts/ablation_grids.py"


rule claims:
    """Which of the paper's claims held here, by rules written down before the run."""
    input:
        metrics="results/metrics.csv",
        images="results/images.csv",
        ablations=expand("results/ablations/{dataset}.csv", dataset=ABLATED),
        timings=TIMINGS,
        parameters=f"results/parameters/{MAIN}.json",
        information=["results/information_images.csv"] if MAIN in INFORMED else [],
    output:
        csv=report("results/claims.csv", caption="../report/claims.rst", category="Claims"),
        md="results/claims.md",
    log:
        "results/logs/claims.log",
    params:
        dataset=MAIN,
    script:
        "../scripts/claims.py"


rule setup:
    """What the run was made with: the whole config, overlays included, and the versions of the software."""
    output:
        report("results/setup.yaml", caption="../report/setup.rst", category="Setup"),
    log:
        "results/logs/setup.log",
    params:
        config=config,
    script:
        "../scripts/setup.py"
