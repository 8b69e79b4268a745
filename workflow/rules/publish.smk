def grid_inputs(dataset):
    snr = snr_text(config["publish"]["grid_snr_db"])
    return {"data": f"results/data/{dataset}/test.safetensors",
            "received": [f"results/received/{dataset}/{system}/{snr}dB.safetensors" for system in config["sweep"]["systems"]]}


rule bandwidth:
    """Tables I and II: the bandwidth that every chain uses."""
    input: "results/metrics.csv"
    output:
        report("results/tables/{table}.csv", caption="../report/bandwidth.rst", category="Tables"),
        "results/tables/{table}.md",
        "results/tables/{table}.tex",
    params:
        dataset=lambda w: BANDWIDTHS[w.table],
        resolution=lambda w: config["datasets"][BANDWIDTHS[w.table]]["resolution"],
        title=lambda w: f"Table {'I' * int(w.table[-1])}, {BANDWIDTHS[w.table]}",
    wildcard_constraints: table=one_of(BANDWIDTHS)
    log: "results/logs/{table}.log"
    script: "../scripts/bandwidth.py"


rule curves:
    """Figures 4, 6 and 8: LPIPS, FID and KID against SNR."""
    input: "results/metrics.csv"
    output:
        "results/figures/{figure}.pdf",
        report("results/figures/{figure}.png", caption="../report/curves.rst", category="Figures"),
    params: dataset=lambda w: CURVES[w.figure]
    wildcard_constraints: figure=one_of(CURVES)
    log: "results/logs/{figure}.log"
    script: "../scripts/curves.py"


rule figure_codecs:
    """Distortion against SNR, a line per codec; part of the default target only where publish.codecs is true."""
    input: "results/metrics.csv"
    output:
        "results/figures/codecs.pdf",
        report("results/figures/codecs.png", caption="../report/codecs.rst", category="Figures"),
    params: dataset=MAIN
    log: "results/logs/figure_codecs.log"
    script: "../scripts/figure_codecs.py"


rule grid:
    """Figures 5, 7 and 9: original, true edit, and what each system delivers, at one SNR."""
    input: unpack(lambda w: grid_inputs(GRIDS[w.figure]))
    output:
        "results/figures/{figure}.pdf",
        report("results/figures/{figure}.png", caption="../report/grid.rst", category="Figures"),
    params:
        dataset=lambda w: GRIDS[w.figure],
        systems=config["sweep"]["systems"],
        snr_db=config["publish"]["grid_snr_db"],
        rows=config["publish"]["grid_rows"],
    wildcard_constraints: figure=one_of(GRIDS)
    log: "results/logs/{figure}.log"
    script: "../scripts/grid.py"


def formats(name):
    """Named outputs of one table in its three formats."""
    return {f"{name}_{kind}": f"results/tables/{name}.{kind}" for kind in ("csv", "md", "tex")}


TIMINGS = expand(f"results/timing/{MAIN}/{{system}}.json", system=config["sweep"]["systems"])


rule ablation_tables:
    """Tables III to V."""
    input: expand("results/ablations/{dataset}.summary.csv", dataset=ABLATED)
    output: **formats("table3"), **formats("table4"), **formats("table5")
    params: snr_db=float(LOWEST)
    log: "results/logs/ablation_tables.log"
    script: "../scripts/ablation_tables.py"


rule cost_tables:
    """Tables VI and VII."""
    input:
        timings=TIMINGS,
        parameters=f"results/parameters/{MAIN}.json",
    output: **formats("table6"), **formats("table7")
    log: "results/logs/cost_tables.log"
    script: "../scripts/cost_tables.py"


rule ablation_grids:
    """Figures 10 and 11."""
    input:
        data=f"results/data/{MAIN}/test.safetensors",
        pictures=f"results/ablations/{MAIN}.safetensors",
    output:
        figure10="results/figures/figure10.png",
        figure11="results/figures/figure11.png",
        others=expand("results/figures/figure{n}.pdf", n=[10, 11]),
    params: rows=config["publish"]["grid_rows"]
    log: "results/logs/ablation_grids.log"
    script: "../scripts/ablation_grids.py"


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
        csv="results/claims.csv",
        md="results/claims.md",
    params: dataset=MAIN
    log: "results/logs/claims.log"
    script: "../scripts/claims.py"
