# Every target creates what it needs. `make PYTHON=python3.13 test` uses another Python (3.11 or newer).
PYTHON ?= python3
# `make TESTS=tests/client test`, `integration`, `lowest` or `matrix` runs only a part of the tests.
TESTS ?=
WITHOUT ?=
# They need more than Python packages (Chromium, Node.js, Kombo's OpenAPI description), or several processes that are killed.
INTEGRATION := tests/conformance tests/integration
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest -q --numprocesses auto --dist worksteal
# The tests start hundreds of processes: none of them shall compile the package again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo fleet-demo mirror-demo test integration soak lowest matrix lint types check docs drift bench bench-quick clean

demo: $(VENV)/demo
	@$(BIN)/kombo-async demo

mirror-demo: $(VENV)/test
	@$(BIN)/kombo-async mirror demo

# Three workers, one of which is killed, with a PostgreSQL server from a wheel.
fleet-demo: $(VENV)/test
	@$(BIN)/python examples/fleet/demo.py

# What a change to the library needs.
test: $(VENV)/test
	$(PYTEST) $(INTEGRATION:%=--ignore=%) $(TESTS)

integration: $(VENV)/test
	$(PYTEST) $(or $(TESTS),$(INTEGRATION))

# What is left to chance, ten times as often: kills of processes, and all properties.
soak: $(VENV)/test
	KOMBO_SOAK=10 $(PYTEST) -m "hypothesis or soak" $(INTEGRATION:%=--ignore=%)

# The tests on the lowest version of each dependency that pyproject.toml allows.
lowest:
	@mkdir -p .cache
	@$(PYTHON) .ci/versions.py lowest >.cache/lowest.txt
	@PIP_CONSTRAINT=$(CURDIR)/.cache/lowest.txt $(MAKE) --no-print-directory VENV=.cache/venv-lowest test

# The tests on each Python that pyproject.toml names and this machine has; `make WITHOUT=3.11 matrix` leaves one out.
matrix:
	@mkdir -p .cache
	@$(PYTHON) .ci/versions.py pythons $(WITHOUT) >.cache/pythons.txt
	@failed=; while read -r version python; do \
		echo "Python $$version: $$python"; \
		$(MAKE) --no-print-directory PYTHON=$$python VENV=.cache/venv-$$version test </dev/null || failed="$$failed $$version"; \
	done <.cache/pythons.txt; [ -z "$$failed" ] || { echo "Failed on Python$$failed"; exit 1; }

lint: $(VENV)/lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/lint
	$(BIN)/mypy kombo_async tests/typing examples/fastapi_app.py
	$(BIN)/pyright

check: lint types test

# The site, in .cache/site. A broken link or a public name without a docstring fails.
docs: $(VENV)/docs
	$(BIN)/properdocs build --quiet --strict --site-dir .cache/site

# What a newer description of the API has: make drift SPEC=https://api.kombo.dev/openapi.json
drift: $(VENV)/test
	@$(BIN)/python -m tests.conformance --spec "$(SPEC)"

# Each writes its sections of benchmarks/RESULTS.md; an hour together. `make BENCHMARKS=mirror bench` writes one.
BENCHMARKS ?= core limits mechanisms mirror fleet sandbox tables cli

bench: $(VENV)/bench
	@failed=; for each in $(BENCHMARKS); do \
		[ $$each = core ] && module=benchmarks || module=benchmarks.$$each; \
		echo "$$each:"; $(BIN)/python -m $$module --write || failed="$$failed $$each"; \
	done; [ -z "$$failed" ] || { echo "Bounds that do not hold, or errors:$$failed"; exit 1; }

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

# Dependency groups need a newer pip than Python 3.11 to 3.13 bring.
$(VENV)/pip: $(VENV)/made
	@$(PIP) install --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/test: $(VENV)/pip pyproject.toml
	@echo "Installing what the tests need …"
	@$(PIP) install --editable '.[arrow,cli,fastapi,fleet,mirror,otel,postgresql]' --group test
	@$(PIP) install --only-binary uvloop --group uvloop || \
		echo "No uvloop for this Python: the tests run on asyncio alone."
	@touch $(VENV)/demo $@

$(VENV)/lint: $(VENV)/test
	@echo "Installing what the checks need …"
	@$(PIP) install --group lint
	@touch $@

$(VENV)/docs: $(VENV)/demo $(VENV)/pip
	@echo "Installing what builds the site …"
	@$(PIP) install --group docs
	@touch $@

$(VENV)/bench: $(VENV)/test
	@echo "Installing the peers to compare with …"
	@$(PIP) install --group bench
	@touch $@
