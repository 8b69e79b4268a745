# Turns that each edit what the one before left: `dialogue` in the config. Not in the paper; part of
# the default target where the main data set is rendered, so that the true edits are known.


rule dialogue:
    """The same dialogues with each system: what holds and what has changed after every turn."""
    input:
        unpack(dialogue_inputs),
    output:
        images="results/dialogues/{dataset}/{system}.csv",
        pictures="results/dialogues/{dataset}/{system}.safetensors",
    log:
        "results/logs/dialogue/{dataset}-{system}.log",
    benchmark:
        "results/benchmarks/dialogue/{dataset}-{system}.tsv"
    wildcard_constraints:
        dataset=one_of(TALKS),
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(10, 2, inversions=1, images=config["dialogue"]["faces"], gpu=1),
    params:
        dialogue=config["dialogue"],
        snr_db=float(experiment.grid_snr),
        inversion=inversion_recipe,
        matching=config["matching"],
        channel=config["channel"],
        codec=lambda w: experiment.codec_options(parse_system(w.system).codec, w.dataset),
        repeats=lambda w: experiment.repeats(w.system),
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/dialogue.py"


rule dialogue_results:
    """Table, curves and a sheet of the dialogues, by turn."""
    input:
        images=expand(f"results/dialogues/{MAIN}/{{system}}.csv", system=TALKING),
        pictures=expand(f"results/dialogues/{MAIN}/{{system}}.safetensors", system=TALKING),
        data=f"results/data/{MAIN}/test.safetensors",
    output:
        **formats("dialogue", "dialogue"),
        curves=report(
            "results/figures/dialogue.png", caption="../report/dialogue.rst", category="Figures"
        ),
        sheet=report(
            "results/figures/dialogue-sheet.png",
            caption="../report/dialogue_sheet.rst",
            category="Figures",
        ),
        others=expand("results/figures/{name}.pdf", name=["dialogue", "dialogue-sheet"]),
    log:
        "results/logs/dialogue_results.log",
    benchmark:
        "results/benchmarks/dialogue_results.tsv"
    localrule: True
    conda:
        "../envs/publish.yaml"
    params:
        systems=TALKING,
        snr_db=float(experiment.grid_snr),
    script:
        "../scripts/dialogue_results.py"
