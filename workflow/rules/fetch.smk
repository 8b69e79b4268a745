# `snakemake --cores 1 fetch --configfile ...`: the missing files that have a public address, one rule each. Once a file is there it has no rule,
# so that no computing job can ever start a download.

FETCHED = [
    path
    for path in outside_files()
    if "url" in config.get("files", {}).get(path, {}) and not Path(path).exists()
]


for number, path in enumerate(outside_files()):
    if path not in FETCHED:
        continue

    rule:
        name:
            f"fetch_{number}"  # the same number whatever else is missing: jobs read this file again
        output:
            path,
        log:
            f"results/logs/fetch/{Path(path).name}.log",
        localrule: True
        params:
            about=config["files"][path],
        script:
            "../scripts/fetch.py"


rule fetch:
    input:
        FETCHED,
    localrule: True
