MAIN = config["sweep"]["datasets"][0]  # the data set of Table I and Figures 4 and 5


rule table1:
    """Table I: the bandwidth that every chain uses."""
    input: "results/metrics.csv"
    output:
        report("results/tables/table1.csv", caption="../report/table1.rst", category="Tables"),
        "results/tables/table1.md",
        "results/tables/table1.tex",
    params: dataset=MAIN, resolution=config["datasets"][MAIN]["resolution"]
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
    input:
        data=f"results/data/{MAIN}/test.safetensors",
        received=expand(f"results/received/{MAIN}/{{system}}/{snr_text(config['publish']['grid_snr_db'])}dB.safetensors", system=config["sweep"]["systems"]),
    output:
        "results/figures/figure5.pdf",
        report("results/figures/figure5.png", caption="../report/figure5.rst", category="Figures"),
    params:
        systems=config["sweep"]["systems"],
        snr_db=config["publish"]["grid_snr_db"],
        rows=config["publish"]["grid_rows"],
    log: "results/logs/figure5.log"
    script: "../scripts/figure5.py"
