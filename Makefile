# One command sets everything up and runs the workflow: `make`. `make help` lists the others.

SHELL := /bin/sh
.DEFAULT_GOAL := run

# What a user's shell says about packages of another Python is not for ours.
unexport PYTHONPATH PYTHONHOME

# The newest supported Python that is there; `make PYTHON=...` takes another.
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -I -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
# `make GPU=1 ...` installs TensorFlow's CUDA build and uses the profile for one GPU.
LOCK := requirements$(if $(GPU),-gpu).lock
VENV := .venv$(if $(GPU),-gpu)
SNAKEMAKE := $(VENV)/bin/python -m snakemake $(if $(GPU),--workflow-profile profiles/gpu)
READY := $(VENV)/ready
# Into this environment, whatever variables and pip.conf say; of pip's other settings (a mirror, say) all count.
HERE = --no-user --target= --root=/ --prefix="$$($(VENV)/bin/python -I -c 'import sys; print(sys.prefix)')"

.PHONY: run setup test report clean help lock quick explain verify bench format rulegraph showcase test-faults test-bits \
	test-kernels test-slurm

run: setup ## set up, run the whole workflow on all cores, say where to look
	@$(SNAKEMAKE) $(FLAGS)
	@echo
	@echo "Done. Look at results/claims.csv and results/metrics.csv, at the figures in results/studies/,"
	@echo "or make one page of everything with 'make report'."

quick: setup ## all six studies on all images, corrected models alone, in minutes, in quick/
	@mkdir -p quick
	@$(SNAKEMAKE) --directory quick --replace-workflow-config --configfile "$$PWD/config/config.yaml" "$$PWD/config/quick.yaml" $(FLAGS)
	@echo
	@echo "Done. Look at quick/results/metrics.csv and at the figures in quick/results/studies/."

setup: $(READY) ## the isolated environment alone

$(READY): $(LOCK)
	@if [ -z "$(PYTHON)" ]; then \
		echo "error: no Python from 3.11 to 3.13 was found (python3 is $$(python3 --version 2>&1));" \
			"install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; fi
	@$(PYTHON) -I -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "error: $(PYTHON) has no venv module; install it (on Debian: the package python3-venv)" >&2; exit 1; }
	@echo "setting up $(VENV) from $(LOCK) (once, a few minutes)"
	@rm -rf $(VENV)
	@$(PYTHON) -I -m venv $(VENV)
	@$(VENV)/bin/python -I -m pip --python= install $(HERE) --quiet --disable-pip-version-check --require-hashes --no-deps \
		--compile -r $(LOCK)
	@touch $(READY)

test: setup ## set up and pass the tests
	@$(VENV)/bin/python -m pytest -n logical $(FLAGS)

test-faults: setup ## kill the workflow at 30 random moments and compare (an hour)
	@$(VENV)/bin/python tests/faults.py $(FLAGS)

test-bits: setup ## run the small workflow twice, in other folders and on other cores, and compare (20 minutes)
	@$(VENV)/bin/python tests/bits.py $(FLAGS)

test-kernels: setup ## the numerical tests under other kernels of the processor (15 minutes)
	@$(VENV)/bin/python tests/kernels.py $(FLAGS)

test-slurm: setup ## a real Slurm of two nodes on this machine, and what can go wrong on one (3 minutes; root, Debian's slurm packages)
	@PATH="$$PATH:/usr/sbin" $(VENV)/bin/python tests/slurm.py

explain: setup ## what the next run would do again, and why, in words
	@$(VENV)/bin/python tools/explain.py $(FLAGS)

verify: setup ## compare the results with their manifest, byte by byte
	@$(VENV)/bin/python tools/verify.py $(FLAGS)

bench: run ## measure against Keras's fit and against the machine (15 minutes)
	@$(VENV)/bin/python tools/bench.py $(FLAGS)

report: run ## results/report.html: every figure and table on one page
	@$(SNAKEMAKE) --report results/report.html

clean: ## remove every result (the environment stays)
	@find results -mindepth 1 ! -name .gitkeep -delete 2>/dev/null || true
	@rm -rf .snakemake .cache

lock: setup ## resolve the dependencies anew and write the locks and envs/*.yaml
	@PATH="$$PWD/$(VENV)/bin:$$PATH" $(VENV)/bin/python tools/lock.py $(FLAGS)

format: setup ## format the code
	@$(VENV)/bin/ruff format . && $(VENV)/bin/ruff check --fix . && $(VENV)/bin/snakefmt Snakefile workflow

rulegraph: setup ## draw the rule graph of the README anew
	@$(VENV)/bin/python tools/rulegraph.py

showcase: setup ## bring the README's pictures and tables up to date with the results
	@$(VENV)/bin/python tools/showcase.py

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
