# What a person does with this repository, one word each. `make` alone lists the words.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OLDEST := 3.11

# The first interpreter that is new enough; `make PYTHON=/path/to/python3.12 test` chooses another.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$python; break; }; done)

# Two workers start two PostgreSQL servers; more are not worth it for a suite of this size.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# What starts no server and no database; tests that take a second or more are marked `slow`.
QUICK := tests/domain tests/events tests/scheduler tests/test_architecture.py

SOURCES := $(wildcard adapters api bench domain scheduler tests)

.DEFAULT_GOAL := help
.PHONY: help env reference demo run test quick check format-check lint types openapi messages format scripts bench pictures torture rebuild-constraints clean

help: ## list what can be made
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: env ## load the sample district, plan its week, release it, write out/ and report
	@$(BIN)/lyceum demo

run: env ## open the sample district in a browser, with a link to sign in for each kind of person
	@$(BIN)/lyceum run

test: env reference ## run the tests
	$(PYTEST) $(ARGS)

quick: format-check lint types ## format, lint, types and the tests of the domain: a minute, while you work
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not slow" $(QUICK) $(ARGS)

check: format-check lint types scripts openapi test ## format, lint, types, interface and tests: what has to pass before a change lands

format: env ## lay the code out as the formatter wants it, and mend what can be mended
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

messages: env ## extract the messages of the sources into the template, and bring the catalogues of the languages up to it
	@$(BIN)/python -m adapters.wording.extraction

bench: env ## run the benchmarks, one after the other
	@for script in bench/bench_*.py; do \
		test -e $$script || { echo "There is no bench/bench_*.py to run yet."; exit 1; }; \
		echo "== $$script"; $(BIN)/python $$script || exit 1; \
	done

pictures: env ## take the pictures of docs/pictures anew, of the sample district in a browser
	@$(BIN)/python -m bench.pictures

torture: env ## look for faults at full size: races, kills, fuzz, orders of commands, broken files
	@$(BIN)/python -m bench.torture $(ARGS)

env: $(READY) ## make .venv with the pinned dependencies; every other target does it when needed

# The evaluator that decides what opening hours mean; without npm its tests say so and are left out, except in CI.
REFERENCE := tests/opening_hours
reference: $(REFERENCE)/node_modules/.ready

$(REFERENCE)/node_modules/.ready: $(REFERENCE)/package-lock.json
	@if command -v npm >/dev/null; then \
		cd $(REFERENCE) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules/.ready; \
	else \
		echo "There is no npm (Debian: apt-get install nodejs npm); the reference evaluator is not asked."; \
	fi

rebuild-constraints: env ## pin the newest dependencies that pyproject.toml allows, with hashes
	$(BIN)/pip-compile --upgrade --extra dev --generate-hashes --allow-unsafe --strip-extras \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --no-header \
		--output-file constraints.txt pyproject.toml
	@$(BIN)/python -m tests.production
	@$(BIN)/python -m pytest -q tests/test_architecture.py -k "constraints or production"

clean: ## remove everything that these targets made, .venv and out/ too
	rm -rf $(VENV) $(REFERENCE)/node_modules $(OPENAPI)/node_modules $(SCRIPTS)/node_modules $(OPENAPI)/openapi.out.json out build dist *.egg-info
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find $(SOURCES) -type d -name __pycache__ -prune -exec rm -rf {} +

format-check: env
	$(BIN)/ruff format --check $(SOURCES)

lint: env
	$(BIN)/ruff check $(SOURCES)

types: env
	$(BIN)/mypy

# The modules of the pages are plain JavaScript with types in comments; nothing is built from them.
SCRIPTS := tests/pages/desk
scripts: $(SCRIPTS)/node_modules/.ready
	cd $(SCRIPTS) && node_modules/.bin/tsc -p .

$(SCRIPTS)/node_modules/.ready: $(SCRIPTS)/package-lock.json
	@command -v npm >/dev/null || { echo "Checking the pages needs Node and npm (Debian: apt-get install nodejs npm)."; exit 1; }
	@cd $(SCRIPTS) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules/.ready

# Two programs that strangers use judge the description of the interface; neither asks the network for anything.
OPENAPI := tests/openapi
OPENAPI_BIN := node_modules/.bin
openapi: env $(OPENAPI)/node_modules/.ready
	@$(BIN)/python -m tests.openapi.print_openapi > $(OPENAPI)/openapi.out.json
	cd $(OPENAPI) && REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
		$(OPENAPI_BIN)/redocly lint --config redocly.yaml --format summary openapi.out.json
	cd $(OPENAPI) && $(OPENAPI_BIN)/spectral lint --ruleset .spectral.yaml openapi.out.json
	@rm -f $(OPENAPI)/openapi.out.json

$(OPENAPI)/node_modules/.ready: $(OPENAPI)/package-lock.json
	@command -v npm >/dev/null || { echo "Judging the interface needs Node and npm (Debian: apt-get install nodejs npm)."; exit 1; }
	@cd $(OPENAPI) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules/.ready

# Every file installed is checked against its hash, and nothing is built with anything that is not pinned.
$(READY): constraints.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Lyceum needs Python $(OLDEST) or newer and found none: install it," \
		"or name it with 'make PYTHON=/path/to/python3 ...'."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Lyceum needs Python $(OLDEST)" \
		"or newer, and '$(PYTHON)' is not: install one, or name it with 'make PYTHON=/path/to/python3 ...'."; exit 1; }
	@$(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
		|| "$(PYTHON)" -m venv --clear $(VENV) \
		|| { echo "Python could not make an environment: on Debian and Ubuntu install python3-venv, then try again."; \
		rm -rf $(VENV); exit 1; }
	@echo "Installing the pinned dependencies into $(VENV): a few minutes, once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)
