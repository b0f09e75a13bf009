# Cairn. `make run` starts it, `make test` tests it; both set up what is missing. See README.md.

# The first Python that is new enough and really starts; pyenv and others leave names behind that do not.
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
endif
ifeq ($(PYTHON),)
$(error Cairn needs Python 3.11 or newer; install it or name it: make PYTHON=/path/to/python3)
endif
PORT ?= 8000
CAIRN_HOME ?= .local
ARGS ?=
export PORT CAIRN_HOME

VENV := .venv/bin/python
SETUP := @$(PYTHON) scripts/bootstrap.py
SERVED := $(VENV) -m config.embedded $(VENV)
TEST_SERVED := CAIRN_HOME=$(CAIRN_HOME)/test $(SERVED)

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format bench demo-token manage lock env clean reset

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: ## the virtual environment, from requirements.lock
	$(SETUP)

run: ## everything, at http://localhost:$PORT, until Ctrl-C
	$(SETUP) && exec $(VENV) -m config.supervisor

test: ## the whole test suite; ARGS="-k name" passes arguments to pytest
	$(SETUP) --browser && exec $(VENV) -m pytest $(ARGS)

lint: ## format, rules, types, migrations, secrets
	$(SETUP)
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) scripts/secret_scan.py
	$(TEST_SERVED) -m mypy .
	$(TEST_SERVED) manage.py makemigrations --check --dry-run
	$(TEST_SERVED) -m scripts.lint_migrations

format: ## rewrites the code in house style
	$(SETUP)
	$(VENV) -m ruff check --fix .
	$(VENV) -m ruff format .

bench: ## prints the figures of the benchmarks beside their floors
	$(SETUP)
	@CAIRN_HOME=$(CAIRN_HOME)/bench $(SERVED) -m benchmarks $(ARGS)

demo-token: ## prints an API token with all scopes for the demo workspace
	$(SETUP)
	@$(SERVED) manage.py demo_token

manage: ## any management command beside its servers: make manage ARGS="verify_journal"
	$(SETUP)
	@$(SERVED) manage.py $(ARGS)

lock: ## recomputes requirements.lock from pyproject.toml; ARGS=--upgrade takes newer releases
	$(SETUP)
	$(VENV) -m uv pip compile pyproject.toml --universal --python-version 3.11 --group dev --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --quiet $(ARGS) --output-file requirements.lock

env: ## writes .env with fresh secrets for docker compose, when there is none
	@test -e .env && echo ".env is there already; nothing done." || $(PYTHON) scripts/new_env.py

clean: ## removes the virtual environment, caches and test servers; never the data of make run
	@echo "Removing .venv, caches, $(CAIRN_HOME)/test and $(CAIRN_HOME)/bench"
	@rm -rf .venv .bootstrap.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis "$(CAIRN_HOME)/test" "$(CAIRN_HOME)/bench"
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

reset: ## removes all data of make run; asks for CONFIRM=1
	@test "$(CONFIRM)" = 1 || { echo "This removes every workspace in $(CAIRN_HOME). Repeat it as: make reset CONFIRM=1"; exit 1; }
	@echo "Removing $(CAIRN_HOME)"
	@rm -rf "$(CAIRN_HOME)"
