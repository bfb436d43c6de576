# Each target sets the machine up first; what is done already takes no time.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/pytest -n auto --dist loadfile
# pytest says 5 when there was nothing to run.
NONE_IS_FINE := || [ $$? -eq 5 ]

.PHONY: demo test check stories soak lint types console set-up clean

demo: set-up
	@$(BIN)/stasis-acd demo

# Lint, types, all tests, and one story of each group.
test: set-up lint types console
	$(PYTEST) tests $(wildcard scenarios/stories) -m "not story or smoke"

# What answers in a minute and needs no server.
check: set-up lint types
	$(PYTEST) tests/unit

# Every story, one after the other: each has a lab of its own.
stories: set-up
	$(BIN)/pytest $(wildcard scenarios/stories) -m story $(NONE_IS_FINE)

# A million random steps through matcher and store. STEPS=n for so many; SEED=word for the same again.
soak: set-up
	@$(BIN)/python -m tests.simulation.soak --steps $(or $(STEPS),1000000) $(if $(SEED),--seed $(SEED))

lint:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types:
	$(BIN)/mypy

console:
	@if [ -f console/package.json ]; then cd console && npm run --silent check --if-present && npm test --silent --if-present; fi

set-up:
	@$(PYTHON) scenarios/lab/set_up.py

# Leaves the Asterisk root, which all checkouts share: scenarios/lab/set_up.py --clean-caches.
clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf console/node_modules stasis_app/web/static .venv
