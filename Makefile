# `make demo` and `make test` need Debian 12 (or alike), Python 3.11 or newer, git and make; nothing else.
# Which Python: PYTHON=/path/to/python3.11. Where packages come from: pip's own variables (PIP_INDEX_URL and so on).

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -n $(or $(WORKERS),2) --dist worksteal
ENGINE := sqlite
DATA := $(or $(MADOGUCHI_DATA),var)
SOURCES := manage.py tests $(patsubst %/__init__.py,%,$(wildcard */__init__.py))

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test test-fast test-journeys test-postgres lint format coverage bench lock base dev browser office

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | while IFS='|' read -r name what; do \
		printf '  make %-14s %s\n' "$$name" "$$what"; done

demo: base ## the sample municipality on port 8000 (PORT=...), with its background worker
	@exec $(BIN)/python manage.py demo

demo-reset: ## forget everything in the demo's database; the next `make demo` begins anew
	@if [ -n "$$DATABASE_URL" ]; then echo "DATABASE_URL is set: only the demo's own SQLite database is ever removed." >&2; exit 1; fi
	rm -rf $(DATA)/db.sqlite3 $(DATA)/db.sqlite3-wal $(DATA)/db.sqlite3-shm $(DATA)/media $(DATA)/private

test: dev browser office ## everything: the suite and the journeys on SQLite, the database tests again on PostgreSQL
	@status=0; \
	echo "== on PostgreSQL"; $(PYTEST) --engine=postgres -m "not journey" || status=1; \
	echo "== on SQLite, with the journeys in a browser"; $(PYTEST) --engine=sqlite || status=1; \
	exit $$status

test-fast: dev office ## the suite on SQLite, without the browser
	$(PYTEST) -m "not journey"

test-journeys: dev browser ## whole stories in a real Chromium (ENGINE=postgres for the other database)
	$(PYTEST) --engine=$(ENGINE) -m journey

test-postgres: dev office ## the database tests on PostgreSQL (from a wheel, or TEST_DATABASE_URL=postgres://...)
	$(PYTEST) --engine=postgres -m "not journey"

coverage: dev browser office ## which lines no test reaches, as htmlcov/index.html
	$(PYTEST) --cov --cov-report=term --cov-report=html

lint: dev ## style, types, layers, migrations, templates, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check
	$(BIN)/djlint --quiet --lint .
	$(BIN)/python scripts/messages.py check


format: dev ## rewrite the Python files in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: dev ## how fast it is, beside a site on wagtail.contrib.forms, in one run
	$(BIN)/python -m bench
	$(BIN)/python -m bench.editor
	$(BIN)/python -m bench.visit

lock: ## pin the packages of requirements/*.in anew, with hashes (UPGRADE=1: to their newest versions)
	@scripts/environment.sh lock var/lock
	@for list in base dev lock; do \
		var/lock/bin/uv pip compile --quiet --generate-hashes --no-strip-extras --python-version 3.11 --no-header --no-emit-index-url \
			--no-emit-find-links $(if $(UPGRADE),--upgrade) requirements/$$list.in -o requirements/$$list.txt || exit 1; \
	done

base:
	@scripts/environment.sh base .venv

dev:
	@scripts/environment.sh dev .venv

browser: dev
	@$(BIN)/python -m scripts.browser

office: dev
	@$(BIN)/python -m scripts.office
