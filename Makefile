# The commands of this project. Each sets up first what it needs; a second time that takes a second.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
DATA ?= ../shared/data

VENV := .venv/bin/python
# From its own folder, so that the set-up imports nothing that is not installed yet.
BOOTSTRAP := cd tutor_emotion/demo && $(PYTHON) -m bootstrap

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test check train-mini bench bench-docs bench-models bench-r1 fuzz faults soak types constraints clean

help: ## Show this list.
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

setup: ## Install and build everything that `make run` needs (both commands do this first).
	@$(BOOTSTRAP)

setup-dev: ## The same for the tests and checks.
	@$(BOOTSTRAP) --dev

run: ## Start the demonstration on http://localhost:8000 (PORT=8001 for another port).
	@$(BOOTSTRAP) --host $(HOST) --port $(PORT)
	@exec $(VENV) manage.py run_demo --host $(HOST) --port $(PORT)

test: ## Run every test (ARGS="tests/core -k baseline" for a part).
	@$(BOOTSTRAP) --dev --browser
	@exec $(VENV) -m tests.run $(ARGS)

check: setup-dev ## Lint, types, import rules, migrations, the front end, docker/.
	@exec $(VENV) -m tests.check

bench: setup-dev ## What this machine carries and what each part costs (ARGS=--short: a minute); writes bench/.
	@exec $(VENV) -m tests.load.bench $(ARGS)

bench-docs: setup-dev ## Put the last `make bench` into docs/capacity.md, and what follows from it for a country.
	@$(VENV) -m tests.load.bench_report
	@exec $(VENV) manage.py simulate_growth --fit bench/result.json --into docs/capacity.md --plots docs/images

bench-models: setup-dev ## Compare our expression net with others' (DATA=folder with ferplus_valid.npz).
	@exec $(VENV) -m tests.load.models --data $(DATA) $(ARGS)

bench-r1: setup-dev ## Measure R1-Omni: full size on a GPU, scaled down on a CPU (ARGS="--checkpoint DIR").
	@exec $(VENV) -m tutor_emotion.nets.r1_omni.bench $(ARGS)

fuzz: setup-dev ## Hostile messages, offers and requests against real processes (ARGS="--seed 2").
	@exec $(VENV) -m tests.load.fuzz $(ARGS)

faults: setup-dev ## Kill, fill, lock and stop each part while a learner answers (ARGS="--only Valkey").
	@exec $(VENV) -m tests.faults $(ARGS)

soak: setup-dev ## An hour of six learners who come and go, weighed (ARGS="--minutes 25"); bench/soak/.
	@exec $(VENV) -m tests.load.soak $(ARGS)

types: setup-dev ## Generate the TypeScript types of the protocol from the Python ones.
	@cd tutor_emotion/demo && exec $(PYTHON) -m bootstrap.npm run protocol

train-mini: setup-dev ## Train omni-mini, three seeds, into var/mini (DATA=folder with FER+ and EMO-DB).
	@PYTHON=$(CURDIR)/$(VENV) tutor_emotion/training/mini.sh $(DATA) $(or $(OUT),var/mini) $(ARGS)

constraints: setup-dev ## Pin what is installed now into constraints.txt.
	@exec $(VENV) -m tests.constraints

clean: ## Remove everything that the commands above made, but not the database.
	rm -rf .venv frontend/node_modules frontend/dist tutor_emotion/static/tutor_emotion/dist
	rm -rf models var/log var/static var/.stamp-models bench
	rm -rf build tutor_emotion.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
