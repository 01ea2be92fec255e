# `make` lists what there is. Needs only python3 (3.11 or newer) with its venv module, and make.
.DEFAULT_GOAL := help
.SUFFIXES:
SHELL := /bin/sh

VENV ?= .venv
ARGS ?=
PYTEST_ARGS ?=
# every file of ours is UTF-8, whatever the locale of the terminal says
export PYTHONUTF8 := 1
# the product is many processes, the tests start hundreds: compiled files halve their start
unexport PYTHONDONTWRITEBYTECODE
RUN := PYTHONPATH="$(CURDIR)/src" $(VENV)/bin/python

# The first Python that this user may run and that can make a virtual environment. The system's own
# comes first: it is built with the compiler's profile, which a `python3` that somebody built beside
# it often is not (13 % slower), and it is mended with the system.
CANDIDATES := /usr/bin/python3 python3 python3.13 python3.12 python3.11
USABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
define FIND_PYTHON
python=""; \
for p in $(CANDIDATES); do \
  if (cd / && $$p -c '$(USABLE)') >/dev/null 2>&1; then python=$$p; break; fi; \
done; \
if [ -z "$$python" ]; then \
  echo "No Python 3.11 or newer with its venv module (tried: $(CANDIDATES))." >&2; \
  echo "On Debian or Ubuntu: sudo apt-get install python3 python3-venv" >&2; exit 1; \
fi
endef
# --isolated is not given: the machine's own pip configuration (index, proxy) stays in force
PIP := $(VENV)/bin/python -m pip install --disable-pip-version-check --no-input -qq \
  --require-hashes --only-binary :all:

##@ Run
.PHONY: demo up doctor
demo: install ## Start huitong with a made-up city to look at (ARGS=--once: stop when it works)
	@$(RUN) -m huitong.cli demo $(ARGS)

up: install ## Start huitong with your own data (folder: HUITONG_DATA)
	@$(RUN) -m huitong.cli up $(ARGS)

doctor: install ## Name each missing or broken part and its remedy
	@$(RUN) -m huitong.cli doctor $(ARGS)

##@ Install
.PHONY: install install-dev
install: $(VENV)/.installed ## Virtual environment with the locked dependencies (wheels, by hash)
install-dev: $(VENV)/.installed-dev

$(VENV)/bin/python:
	@$(FIND_PYTHON); echo "Making $(VENV) with $$python ..."; \
	 rm -rf $(VENV); $$python -m venv $(VENV)

$(VENV)/.installed: requirements.lock | $(VENV)/bin/python
	@echo "Installing the locked dependencies (a minute the first time) ..."
	@$(PIP) -r requirements.lock
	@$(VENV)/bin/python -c 'import pathlib, sysconfig; \
	 pathlib.Path(sysconfig.get_path("purelib"), "huitong.pth") \
	 .write_text("$(CURDIR)/src\n", encoding="utf-8")'
	@printf '#!/bin/sh\nPYTHONUTF8=1 exec "$$(dirname "$$0")/python" -m huitong.cli "$$@"\n' \
	  > $(VENV)/bin/huitong
	@chmod +x $(VENV)/bin/huitong
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(PIP) -r requirements-dev.lock
	@touch $@

##@ Check
.PHONY: test check lint format types hooks soak
# one more than cores: a test waits for servers and a browser half of its time
WORKERS = $(shell python3 -c 'import os; print(os.cpu_count() + 1)')

test: check ## Everything that must hold: style, layers, types, all tests (PYTEST_ARGS=... narrows)
	@$(RUN) -m pytest -q -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

check: lint types ## Style, layers and types; seconds, no database

lint: install-dev
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check . || { echo "Remedy: make format" >&2; exit 1; }
	@report=$$(PYTHONPATH=src $(VENV)/bin/lint-imports --no-cache 2>&1) \
	  || { echo "$$report"; exit 1; }

format: install-dev ## Lay out every Python file and mend what can be mended by itself
	@$(VENV)/bin/ruff check --fix-only -q .
	@$(VENV)/bin/ruff format .

types: install-dev
	@$(RUN) -m mypy

hooks: install-dev ## Run style at every commit, `make check` before every push
	@$(VENV)/bin/pre-commit install

soak: install-dev ## kill -9 of every process (half an hour), and longer sequences of verbs
	@HUITONG_SOAK=1 $(RUN) -m pytest -q \
	  tests/journeys/test_kill_nine.py tests/journeys/test_story_survives.py \
	  src/huitong/work/tests/test_inbox_sequences.py

##@ Measure
.PHONY: bench
BENCHMARKS := $(filter-out benchmarks/_%,$(wildcard benchmarks/*.py))
bench: $(patsubst benchmarks/%.py,bench-%,$(BENCHMARKS)) ## All benchmarks
bench-%: install-dev ## One benchmark, beside its peers; last line is JSON (bench-start, ...)
	@$(RUN) -m benchmarks.$* $(ARGS)

##@ Write
.PHONY: docs css lock guide-pictures
docs: install ## Regenerate docs/regulation.md, procedures.md and laws.md
	@$(RUN) -m huitong.cli regulation --markdown > docs/regulation.md.new
	@mv docs/regulation.md.new docs/regulation.md
	@$(RUN) -m huitong.cli procedures --markdown > docs/procedures.md.new
	@mv docs/procedures.md.new docs/procedures.md
	@$(RUN) -m huitong.cli procedures --laws > docs/laws.md.new
	@mv docs/laws.md.new docs/laws.md

guide-pictures: install-dev ## Take the pictures of the task guides anew (needs Chromium)
	HUITONG_PICTURES=1 $(RUN) -m pytest -q -n 0 tests/browser/test_guides.py -k pictures_show

css: install-dev ## Fetch the vendored front-end files and compile the style sheet (needs npm)
	@$(RUN) -m huitong.ui.build_css

COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header
lock: install-dev ## Renew both lock files from pyproject.toml (needs uv)
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

.PHONY: help clean
clean: ## Remove the virtual environment and caches (no data)
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis

help: ## This list
	@awk 'BEGIN {FS = ":.*## "; print "huitong (汇通): make <target>"} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z%-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile
