# Each target sets the machine up first; what is done already takes no time.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/pytest -n auto --dist loadfile
# pytest says 5 when there was nothing to run.
NONE_IS_FINE := || [ $$? -eq 5 ]

.PHONY: demo test check stories soak bench-routing bench-calls bench-calls-full planted-bugs lint types console set-up clean

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

# A million random steps through matcher and store, then several distributors on memory and Redis at once. STEPS=n and
# STORE_STEPS=n for so many; SEED=word for the same again.
soak: set-up
	@$(BIN)/python -m tests.simulation.soak --steps $(or $(STEPS),1000000) $(if $(SEED),--seed $(SEED))
	@SOAK_STEPS=$(or $(STORE_STEPS),20000) $(BIN)/pytest -q -n 0 tests/contract/test_store_agreement.py

# Decisions per second, memory and durable reservations; wants a quiet machine. QUICK=1 only sees that it runs.
bench-routing: set-up
	@$(BIN)/python -m scenarios.bench $(if $(QUICK),--quick)

# The product against app_queue and a bare Stasis application, on a fresh Asterisk each; half an hour, on a quiet machine.
# CASE=word for those cases alone; QUICK=1 only sees that it runs.
bench-calls: set-up
	@$(BIN)/python -m scenarios.load.race $(CASE) $(if $(QUICK),--quick)

# Five times the turns, and growth series by tens; hours.
bench-calls-full: set-up
	@$(BIN)/python -m scenarios.load.race $(CASE) --full

# Plants one bug after the other in a copy of the tree, and says which suite catches it. BUG=word for those alone.
planted-bugs: set-up
	@$(BIN)/python -m tests.planted_bugs $(BUG)

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
