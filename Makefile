# Everything runs in .venv, which these targets make and keep up to date by themselves.
#   make demo    a small firm's year of service, served at the address it prints
#   make test    the tests          make lint   style, types, import arrows
#   make bench   the measurements   make lock   the pinned versions, anew (UPGRADE=--upgrade for newer ones)
#   make faults  everything dies again and again under load, and nothing is lost (KILLS=24 SEED=…)

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP     = $(shell test -x $(BIN)/pip && echo $(BIN)/python -m pip || echo $(PYTHON) -m pip --python $(BIN)/python)
INSTALL = $(PIP) install -qq --disable-pip-version-check --no-input
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
          --no-emit-index-url --no-annotate --custom-compile-command "make lock" $(UPGRADE)

.DEFAULT_GOAL := help
.PHONY: help setup demo test faults lint bench bench-quick lock

help:
	@sed -n '2,5s/^#  //p' Makefile

setup: $(VENV)/.dev

demo: $(VENV)/.runtime
	@$(BIN)/aftersales demo $(ARGS)

test: $(VENV)/.dev
	$(BIN)/pytest -n 2 $(ARGS)

faults: $(VENV)/.dev
	$(BIN)/python -m tests.acceptance.faults $(if $(SEED),--seed $(SEED)) $(if $(KILLS),--kills $(KILLS))

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks $(ARGS)

bench-quick: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks --quick $(ARGS)

lock: $(BIN)/python
	$(INSTALL) 'uv>=0.9,<1'
	$(COMPILE) --extra build --output-file requirements/runtime.lock
	$(COMPILE) --extra dev --constraint requirements/runtime.lock --output-file requirements/dev.lock

$(VENV)/.runtime: $(BIN)/python requirements/runtime.lock pyproject.toml
	@echo "Installing what the service needs into $(VENV) …" >&2
	@$(INSTALL) --only-binary :all: --require-hashes --requirement requirements/runtime.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(BIN)/python requirements/dev.lock pyproject.toml
	@echo "Installing what the service and its tests need into $(VENV) …" >&2
	@$(INSTALL) --only-binary :all: --require-hashes --requirement requirements/dev.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.runtime

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "aftersales needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null && ! $(PYTHON) -c 'import pip' 2>/dev/null \
	    && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Debian's python3-venv …"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y python3-venv >/dev/null; \
	fi; \
	if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv --clear $(VENV); \
	elif $(PYTHON) -c 'import pip' 2>/dev/null; then $(PYTHON) -m venv --clear --without-pip $(VENV); \
	else echo "Python lacks pip: install it first, with: sudo apt-get install python3-venv" >&2; exit 1; fi
