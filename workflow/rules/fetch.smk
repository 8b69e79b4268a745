# `snakemake --cores 1 fetch --configfile ...`: the missing files that have a public address, one
# rule each, and the folders whose pictures lie packed beside them. Once a file is there it has no
# rule, so that no computing job can start a download.

from pathlib import Path

FETCHED = experiment.files_to_fetch()


for number, path in enumerate(experiment.outside_files()):
    if path not in FETCHED:
        continue

    rule:
        name:
            # the same number whatever else is missing: jobs read this file again
            f"fetch_{number}"
        output:
            path,
        log:
            f"results/logs/fetch/{Path(path).name}.log",
        benchmark:
            f"results/benchmarks/fetch/{Path(path).name}.tsv"
        localrule: True
        conda:
            "../envs/data.yaml"
        params:
            about=config["files"][path],
        script:
            "../scripts/fetch.py"


UNPACKED = {f"{folder}.unpacked": folder for folder in experiment.to_unpack()}


for number, (said, folder) in enumerate(UNPACKED.items()):
    packed = experiment.to_unpack()[folder]
    if workflow.is_main_process and FETCHING:
        Path(said).unlink(missing_ok=True)  # of a folder that was removed since

    rule:
        name:
            f"unpack_{number}"
        output:
            said,
        log:
            f"results/logs/fetch/{Path(packed).name}.log",
        benchmark:
            f"results/benchmarks/fetch/{Path(packed).name}.tsv"
        localrule: True
        conda:
            "../envs/data.yaml"
        params:
            packed=packed,
            folder=folder,
        script:
            "../scripts/unpack.py"


rule fetch:
    """All that can be fetched or unpacked; what is to be fetched by hand is named first."""
    input:
        FETCHED,
        UNPACKED,
    localrule: True


rule rehearsal:
    """What workflow/configs/paper-rehearsal.yaml runs on: random weights, eight photographs."""
    output:
        "data/rehearsal/made.txt",
    log:
        "results/logs/rehearsal.log",
    benchmark:
        "results/benchmarks/rehearsal.tsv"
    localrule: True
    conda:
        "../envs/networks.yaml"
    script:
        "../scripts/rehearsal.py"
