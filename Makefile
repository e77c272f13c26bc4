# What a developer runs. Every target sets up what it needs; only Python 3.11 and make are taken for granted.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test lint format validate bench docs clean

$(VENV)/.runtime: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed: $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --editable '.[test,dev]'
	touch $@

demo: $(VENV)/.runtime  ## the Caravel chip, from its pads to masks, 3D, footprint and report
	$(BIN)/chipscale build examples/caravel/chip.yaml --out out
	@echo "open out/caravel/report.html"

test: $(VENV)/.installed  ## the tests
	NUMBA_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.installed  ## style and types
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy

format: $(VENV)/.installed
	$(BIN)/ruff format src tests benchmarks
	$(BIN)/ruff check --fix src tests benchmarks

validate: $(VENV)/.installed  ## published cases with their tolerances, and the tests that take long
	$(BIN)/chipscale validate
	$(BIN)/python -m pytest -m slow

bench: $(VENV)/.installed  ## figures and times
	$(BIN)/python -m benchmarks

docs: $(VENV)/.installed  ## regenerate the reference pages
	$(BIN)/python -m chipscale.reference docs/reference

clean:
	rm -rf $(VENV) out dist build
