# Each target does all its own set-up; `make help` says what there is.
#
# SVH_TORCH names an installed PyTorch 2.11.0 (the folder that `import torch` comes from) to build against and to run with; without it the CPU
# part of that version is fetched once into the cache. CARGO_TARGET_DIR moves the build folder.

PYTHON ?= python3
CARGO ?= cargo
COHORT ?= datasets/demo
OUT := $(or $(CARGO_TARGET_DIR),target)
BIN := $(OUT)/release

# The folder of libtorch, found or fetched when a recipe needs it.
WITH_TORCH = LIBTORCH="$$($(PYTHON) build/libtorch.py)" && export LIBTORCH &&

.PHONY: help build run test lint bench dist gpu

help:
	@echo 'make run     build everything and open the workbench on $(COHORT) (COHORT=... for another)'
	@echo 'make test    every test'
	@echo 'make build   $(BIN)/svh and $(BIN)/svh-engine'
	@echo 'make lint    formatting and clippy, warnings are errors'
	@echo 'make bench   the speeds that the README states, measured on this machine; beside torchvision too: 3 GB are fetched once, unless'
	@echo '             TORCHVISION_PYTHON names a Python that has it, or is off'
	@echo 'make dist    an archive for a server that has PyTorch and no Rust'
	@echo 'make gpu     .gpu/, what a machine with an NVIDIA card needs beside this checkout to be tried (build/gpu/README.md); FILMS="..." go along'

build:
	$(WITH_TORCH) $(CARGO) build --release --workspace --bins

run: build
	@$(BIN)/svh "$(COHORT)"

# The end-to-end tests use the programs that `build` leaves.
test: build
	@if $(CARGO) fmt --version >/dev/null 2>&1; then $(CARGO) fmt --all --check; else echo 'make: rustfmt is not installed, the formatting is not checked'; fi
	$(PYTHON) -m unittest discover -q -s build/judge -t build
	$(WITH_TORCH) $(CARGO) test --release --workspace

lint:
	$(CARGO) fmt --all --check
	$(WITH_TORCH) $(CARGO) clippy --release --workspace --all-targets -- -D warnings

bench: build
	$(WITH_TORCH) $(CARGO) build --release --workspace --example bench_tables --example bench_tui
	@$(PYTHON) build/bench.py "$(BIN)"

dist:
	@$(PYTHON) build/dist.py "$(OUT)"

gpu:
	@$(PYTHON) build/gpu/archive.py "$(OUT)" $(FILMS)
