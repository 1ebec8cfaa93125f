# What people type. Each target sets up what it needs; the second time that takes no time.

.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/bash

BIN := .venv/bin
LOCK := UV_NO_CONFIG=1 $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --quiet

.PHONY: help demo test test-fast check format-check lint markup types contracts drift format lock \
	environment clean

help:  ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

demo:  ## a running example with its own answers at 127.0.0.1:8000
	@.ci/environment requirements.txt
	@echo "3/3 database, example and server"
	@exec $(BIN)/minxin demo

environment:  ## the virtual environment that all work on the code uses
	@.ci/environment requirements-dev.txt

test: environment  ## every test, PostgreSQL and the browser included
	@.ci/packages
	$(BIN)/python -m pytest -n 2

test-fast: environment  ## the tests that need neither PostgreSQL, a browser, root nor fuse
	$(BIN)/python -m pytest -m "not postgres and not browser and not faults and not hostile"

check: format-check lint markup types contracts drift test  ## everything a change must pass

format-check: environment
	$(BIN)/ruff format --check

lint: environment
	$(BIN)/ruff check

# Mistakes only: its layout would add white space to pages whose bytes are counted.
markup: environment
	$(BIN)/djlint --lint --quiet --profile jinja templates

types: environment
	$(BIN)/mypy

contracts: environment
	$(BIN)/lint-imports

drift: environment
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT \
		&& export MINXIN_DATABASE_URL="sqlite:///$$folder/drift.sqlite3" \
		&& $(BIN)/alembic upgrade head && $(BIN)/alembic check

format: environment  ## write the code in the project's hand
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: environment  ## the newest versions that pyproject.toml allows, into requirements*.txt
	$(LOCK) --upgrade --group build -o requirements.txt
	$(LOCK) --upgrade --group dev --group build -c requirements.txt -o requirements-dev.txt

clean:  ## remove what was made, except the database in var/
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis
