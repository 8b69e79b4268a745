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
