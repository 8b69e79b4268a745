# Table I and Figures 4 and 5 of the first data set of the sweep (MAIN) lie in tables/ and figures/, those of the others in folders of their names.


def grid_inputs(dataset):
    snr = snr_text(config["publish"]["grid_snr_db"])
    return {"data": f"results/data/{dataset}/test.safetensors",
            "received": [f"results/received/{dataset}/{system}/{snr}dB.safetensors" for system in config["sweep"]["systems"]]}


rule table1:
    """Table I: the bandwidth that every chain uses."""
    input: "results/metrics.csv"
    output:
        report("results/tables/table1.csv", caption="../report/table1.rst", category="Tables"),
        "results/tables/table1.md",
        "results/tables/table1.tex",
    params: dataset=MAIN, resolution=config["datasets"][MAIN]["resolution"], title="Table I"
    log: "results/logs/table1.log"
    script: "../scripts/table1.py"


rule figure4:
    """Figure 4: LPIPS, FID and KID against SNR."""
    input: "results/metrics.csv"
    output:
        "results/figures/figure4.pdf",
        report("results/figures/figure4.png", caption="../report/figure4.rst", category="Figures"),
    params: dataset=MAIN
    log: "results/logs/figure4.log"
    script: "../scripts/figure4.py"


rule figure_codecs:
    """Distortion against SNR, a line per codec; part of the default target only where publish.codecs is true."""
    input: "results/metrics.csv"
    output:
        "results/figures/codecs.pdf",
        report("results/figures/codecs.png", caption="../report/codecs.rst", category="Figures"),
    params: dataset=MAIN
    log: "results/logs/figure_codecs.log"
    script: "../scripts/figure_codecs.py"


rule figure5:
    """Figure 5: original, true edit, and what each system delivers, at one SNR."""
    input: **grid_inputs(MAIN)
    output:
        "results/figures/figure5.pdf",
        report("results/figures/figure5.png", caption="../report/figure5.rst", category="Figures"),
    params:
        systems=config["sweep"]["systems"],
        snr_db=config["publish"]["grid_snr_db"],
        rows=config["publish"]["grid_rows"],
    log: "results/logs/figure5.log"
    script: "../scripts/figure5.py"


use rule table1 as table1_of with:
    output:
        report("results/tables/{dataset}/table1.csv", caption="../report/table1.rst", category="Tables", subcategory="{dataset}"),
        "results/tables/{dataset}/table1.md",
        "results/tables/{dataset}/table1.tex",
    params:
        dataset=lambda w: w.dataset,
        resolution=lambda w: config["datasets"][w.dataset]["resolution"],
        title=lambda w: w.dataset,
    log: "results/logs/table1-{dataset}.log"


use rule figure4 as figure4_of with:
    output:
        "results/figures/{dataset}/figure4.pdf",
        report("results/figures/{dataset}/figure4.png", caption="../report/figure4.rst", category="Figures", subcategory="{dataset}"),
    params: dataset=lambda w: w.dataset
    log: "results/logs/figure4-{dataset}.log"


use rule figure5 as figure5_of with:
    input: unpack(lambda w: grid_inputs(w.dataset))
    output:
        "results/figures/{dataset}/figure5.pdf",
        report("results/figures/{dataset}/figure5.png", caption="../report/figure5.rst", category="Figures", subcategory="{dataset}"),
    log: "results/logs/figure5-{dataset}.log"


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


rule paper:
    """The sweep's outputs, the ablations and the claims."""
    input:
        rules.all.input,
        rules.ablation_tables.output,
        rules.cost_tables.output,
        rules.ablation_grids.output,
        rules.information.output if INFORMED else [],
        rules.claims.output,
