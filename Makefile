# Two commands matter: `make reports` and `make test`. Both set up everything they need.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# A missing uv is no problem: pip installs the same lock, only slower.
UV := $(shell command -v uv 2>/dev/null)
ifneq ($(UV),)
INSTALL := VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet
else
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

.PHONY: help setup reports test test-spark lab refresh check data format lock clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## Create .venv from requirements.lock (every other target does this first)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "clusterkit needs Python 3.11 or newer, found: $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one, for example: make reports PYTHON=python3.12"; exit 1; }
ifneq ($(UV),)
	@echo "Setting up $(VENV) with uv ..."
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	@VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --require-hashes requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
else
	@echo "Setting up $(VENV) with pip (about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
endif
	@touch $(READY)

reports: $(READY)  ## Run every notebook and publish reports/index.html
	@$(BIN)/clusterkit publish

test: $(READY)  ## Unit tests, then the notebook gate, then every notebook cell by cell
	@$(BIN)/python -m pytest -n 2 --dist loadfile
	@$(BIN)/clusterkit check
	@$(BIN)/python -m pytest -p no:cacheprovider -n 2 --dist loadfile --nbval --nbval-current-env notebooks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

test-spark: $(READY)  ## The measures on Spark tables too (needs Java, installs PySpark)
	@$(INSTALL) --require-hashes -r requirements-spark.lock
	@$(BIN)/python -m pytest tests/regional -k pyspark

lab: $(READY)  ## Open the notebooks in JupyterLab
	@$(BIN)/jupyter lab notebooks

refresh: $(READY)  ## Execute the committed notebooks again, after a change of data or code
	@$(BIN)/clusterkit refresh

check: $(READY)  ## Only the gate: are the notebooks, the data and the docs what they should be?
	@$(BIN)/clusterkit check

data: $(READY)  ## Write the datapackage and the codebook anew, after a change of data
	@$(BIN)/clusterkit data
	@CLUSTERKIT_DATA=tests/casebook $(BIN)/clusterkit data

format: $(READY)  ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(READY)  ## Resolve requirements.lock anew (needs uv)
	@uv pip compile pyproject.toml --extra test --generate-hashes --universal \
	  --python-version 3.11 --no-header --no-annotate --quiet --upgrade -o requirements.lock
	@echo 'pyspark>=4' | uv pip compile - --generate-hashes --universal \
	  --python-version 3.11 --no-header --no-annotate --quiet --upgrade -o requirements-spark.lock

clean:  ## Remove what runs leave behind (.venv stays)
	@rm -rf reports/*.html reports/*/ .pytest_cache .ruff_cache
