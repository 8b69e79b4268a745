# Editable-DeepSC: data -> pretrain -> invert -> train -> transmit -> evaluate -> publish.

import os

# With `--directory` elsewhere: that folder's own config.yaml, or the one beside this file.
HERE = os.path.exists("config.yaml")


configfile: "config.yaml" if HERE else os.path.join(workflow.basedir, "config.yaml")


include: "workflow/rules/common.smk"


rule sweep:
    """Every system at every SNR on every data set.

    `all`, the default, adds the ablations, the costs and the claims.
    """
    input:
        # Cells are named here too, so that one that was deleted is computed again.
        expand(f"results/received/{CELL}.safetensors", **CELLS),
        expand(f"results/cells/{CELL}.csv", **CELLS),
        "results/metrics.csv",
        expand("results/edits/{dataset}/quality.csv", dataset=experiment.datasets),
        expand("results/tables/{table}.{kind}", table=BANDWIDTHS, kind=["csv", "md", "tex"]),
        expand("results/figures/{figure}.{kind}", figure=[*CURVES, *GRIDS], kind=["pdf", "png"]),
        expand(
            "results/figures/codecs.{kind}",
            kind=["pdf", "png"] if config["publish"]["codecs"] else [],
        ),
        ["results/tables/codec_claims.csv", "results/tables/earlier.csv"]
        if config["publish"]["codecs"] and "studies" in config
        else [],


include: "workflow/rules/fetch.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/pretrain.smk"
include: "workflow/rules/invert.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/transmit.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/ablate.smk"
include: "workflow/rules/information.smk"
include: "workflow/rules/publish.smk"
include: "workflow/rules/study.smk"


rule all:
    """All tables and figures of the paper, and its claims."""
    default_target: True
    input:
        rules.sweep.input,
        rules.ablation_tables.output,
        rules.cost_tables.output,
        rules.inversion_table.output if INVERTED else [],
        rules.ablation_grids.output,
        rules.information.output if INFORMED else [],
        rules.claims.output,
        rules.setup.output,


include: "workflow/rules/finished.smk"
