# make run: the app on http://localhost:8501     make test: everything that must hold
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')

.PHONY: run dev test lint format browser bench load audit clean distclean
.DEFAULT_GOAL := run

# The threads of a server share two heaps: with one each, memory that is given back stays with the process.
run dev load: export MALLOC_ARENA_MAX := 2

run: $(VENV)/run.stamp
	$(BIN)/streamlit run app.py --server.port $(PORT)

dev: $(VENV)/dev.stamp
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.fileWatcherType auto

# Three workers for two cores, for a browser's tests often wait; those files are the long ones and come first.
test: lint browser
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

browser: $(VENV)/dev.stamp
	$(BIN)/python tests/browser/install.py

bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks

# A class of thirty on a server of its own for ten minutes; CLASS="--readers 10 30 60 --minutes 2 --own 0 0.2"
load: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.classroom $(CLASS)

audit: $(VENV)/dev.stamp
	.ci/audit

clean:
	rm -rf .pytest_cache .ruff_cache .hypothesis build *.egg-info
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)

# One stamp a question: which Python made the environment, which packages are in it.
$(VENV)/python-$(VERSION).stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Python has no venv module: installing Debian's python3-venv"; \
	    apt-get update -qq && apt-get install -y -qq python3-venv; \
	  else echo "Python has no venv module. On Debian: sudo apt install python3-venv"; exit 1; fi; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/run.stamp: $(VENV)/python-$(VERSION).stamp requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
