# make demo · make test · make serve: each sets up what it needs first. See README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= var/demo
# One more than there are cores: browsers and served processes mostly wait.
WORKERS ?= $(shell expr $$(nproc) + 1)
# Tests start some hundred processes: each would compile every module anew where Python is told to keep nothing compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test coverage serve bench soak lint system lock clean

demo: $(VENV)/.ready
	$(BIN)/gongxin demo engineering --out $(OUT) --json
	$(BIN)/gongxin verify --trust $(OUT)/keys.json $(OUT)/project.zip

serve: $(VENV)/.ready
	$(BIN)/gongxin serve --sample

test: $(VENV)/.ready-test system lint
	$(BIN)/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

# Which lines the tests run: half as slow again, so apart. What runs in processes of its own is not seen and left out.
coverage: $(VENV)/.ready-test system
	$(BIN)/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder --cov --cov-report=term:skip-covered \
	  --ignore tests/browser --ignore tests/production --ignore tests/resilience --ignore tests/stranger

lint: $(VENV)/.ready-test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.ready-test system
	$(BIN)/python -m bench --check

soak: $(VENV)/.ready-test system
	GONGXIN_SOAK_SEEDS=200 $(BIN)/pytest tests/resilience

# PostgreSQL, Redis, Chromium, a Chinese screen font and Node come from the distribution where apt may be used;
# otherwise what is missing is named and the tests stop.
system:
	@tools/system-packages

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Gongxin needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV) || { tools/system-packages python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/.ready: requirements.lock setup.py requirements.in | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-test: requirements-dev.lock $(VENV)/.ready
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Renew the pinned files from the .in files.
lock:
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -o requirements.lock requirements.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -o requirements-dev.lock requirements-dev.in

clean:
	rm -rf $(VENV) var build *.egg-info
