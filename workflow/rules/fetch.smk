# `snakemake --cores 1 fetch --configfile ...`: the missing files that have a public address, one
# rule each. Once a file is there it has no rule, so that no computing job can start a download.

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


rule fetch:
    input:
        FETCHED,
    localrule: True
