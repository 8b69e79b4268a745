PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
CORES ?= all
DATASET ?= faces

.PHONY: tables test test-slurm test-scale torture bench validate-networks validated send report bundle clean
.DEFAULT_GOAL := tables

# The main job: data, inversion, training, transmission, metrics, then all tables, figures and claims, under results/.
tables: $(STAMP)
	$(BIN)/snakemake --cores $(CORES)

test: $(STAMP)
	$(BIN)/python -m pytest

# The smoke experiment through SLURM: the one that answers, or one of a single node started for the test (needs slurm-wlm, munge and root).
test-slurm: $(STAMP)
	$(BIN)/python tests/slurm.py

# The smoke experiment killed KILLS times and damaged in every way we could think of; prints a table.
KILLS ?= 20
torture: $(STAMP)
	$(BIN)/python tests/torture.py --kills $(KILLS)

# Time and memory of planning 40,000 cells.
test-scale: $(STAMP)
	$(BIN)/python tests/scale.py

# Speed of inversion, LDPC decoding beside pyldpc's own decoder, and the renderer.
bench: $(STAMP)
	$(BIN)/python tests/bench.py

# Held-out figures of the networks against their bars, and two picture sheets, under results/validation.
validate-networks: $(STAMP)
	$(BIN)/snakemake --cores $(CORES) results/validation/$(DATASET)/networks.md
	@cat results/validation/$(DATASET)/networks.md

# The same figures into the manifest of the bundled networks.
validated: validate-networks
	$(BIN)/python workflow/scripts/bundle.py --validation results/validation/$(DATASET)/networks.json

# One picture of yours: make send IMAGE=face.png TEXT="add a wide smile" SNR=6
SNR ?= 6
send: tables
	$(BIN)/python workflow/scripts/send.py "$(IMAGE)" "$(TEXT)" --snr $(SNR)

report: tables
	$(BIN)/snakemake --cores $(CORES) --report results/report.html

# Put networks retrained by `snakemake --cores all pretrain` in the place of the bundled ones.
bundle: $(STAMP)
	$(BIN)/python workflow/scripts/bundle.py results/pretrain

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
