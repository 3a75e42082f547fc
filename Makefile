# Tonewright: every target sets up what it needs. Start with `make demo`.
VENV := .venv
PYTHON := $(VENV)/bin/python

.PHONY: setup demo test lint bench clean

setup: $(VENV)/.ready

demo: $(VENV)/.ready
	$(VENV)/bin/tonewright demo --out demo-out

test: $(VENV)/.ready
	$(PYTHON) -m pytest -q -n 2 --dist worksteal

lint: $(VENV)/.ready .typing/tonewright
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy -p tonewright.dsp -p tonewright.models -p tonewright.desktop -p tonewright.resources

bench: $(VENV)/.ready
	$(PYTHON) -m pip install -q -e '.[benchmark]'
	$(PYTHON) tests/benchmarks/engine.py

$(VENV)/.ready: pyproject.toml .ci/setup .ci/packages.txt
	.ci/setup $(VENV)
	touch $@

# mypy does not see through an editable install whose folders are renamed.
.typing/tonewright:
	mkdir -p $@.part
	for package in dsp models desktop resources; do ln -sfn $(CURDIR)/$$package $@.part/$$package; done
	mv $@.part $@

clean:
	rm -rf $(VENV) .typing build demo-out
