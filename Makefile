# make report   set up the environment, value a bundled case, say where the workbook lies
# make test     every check; office tests are left out where LibreOffice is missing
# make unit     the quick tests of units and of the rules of the project, side by side, within two minutes
# make office   install what the office tests need (Debian and Ubuntu; asks for root rights)
# make bench    the speed measurements
# make clean    remove results, builds and caches; make distclean removes the environment too

CASE ?= neocloud
OUT ?= out/$(CASE)
PYTHON ?=

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
OFFICE_PACKAGES := libreoffice-calc python3-uno poppler-utils fonts-liberation

.PHONY: help report test unit office bench clean distclean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help:
	@sed -n 's/^# make/make/p' Makefile

# The first interpreter that is 3.11 or later and can make environments. A sound .venv is kept.
$(VENV)/.made:
	@if $(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  echo "keeping $(VENV)"; \
	else \
	  for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	    if $$candidate -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      echo "making $(VENV) with $$($$candidate --version)"; \
	      $$candidate -m venv --clear $(VENV) && break; \
	    fi; \
	  done; \
	  test -x $(PY) || { echo "no Python 3.11 or later with venv found; set PYTHON=..." >&2; exit 1; }; \
	fi
	@touch $@

$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/.made
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/.made
	$(PIP) install --quiet --constraint constraints.txt --editable '.[test]'
	@touch $(VENV)/.runtime $@

report: $(VENV)/.runtime
	$(VENV)/bin/obsolesce run $(CASE) --out $(OUT)
	@workbooks=$$(find $(OUT) -name '*.xlsx' ! -name '~*' | sort); \
	test -n "$$workbooks" || { echo "no workbook was written to $(OUT)" >&2; exit 1; }; \
	echo "$$workbooks" | while read -r workbook; do echo "workbook: $$(pwd)/$$workbook"; done

# All checks run even if one of them fails, so that one run shows everything; pytest speaks last.
test: $(VENV)/.test
	@failed=; \
	check() { name=$$1; shift; echo "== $$name"; "$$@" || failed="$$failed $$name"; }; \
	check lint $(PY) -m ruff check .; \
	check format $(PY) -m ruff format --check .; \
	check types $(VENV)/bin/mypy; \
	check imports $(VENV)/bin/lint-imports --no-logo; \
	check tests $(PY) -m pytest -n 2 --dist worksteal; \
	test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

unit: $(VENV)/.test
	EXAMPLES=few $(PY) -m pytest -n 2 --dist worksteal -m "not bench and not office and not packaging and not slow" \
	  tests/unit tests/governance

bench: $(VENV)/.test
	$(PY) -m pytest -m bench

office:
	@missing=; \
	command -v soffice >/dev/null 2>&1 || command -v libreoffice >/dev/null 2>&1 || missing="$$missing LibreOffice"; \
	/usr/bin/python3 -c 'import uno' >/dev/null 2>&1 || missing="$$missing python3-uno"; \
	command -v pdftoppm >/dev/null 2>&1 || missing="$$missing poppler"; \
	fc-list 2>/dev/null | grep -qi liberation || missing="$$missing fonts"; \
	if test -z "$$missing"; then echo "office programs: all there"; exit 0; fi; \
	command -v apt-get >/dev/null 2>&1 || { \
	  echo "missing:$$missing; install LibreOffice Calc with its Python bridge, poppler and the Liberation fonts" >&2; \
	  exit 1; }; \
	if test "$$(id -u)" -eq 0; then as_root=; else as_root=sudo; fi; \
	echo "installing for:$$missing"; \
	$$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq && \
	$$as_root env DEBIAN_FRONTEND=noninteractive \
	  apt-get install -qq --yes --no-install-recommends $(OFFICE_PACKAGES)

clean:
	rm -rf out build dist .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)
