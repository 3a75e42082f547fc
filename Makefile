# Tonewright: every target sets up what it needs. Start with `make demo`.
VENV := .venv
PYTHON := $(VENV)/bin/python

.PHONY: setup demo run plugin test lint bench clean

setup: $(VENV)/.desktop

demo: $(VENV)/.engine
	$(VENV)/bin/tonewright demo --out demo-out

run: $(VENV)/.desktop
	$(VENV)/bin/tonewright-desktop --demo

plugin: $(VENV)/.plugin
	$(MAKE) -C desktop/plugin OUT=$(CURDIR)/build/plugin all
	$(MAKE) -C desktop/plugin OUT=$(CURDIR)/build/plugin NAME=tonewright-mono CHANNELS=1 all
	@echo "Copy build/plugin/*.vst3 to ~/.vst3, *.clap to ~/.clap and *.lv2 to ~/.lv2."

test: $(VENV)/.test
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -q -n 2 --dist worksteal

lint: $(VENV)/.test .typing/tonewright
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy -p tonewright.dsp -p tonewright.models -p tonewright.desktop -p tonewright.resources

bench: $(VENV)/.test
	$(PYTHON) -m pip install -q -e '.[benchmark]'
	$(PYTHON) tests/benchmarks/engine.py
	$(PYTHON) tests/benchmarks/desktop.py

$(VENV)/.%: pyproject.toml .ci/setup .ci/packages/%.txt
	.ci/setup $(VENV) $*
	touch $@

# mypy does not see through an editable install whose folders are renamed.
.typing/tonewright:
	mkdir -p $@.part
	for package in dsp models desktop resources; do ln -sfn $(CURDIR)/$$package $@.part/$$package; done
	mv $@.part $@

clean:
	rm -rf $(VENV) .typing build demo-out
