# Everything runs in a .venv of its own, made on first use: what runs from requirements.lock, what tests need besides from
# requirements-dev.lock (exact versions, with hashes).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Tests start hundreds of processes; without compiled modules on disk each of them compiles ours again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test quick-tests test-all faults lint audit bench pictures docs lock release clean

demo: $(VENV)/.installed
	$(BIN)/jobferry demo $(ARGS)

PYTEST := $(BIN)/python -m pytest --dist loadfile --no-loadscope-reorder
# Tests wait for servers and browsers a fifth of their time, so there is one process more than processors.
PROCESSES := $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

# Style, types, import contracts, and everything but the long tests. ARGS="tests/units -k plan" for a part. Beside each
# other: the check of types takes a minute of one processor.
test: $(VENV)/.ready
	$(MAKE) --no-print-directory --jobs=2 lint quick-tests

quick-tests: $(VENV)/.ready
	$(PYTEST) -n $(PROCESSES) -m "not long" $(ARGS)

# What `test` leaves out; CONTRIBUTING.md says when a test is long.
test-all: $(VENV)/.ready
	$(PYTEST) -n $(PROCESSES) -m long $(ARGS)

# The same faults as in `test-all`, many more of each: some hours on a small machine. Prints what happened how often.
faults: $(VENV)/.ready
	FAULTS=full $(BIN)/python -m pytest tests/faults tests/life -s -v --timeout 7200 $(ARGS)

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Published weaknesses of the locked packages. Fails if there are any; says so, and does not fail, if nobody could tell.
audit: $(VENV)/.ready
	$(BIN)/python -m tests.support.audit_lock

bench: $(VENV)/.ready
	$(BIN)/python -m tests.bench $(ARGS)

# The pictures in docs/pictures, made anew by the tests that use the pages.
pictures: $(VENV)/.ready
	rm -rf build/pictures && mkdir -p build/pictures docs/pictures
	PICTURES=build/pictures $(BIN)/python -m pytest tests/browser $(ARGS)
	cp build/pictures/docs/*.png docs/pictures/

# The pages and the OpenAPI document that are made from the code.
docs: $(VENV)/.ready
	for one in commands example_plugin extension failures hooks openapi client send_life settings; do $(BIN)/python -m docs.generate.$$one || exit 1; done

# What an operator installs from, in `dist`: docs/install.md says how.
release: $(VENV)/.installed
	.ci/release "$(CURDIR)/$(BIN)/python" dist
	ls dist

# Needs uv (`pip install uv`); writes the pins for Python 3.11 to 3.14 on every platform.
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml
lock:
	$(COMPILE) --extra build --extra dev --output-file requirements-dev.lock
	$(COMPILE) --extra build --constraint requirements-dev.lock --output-file requirements.lock

NOT_INSTALLED := "The packages were not installed; pip says above why. It needs the package index once: check the network, \
or name your own index in PIP_INDEX_URL. Then run make again."
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(VENV)/.ready: $(VENV)/.installed requirements-dev.lock
	$(PIP) --require-hashes --requirement requirements-dev.lock || { echo $(NOT_INSTALLED) >&2; exit 1; }
	touch $@

# The demo needs no more than this.
$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 14) or sys.exit("Jobferry needs Python 3.11 to 3.14; this is %d.%d. Try: make PYTHON=python3.11 ..." % v)'
	@test -w . || { echo "This folder cannot be written to: copy it to one of yours, and run make there." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@echo "Installing what Jobferry needs to run; this happens once."
	$(PIP) --no-compile --require-hashes --requirement requirements.lock || { echo $(NOT_INSTALLED) >&2; exit 1; }
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist *.egg-info
