# Fanfare's tasks. `make help` lists them. Nothing here relies on tools found on PATH besides bash, make and python3.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
# Extra arguments for pytest, e.g. make test ARGS='tests/rules -k gsm7'; given, the coverage floor is not asked.
ARGS ?=
# How many pytest processes; 0 runs them in this one (for a debugger).
WORKERS ?= auto
# Seeds for make simulate: SEEDS of them, from FIRST on.
SEEDS ?= 2000
FIRST ?= 1

SETUP_INPUTS := pyproject.toml requirements/dev.lock scripts/setup scripts/uv
BENCH_INPUTS := pyproject.toml requirements/bench.lock scripts/setup scripts/uv
COVERAGE := $(if $(strip $(ARGS)),--no-cov,--cov)

.PHONY: help setup demo test lint format bench simulate lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/stamp  ## make .venv from the hashed lock (installs uv if missing; does nothing when nothing changed)

.venv/stamp: $(SETUP_INPUTS)
	@scripts/setup .venv requirements/dev.lock
	@touch $@

.venv-bench/stamp: $(BENCH_INPUTS)
	@scripts/setup .venv-bench requirements/bench.lock
	@touch $@

demo: setup  ## the whole story on the practice stage, in a minute, no account and no server needed
	@$(BIN)/fanfare demo $(ARGS)

test: lint  ## lint, then every test with coverage (ARGS='tests/rules -k gsm7' for some)
	@$(BIN)/pytest -n $(WORKERS) $(COVERAGE) $(ARGS)

lint: setup  ## ruff, types, import contracts, dependencies
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/deptry src

format: setup  ## let ruff mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv-bench/stamp  ## what is fast, measured beside what a user would pick instead
	@.venv-bench/bin/python -m benchmarks $(ARGS)

simulate: setup  ## seeded disorder, then the invariants (SEEDS=20000 FIRST=1)
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) --first $(FIRST) $(ARGS)

lock:  ## re-make requirements/*.lock (ARGS='--upgrade' takes the newest)
	@scripts/lock $(ARGS)

clean:  ## remove what make made
	@rm -rf .venv .venv-bench .uv .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.* \
	  build dist htmlcov
	@find src tests -type d -name __pycache__ -prune -exec rm -rf {} +
