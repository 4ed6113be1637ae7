# Each target does its own set-up; `make help` lists them.
#
# SVH_TORCH names the folder of an installed PyTorch 2.11.0 (where `import torch` finds it) to build and run with; without it, the CPU part of that version is
# downloaded once into the cache. CARGO_TARGET_DIR moves the build folder.

PYTHON ?= python3
CARGO ?= cargo
COHORT ?= datasets/demo
OUT := $(or $(CARGO_TARGET_DIR),target)
BIN := $(OUT)/release

# Tests that cannot run on this machine append a line each (tests/src/skip.rs).
SKIPPED := $(abspath $(OUT))/skipped.txt

# The folder of libtorch, found or downloaded when a recipe needs it.
WITH_TORCH = LIBTORCH="$$($(PYTHON) build/libtorch.py)" && export LIBTORCH &&

.PHONY: help build run test lint bench dist wheel gpu

help:
	@echo 'make run     build everything and open the workbench on $(COHORT) (set COHORT for another cohort)'
	@echo 'make test    run every test'
	@echo 'make build   build $(BIN)/svh and $(BIN)/svh-engine'
	@echo 'make lint    check formatting, clippy warnings, unused dependencies and circles of files'
	@echo 'make bench   measure speed on this machine and compare it with torchvision (downloads 3 GB once, unless TORCHVISION_PYTHON names a'
	@echo '             Python with torch, torchvision, numpy and pillow, or is off)'
	@echo 'make dist    make an archive for a server that has PyTorch but no Rust'
	@echo 'make wheel   make the same as a wheel: pip install dist/svh-*.whl, on a machine with Python'
	@echo 'make gpu     make .gpu/, which a machine with an NVIDIA card needs beside this checkout for the GPU checks (build/gpu/README.md); FILMS="..."'
	@echo '             adds films'

build:
	$(WITH_TORCH) $(CARGO) build --release --workspace --bins

run: build
	@$(BIN)/svh "$(COHORT)"

# The end-to-end tests use the programs that `build` leaves.
test: build
	$(PYTHON) -m unittest discover -q -s build/judge -t build
	@rm -f "$(SKIPPED)"
	@$(WITH_TORCH) export SVH_SKIPPED="$(SKIPPED)" && { status=0; $(CARGO) test --release --workspace || status=$$?; \
	if [ -s "$(SKIPPED)" ]; then echo "$$(wc -l <"$(SKIPPED)") skipped on this machine:"; cat "$(SKIPPED)"; else echo 'no test was skipped'; fi; exit $$status; }

# The build profile is that of `test`, so that both share what build scripts and macros need.
lint:
	$(CARGO) fmt --all --check
	$(PYTHON) build/unused.py
	$(PYTHON) build/circles.py
	$(WITH_TORCH) $(CARGO) clippy --release --workspace --all-targets -- -D warnings

bench: build
	$(WITH_TORCH) $(CARGO) build --release --workspace --example bench_tables --example bench_tui
	@$(PYTHON) build/bench.py "$(BIN)"

dist:
	@$(PYTHON) build/dist.py "$(OUT)"

wheel:
	@$(PYTHON) build/wheel.py "$(OUT)"

gpu:
	@$(PYTHON) build/gpu/archive.py "$(OUT)" $(FILMS)
