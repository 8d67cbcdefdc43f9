# The commands of the project; `make help` explains them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
FUZZER := .cache/fuzzer/.ready
DATABASES ?= sqlite postgres

.PHONY: help setup tools demo run test lint format conformance bench fuzz clean

help: ## What there is to do
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(READY) ## The virtual environment in .venv, from the lock

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found; install it, or name one: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "[1/3] making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv
	@echo "[2/3] installing $$(grep -c '^[a-zA-Z]' requirements.lock) locked packages (a minute or so)"
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps --progress-bar off -r requirements.lock \
		| awk '/^Collecting/ {n++; if (n % 10 == 0) printf "      %d packages fetched\n", n; fflush()} /^Successfully/ {print "      done"}' ; \
		test $${PIPESTATUS[0]} -eq 0
	@echo "[3/3] installing the project itself"
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input -q --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src # a start takes a quarter longer where Python may not write this itself
	@touch $(READY)

# Of its own: what the fuzzer brings along would be loaded by the server where it is there, and weigh on it.
$(FUZZER): tests/fuzzing/requirements.lock $(READY)
	@$(BIN)/python -m venv .cache/fuzzer
	@.cache/fuzzer/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps -q \
		-r tests/fuzzing/requirements.lock
	@touch $(FUZZER)

tools: $(READY)
	@$(BIN)/python sandbox/setup.py

demo: $(READY) ## Plays the user management guide against a model on this machine, then stops everything
	@$(BIN)/python sandbox/demo.py

run: $(READY) ## The same model, kept in the foreground until Ctrl-C
	@$(BIN)/python sandbox/foreground.py

test: $(READY) $(FUZZER) ## Everything in tests/ that needs no cluster
	@bash tests/install-tools
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not cluster" $(ARGS)

lint: $(READY) ## Format, rules, types, spelling
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright
	@$(BIN)/codespell src tests sandbox docs bench README.md CONTRIBUTING.md

format: $(READY) ## Puts the code in form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

conformance: $(READY) ## Replays the recordings against the bundled server; ARGS="--area admin" for some
	@$(BIN)/python tests/conformance/run.py --databases $(DATABASES) $(ARGS)

bench: $(READY) ## Speed against the ceiling of the stack, sign-ins, imports; ARGS="whoami" for some profiles
	@bash tests/install-tools
	@$(BIN)/python bench/compare.py $(ARGS); status=$$?; [ -n "$(ARGS)" ] && exit $$status; \
		$(BIN)/python bench/signing_in.py || status=1; $(BIN)/python bench/importing.py || status=1; exit $$status

fuzz: $(READY) $(FUZZER) ## Asks both listeners for what their description allows and forbids; ARGS="--seconds 600" for longer
	@bash tests/install-tools
	@$(BIN)/python tests/fuzz.py $(ARGS)

clean: ## Removes what was made here
	@rm -rf .venv .cache build dist *.egg-info src/*.egg-info .pytest_cache .ruff_cache .hypothesis
