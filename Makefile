# make run      set up, then the demo site on 127.0.0.1:8000
# make test     set up, then every test: SQLite and PostgreSQL, real SMTP, real browser
# make check    the quick one: format, lint, types, imports, unit tests
# make setup    .venv with the `trinh` script     make fmt   format and sort imports     make lock   renew the locks

BIN := .venv/bin
CODE := engine cli.py tools tests $(wildcard bench)
QUICK := not postgres and not browser and not slow

# Keep what Python and pytest compile, whatever the shell says: workers and child processes would do it again each time.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test check setup setup-check setup-test fmt lock \
        check-style check-types check-imports check-words check-unit
.DEFAULT_GOAL := setup

setup:
	@tools/setup.sh run
setup-check:
	@tools/setup.sh check
setup-test:
	@tools/setup.sh test

run: setup
	$(BIN)/trinh demo

# loadgroup: a module that drives the browser stays on one worker, so that it starts one browser
test: setup-test
	$(BIN)/python -m pytest -n auto --dist loadgroup

# The parts do not depend on each other and leave cores idle one by one, so they run side by side; each prints at its end.
check: setup-check
	@$(MAKE) --no-print-directory --jobs=4 --output-sync=target \
	    check-unit check-types check-style check-imports check-words

check-style:
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
check-types:
	@$(BIN)/mypy $(CODE)
check-imports:
	@$(BIN)/lint-imports --no-logo >.cache/imports.txt 2>&1 || { cat .cache/imports.txt; exit 1; }
	@$(BIN)/python tools/imports.py
check-words:
	@$(BIN)/python tools/glossary.py
check-unit:
	@$(BIN)/python -m pytest -q -n auto -m "$(QUICK)"

fmt: setup-check
	$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format .

lock: setup-check
	tools/lock.sh
