# Needs Python 3.11 or newer, git and make. Everything else goes into .venv.

# Tried, not looked up: a name on the path may be an older Python, or a launcher of none.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo $$name && break; done)

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
SPECS := $(wildcard specs/*.yaml)
SOURCES := generator tests templates generated docs

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test generate check types types-all docs format bench bench-runtime sizes fuzz honesty peers dialect differential equality accounting compat clean kills faults coverage

help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## make .venv with the generator and all tools

$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "This Python cannot make environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY)

demo: $(READY) ## compile a spec, load three resources into DuckDB, show the tables
	@$(BIN)/python docs/demo/run.py

test: $(READY) ## run the whole suite: types, golden files, servers, hostile specs
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal --max-worker-restart 2

generate: $(READY) ## compile specs/*.yaml into generated/
	@$(BIN)/gen-connector $(SPECS) --output generated

check: $(READY) ## fail where generated/ is not what specs/ gives
	@$(BIN)/gen-connector $(SPECS) --output generated --check

types: $(READY) ## mypy and pyright, both strict, over the generator and its output
	@$(BIN)/python -m pytest tests/test_types.py

types-all: $(READY) ## the same over every package that the tests compile
	@$(BIN)/python -m tests.kept

docs: $(READY) ## write docs/spec.md and docs/spec.schema.json from the language's definition
	@$(BIN)/gen-connector schema > docs/spec.schema.json
	@$(BIN)/python -m generator.spec.reference > docs/spec.md

format: $(READY) ## black over everything
	@$(BIN)/black $(SOURCES)

bench: $(READY) ## measure against datamodel-codegen, write docs/performance-generate.md
	@$(BIN)/python tests/benchmarks/bench_generate.py

bench-runtime: $(READY) ## measure loading against dlt's own source, write docs/performance.md
	@$(BIN)/python -m tests.benchmarks.bench_runtime

sizes: $(READY) ## count the lines of packages, write docs/package-size.md
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/package_size.py

fuzz: $(READY) ## hostile specs, many more than in the suite
	@$(BIN)/python -m pytest -m hostile --hypothesis-profile long

honesty: $(READY) ## read 10,000 random APIs with random specs: no silent difference
	@$(BIN)/python -m pytest tests/honesty --hypothesis-profile long

peers: $(READY) ## load from all the real servers that can be installed here
	@GEN_CONNECTOR_WHOLE=1 $(BIN)/python -m pytest tests/peers -rs

dialect: $(READY) ## type-check all that the configs in GEN_CONNECTOR_CORPUS compile to
	@GEN_CONNECTOR_WHOLE=1 $(BIN)/python -m pytest tests/test_dialect.py

differential: $(READY) ## the same configs through dlt and through connectors, all of them loaded
	@GEN_CONNECTOR_WHOLE=1 $(BIN)/python -m pytest tests/differential tests/importers/test_dlt_loop.py

equality: $(READY) ## the same tables as Arrow and as dicts: every shape, 400 random examples, three destinations
	@GEN_CONNECTOR_WHOLE=1 $(BIN)/python -m pytest tests/equality -rs --ignore tests/equality/test_accounting.py

accounting: $(READY) ## load 100,000 records, 5 in 100 of them broken: each is loaded exactly or rejected
	@GEN_CONNECTOR_WHOLE=1 $(BIN)/python -m pytest tests/equality/test_accounting.py

compat: $(READY) ## load with the oldest dlt and pydantic, and Arrow tables with each dlt, that are promised
	@GEN_CONNECTOR_WHOLE=1 $(BIN)/python -m pytest tests/test_oldest.py

kills: $(READY) ## kill loads at random moments, start them again, compare the tables
	@GEN_CONNECTOR_WHOLE=1 $(BIN)/python -m pytest tests/endurance/test_kills.py -rP --numprocesses 2

faults: $(READY) ## read 12,000 rows from servers that fail at one request in ten; full disks
	@GEN_CONNECTOR_WHOLE=1 $(BIN)/python -m pytest tests/endurance/test_faults.py tests/endurance/test_disk.py -rsP --show-capture=stdout

coverage: $(READY) ## what of GEN_CONNECTOR_CORPUS the importers read, write docs/coverage.md
	@GEN_CONNECTOR_WHOLE=1 $(BIN)/python -m pytest tests/importers
	@$(BIN)/python -m tests.importers.coverage

clean: ## remove .venv and everything that is made
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
