# Every target creates what it needs. `make PYTHON=python3.13 test` uses another Python (3.11 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test lint types check docs drift bench bench-quick clean

demo: $(VENV)/demo
	@$(BIN)/kombo-async demo

test: $(VENV)/test
	$(BIN)/python -m pytest -q --numprocesses auto --dist worksteal

lint: $(VENV)/lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/lint
	$(BIN)/mypy kombo_async tests/typing
	$(BIN)/pyright

check: lint types test

# The site, in .cache/site. A broken link or a public name without a docstring fails.
docs: $(VENV)/docs
	$(BIN)/properdocs build --quiet --strict --site-dir .cache/site

# What a newer description of the API has: make drift SPEC=https://api.kombo.dev/openapi.json
drift: $(VENV)/test
	@$(BIN)/python -m tests.conformance --spec "$(SPEC)"

# Writes benchmarks/RESULTS.md; a quarter of an hour.
bench: $(VENV)/bench
	$(BIN)/python -m benchmarks --write
	$(BIN)/python -m benchmarks.limits --rounds 1

# Less than a minute, with generous bounds. What it finds fails nothing: machines differ.
bench-quick: $(VENV)/bench
	-@$(BIN)/python -m benchmarks --quick

clean:
	rm -rf $(VENV) .cache dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ": make PYTHON=python3.x")'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/demo: $(VENV)/made pyproject.toml
	@echo "Installing kombo_async[cli] into $(VENV) …"
	@$(PIP) install --editable '.[cli]'
	@touch $@

$(VENV)/test: $(VENV)/demo
	@echo "Installing what the tests need …"
	@$(PIP) install --requirement tests/requirements.txt
	@$(PIP) install --only-binary uvloop --requirement tests/requirements-uvloop.txt || \
		echo "No uvloop for this Python: the tests run on asyncio alone."
	@touch $@

$(VENV)/lint: $(VENV)/test
	@echo "Installing what the checks need …"
	@$(PIP) install --requirement tests/requirements-lint.txt
	@touch $@

$(VENV)/docs: $(VENV)/demo docs/requirements.txt
	@echo "Installing what builds the site …"
	@$(PIP) install --requirement docs/requirements.txt
	@touch $@

$(VENV)/bench: $(VENV)/demo benchmarks/requirements.txt
	@echo "Installing the peers to compare with …"
	@$(PIP) install --requirement benchmarks/requirements.txt
	@touch $@
