# `make` sets everything up and runs the workflow. `make help` lists the other commands.

SHELL := /bin/sh
.DEFAULT_GOAL := run

# These variables of the user's shell point to packages of another Python.
unexport PYTHONPATH PYTHONHOME

# The newest supported Python on this machine; `make PYTHON=...` takes another.
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -I -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
# Snakemake asks Slurm at every start. Where Slurm has commands but no controller, it would wait for an answer (9 s): there
# Slurm is told that it has no configuration.
ifneq ($(shell command -v scontrol),)
ifneq ($(shell timeout 1 scontrol ping >/dev/null 2>&1 && echo up),up)
export SLURM_CONF := /dev/null
endif
endif

# `make GPU=1 ...` installs TensorFlow's CUDA build and uses the profile for one GPU.
LOCK := requirements$(if $(GPU),-gpu).lock
VENV := .venv$(if $(GPU),-gpu)
PROFILE := $(if $(GPU),--workflow-profile profiles/gpu)
SNAKEMAKE := $(VENV)/bin/python -m snakemake $(PROFILE)
# The same with a board of the run in place of Snakemake's lines; `make BOARD=` shows these lines.
BOARD := yes
RUN = $(if $(BOARD),$(VENV)/bin/python tools/run.py $(PROFILE),$(SNAKEMAKE))
READY := $(VENV)/ready
# pip installs into this environment, whatever variables and pip.conf say. Its other settings, such as a mirror, apply.
HERE = --no-user --target= --root=/ --prefix="$$($(VENV)/bin/python -I -c 'import sys; print(sys.prefix)')"

# `make DATASET=fashion_mnist ...` works on another data set, in datasets/fashion_mnist/, with
# config/datasets/fashion_mnist.yaml laid over config/config.yaml.
OVERLAY := config/datasets/$(DATASET).yaml
CONFIGURED := $(if $(DATASET),--directory datasets/$(DATASET)) --replace-workflow-config \
	--configfile "$$PWD/config/config.yaml" $(if $(DATASET),"$$PWD/$(OVERLAY)")
ELSEWHERE := $(if $(DATASET),$(CONFIGURED))
RESULTS := $(if $(DATASET),datasets/$(DATASET)/)results
ifneq ($(DATASET),)
ifeq ($(wildcard $(OVERLAY)),)
$(error there is no $(OVERLAY); there are $(notdir $(wildcard config/datasets/*.yaml)))
endif
endif

# `make STUDIES="bottleneck tangents"` carries out these studies alone; so do `make thorough`, `explain`, `models`, `report`.
EMPTY :=
COMMA := ,
CHOSEN := $(if $(STUDIES),--config $(if $(GPU),accelerator=gpu) 'only=[$(subst $(EMPTY) $(EMPTY),$(COMMA),$(strip $(STUDIES)))]')
ifneq ($(and $(STUDIES),$(findstring --config ,$(FLAGS) )),)
$(error of two --config Snakemake takes the last: with STUDIES, FLAGS cannot have one; write only=[...] into it instead)
endif
define refused
ifneq ($(and $($(1)),$(filter $(2),$(MAKECMDGOALS))),)
$$(error make $(filter $(2),$(MAKECMDGOALS)) does not know $(1); leave it out)
endif
endef
$(eval $(call refused,DATASET,quick search))
$(eval $(call refused,STUDIES,quick search))

.PHONY: run thorough search ledger setup test report clean help lock quick explain prune verify bench format rulegraph showcase test-faults test-bits \
	test-kernels test-slurm compare-datasets lint dry-runs resources gpu-check watch durations models tensorboard picture

run: setup ## set up, run everything on all cores, say where to look (the default)
	@mkdir -p $(dir $(RESULTS))
	@$(RUN) $(ELSEWHERE) $(CHOSEN) $(FLAGS)
	@echo
	@echo "Done. Open $(RESULTS)/index.html in a browser: claims, figures, and models that run in it."
	@echo "Look at $(RESULTS)/claims.csv and $(RESULTS)/metrics.csv, at the figures in $(RESULTS)/studies/,"
	@echo "or make one page of everything with 'make report$(if $(DATASET), DATASET=$(DATASET))'."

compare-datasets: setup ## compare finished runs: which claims hold on which data set
	@$(VENV)/bin/python tools/compare_datasets.py $(FLAGS)

quick: setup ## only the corrected models, on all images, in minutes, in quick/
	@mkdir -p quick
	@$(RUN) --directory quick --replace-workflow-config --configfile "$$PWD/config/config.yaml" "$$PWD/config/quick.yaml" $(FLAGS)
	@echo
	@echo "Done. Open quick/results/index.html in a browser; tables and figures are in quick/results/."

thorough: setup ## five seeds of every model: adds to a finished run what is missing (hours; runs on a cluster too)
	@mkdir -p $(dir $(RESULTS))
	@$(RUN) $(CONFIGURED) "$$PWD/config/thorough.yaml" $(CHOSEN) $(FLAGS)
	@echo
	@echo "Done. Open $(RESULTS)/index.html in a browser: intervals and verdicts rest on five seeds now."

search: setup ## choose the learning rates of the corrected models on validation images, in search/
	@mkdir -p search
	@$(RUN) --directory search --replace-workflow-config \
		--configfile "$$PWD/config/config.yaml" "$$PWD/config/search.yaml" $(FLAGS) -- searches
	@$(VENV)/bin/python tools/searches.py
	@echo
	@echo "Done. Look at docs/searches.md, and put what was chosen into config/config.yaml."

setup: $(READY) ## only make the isolated environment

$(READY): $(LOCK)
	@if [ -z "$(PYTHON)" ]; then \
		echo "error: no Python from 3.11 to 3.13 was found (python3 is $$(python3 --version 2>&1));" \
			"install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; fi
	@$(PYTHON) -I tools/machine.py $(if $(GPU),gpu)
	@echo "setting up $(VENV) from $(LOCK) (once, a few minutes)"
	@rm -rf $(VENV)
	@$(PYTHON) -I -m venv $(VENV)
	@$(VENV)/bin/python -I -m pip --python= install $(HERE) --quiet --disable-pip-version-check --require-hashes --no-deps \
		--compile -r $(LOCK)
	@touch $(READY)

test: setup ## run the tests
	@$(VENV)/bin/python -m pytest -n logical --dist loadgroup --no-loadscope-reorder $(FLAGS)

test-faults: setup ## kill the workflow at 30 random moments, start it again, compare (an hour)
	@$(VENV)/bin/python tests/faults.py $(FLAGS)

test-bits: setup ## run a small workflow twice, on one core and on two, and compare bytes (20 minutes)
	@$(VENV)/bin/python tests/bits.py $(FLAGS)

test-kernels: setup ## run the numerical tests with other instructions of the processor (15 minutes)
	@$(VENV)/bin/python tests/kernels.py $(FLAGS)

test-slurm: setup ## start a Slurm of two nodes here and break runs on it (15 minutes; needs root and Debian's slurm packages)
	@PATH="$$PATH:/usr/sbin" $(VENV)/bin/python tests/slurm.py

resources: setup ## after a full run: bring what jobs ask a cluster for up to date with its timings
	@$(VENV)/bin/python tools/resources.py $(FLAGS)

gpu-check: setup ## measure in one go what a GPU brings (with GPU=1), in gpu-check/
	@$(VENV)/bin/python tools/gpu_check.py $(FLAGS)

watch: setup ## show the board of the run in this folder, wherever its jobs run (also: FLAGS=--json)
	@$(VENV)/bin/python tools/watch.py $(if $(DATASET),--directory datasets/$(DATASET)) $(FLAGS)

models: setup ## write every model as a file that Keras opens by itself (model.keras beside its weights)
	@mkdir -p $(dir $(RESULTS))
	@$(RUN) $(ELSEWHERE) $(CHOSEN) $(FLAGS) -- models

tensorboard: setup ## write the histories of all trainings for TensorBoard, in tensorboard/
	@$(VENV)/bin/python tools/tensorboard_events.py $(if $(DATASET),--directory datasets/$(DATASET)) $(FLAGS)

explain: setup ## list the jobs that the next run would run, certainly or perhaps, and why
	@$(VENV)/bin/python tools/explain.py $(ELSEWHERE) $(CHOSEN) $(FLAGS)

prune: setup ## list results that the configuration does not ask for any more (REMOVE=1 removes them)
	@$(VENV)/bin/python tools/prune.py $(if $(REMOVE),--remove) $(ELSEWHERE) $(FLAGS)

verify: setup ## check the results, byte by byte, against their manifest
	@$(VENV)/bin/python tools/verify.py $(if $(DATASET),--directory datasets/$(DATASET)) $(FLAGS)

bench: run ## measure the speed, against Keras's fit and against the machine (half an hour)
	@$(VENV)/bin/python tools/bench.py $(FLAGS)

report: run ## make results/report.html: every figure and table on one page
	@$(SNAKEMAKE) $(ELSEWHERE) $(CHOSEN) --report results/report.html

clean: ## remove every result, keep the environment
	@find $(RESULTS) -mindepth 1 ! -name .gitkeep -delete 2>/dev/null || true
	@rm -rf $(addprefix $(if $(DATASET),datasets/$(DATASET)/),.snakemake tensorboard) $(if $(DATASET),,.cache)

lock: setup ## resolve the dependencies, write the locks and envs/*.yaml
	@PATH="$$PWD/$(VENV)/bin:$$PATH" $(VENV)/bin/python tools/lock.py $(FLAGS)

format: setup ## format the code
	@$(VENV)/bin/ruff format . && $(VENV)/bin/ruff check --fix . && $(VENV)/bin/snakefmt Snakefile workflow

lint: setup ## check style, layout and imports without changing anything
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/snakefmt --check Snakefile workflow
	@PYTHONPATH=workflow/scripts $(VENV)/bin/lint-imports --no-cache --no-logo
	@$(VENV)/bin/python -m snakemake --lint

dry-runs: setup ## plan the default run with each profile in profiles/
	@for profile in profiles/*/; do \
		$(VENV)/bin/python -m snakemake --dry-run --quiet rules --workflow-profile "$$profile" $(FLAGS) || exit 1; done

rulegraph: setup ## draw the graph in docs/pipeline.md
	@$(VENV)/bin/python tools/rulegraph.py

showcase: setup ## bring docs/results.md, docs/speed.md and their pictures up to date with the results
	@$(VENV)/bin/python tools/showcase.py

picture: setup ## take the picture of the page that README.md shows anew, from a finished run (needs Chromium)
	@$(VENV)/bin/python tools/page_picture.py $(FLAGS)

durations: setup ## write down what the jobs of the last run took, for estimates of time left
	@$(VENV)/bin/python tools/durations.py $(FLAGS)

ledger: setup ## bring docs/claims.md up to date with the results
	@$(VENV)/bin/python tools/ledger.py

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
