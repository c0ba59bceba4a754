# Everything from a bare checkout: needs Python 3.11+ and make. `make help` lists the targets.

PYTHON ?= python3
JOBS   ?= 2
# More words for the command: make test ARGS="-k stipend", make run ARGS="--port 8000"
ARGS   ?=

READY  := .venv/.ready
BIN    := .venv/bin
PYTEST := $(BIN)/python -m pytest

export PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check safety office bench docs format chromium clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## the panel with invented people, at http://127.0.0.1:5000
	$(BIN)/tepei-admin serve --demo $(ARGS)

test: chromium check ## all checks and the whole test suite
	$(PYTEST) -n $(JOBS) --dist loadfile -m "not safety and not pictures and not office" $(ARGS)

check: $(READY) ## lint, format, architecture, types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy

safety: chromium $(READY) ## the whole safety suite: attack, load and faults; what is measured runs alone
	$(PYTEST) -n $(JOBS) --dist worksteal -m "not measured" tests/safety $(ARGS)
	$(PYTEST) -rP -m measured tests/safety $(ARGS) || [ $$? = 5 ] # 5: ARGS leaves none of them

office: $(READY) ## what LibreOffice makes of every file that goes out
	@command -v soffice >/dev/null || { echo "LibreOffice is missing (soffice): apt-get install libreoffice-calc, or get it from your system"; exit 1; }
	$(PYTEST) -m office $(ARGS)

bench: $(READY) ## measure the speed
	$(BIN)/python -m bench $(ARGS)

docs: chromium $(READY) ## take the handbook's pictures anew
	$(PYTEST) -m pictures $(ARGS)

format: $(READY) ## put the code into its usual form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

chromium:
	@sh scripts/chromium.sh

clean: ## remove .venv and what the tools left; the data in var/ stays
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml scripts/venv.sh
	@sh scripts/venv.sh
	@touch $@
