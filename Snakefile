# The workflow is in workflow/: this file lets `snakemake` find it, and its config.yaml, from here.

# An `include:` that keeps the default target of what it includes.
workflow.include("workflow/Snakefile", overwrite_default_target=True)
