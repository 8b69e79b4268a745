PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
CORES ?= all
DATASET ?= faces

.PHONY: tables install test lint format test-slurm test-scale torture changes bench validate-networks validated report profile \
	paper-rehearsal \
	bundle bundle-systems bundle-codes docs rulegraph release-check clean
.DEFAULT_GOAL := tables

# The main job: data, inversion, training, transmission, metrics, then all tables, figures and claims, under results/.
tables: $(STAMP)
	$(BIN)/snakemake --cores $(CORES)

# Everything into .venv, nothing more.
install: $(STAMP)

# A file of tests stays with one worker: more of them take more memory, about 2 GB each, and gain little beyond the number of cores.
WORKERS ?= 2
test: $(STAMP)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

# Form of the code, and types of the library. `make format` corrects the form.
lint: $(STAMP)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/mypy

format: $(STAMP)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/snakefmt Snakefile workflow

# The smoke experiment through SLURM: the one that answers, or one of a single node started for the test (needs slurm-wlm, munge and root).
test-slurm: $(STAMP)
	$(BIN)/python workflow/trials/slurm.py

# The smoke experiment killed KILLS times and damaged in every way we could think of; prints a table.
KILLS ?= 20
torture: $(STAMP)
	$(BIN)/python workflow/trials/torture.py --kills $(KILLS)

# What runs again after which change, on the smallest experiment; prints a table.
changes: $(STAMP)
	$(BIN)/python workflow/trials/changes.py

# Time and memory of planning 40,000 cells.
test-scale: $(STAMP)
	$(BIN)/python workflow/trials/scale.py

# The paper's experiment on random weights and eight photographs, under rehearsal/: does it run, and what does it cost?
PAPER := --directory rehearsal --configfile workflow/configs/paper.yaml workflow/configs/paper-rehearsal.yaml
paper-rehearsal: $(STAMP)
	$(BIN)/snakemake --cores $(CORES) rehearsal $(PAPER)
	$(BIN)/snakemake --cores $(CORES) $(PAPER)

# Speed of inversion, LDPC decoding and the renderer.
bench: $(STAMP)
	$(BIN)/editable-deepsc bench

# Held-out figures of the networks against their bars, and two picture sheets, under results/validation.
validate-networks: $(STAMP)
	$(BIN)/snakemake --cores $(CORES) results/validation/$(DATASET)/networks.md
	@cat results/validation/$(DATASET)/networks.md

# The same figures into the manifest of the bundled networks.
validated: validate-networks
	$(BIN)/python -m experiment.bundle validation results/validation/$(DATASET)/networks.json

# CPU seconds, wall time and peak memory by rule, as results/profile.{csv,md,png,pdf}.
profile: tables
	$(BIN)/python -m experiment.profile results/benchmarks results/profile

report: tables
	$(BIN)/snakemake --cores $(CORES) --report results/report.html

# The documentation as a site in site/: strict, and of local files alone. Open site/index.html.
docs: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# The picture of the rules in docs/experiment.md, from Snakemake; it needs graphviz.
rulegraph: $(STAMP)
	$(BIN)/snakemake --rulegraph | tred | dot -Tsvg > docs/rulegraph.svg

# Networks retrained by `snakemake --cores all pretrain` instead of the bundled ones.
bundle: $(STAMP)
	$(BIN)/python -m experiment.bundle networks results/pretrain

# Fields, adapters and codecs of the default run instead of the bundled ones.
bundle-systems: tables
	$(BIN)/python -m experiment.bundle systems results/models

# Parity checks of the LDPC codes that the experiments need.
bundle-codes: $(STAMP)
	$(BIN)/python -m experiment.bundle codes --configfile workflow/configs/paper.yaml workflow/configs/codecs.yaml workflow/configs/evidence.yaml

# Builds the package of the last commit, installs it in a new environment and runs the README's lines there.
release-check: $(STAMP)
	$(BIN)/python workflow/trials/release.py

clean:
	rm -rf results/*

# pyldpc builds against an installed numpy, so numpy and setuptools come first and nothing is built in isolation.
$(STAMP): envs/requirements.txt envs/lock.txt pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"Python 3.11 or newer is needed, this is {v[0]}.{v[1]}: run `make PYTHON=/path/to/python3.11`")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip setuptools wheel
	$(BIN)/python -m pip install --quiet -c envs/lock.txt numpy
	$(BIN)/python -m pip install --quiet --no-build-isolation -c envs/lock.txt -r envs/requirements.txt
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps -e .
	touch $(STAMP)
