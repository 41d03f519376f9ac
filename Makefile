# The front door. CMake does the building; this file knows the order of things and what to type.
#
# What a target needs is installed once, by vendor/install, which leaves a stamp in build/; the stamp
# is out of date when vendor/packages.txt changes, so a second `make run` asks nobody anything.

SCENE ?= scripts/packets/ping-pong.lua
PREFIX ?= /usr/local
TESTS ?= tests
WORKERS ?= $(shell n=$$(nproc); echo $$((n > 4 ? 4 : n)))

# The distribution's Python, since its packages bring pytest; another one may stand first in PATH.
PYTHON ?= /usr/bin/python3
unexport PYTHONPATH PYTHONHOME
export PYTHONNOUSERSITE = 1

# The first build shows its progress, later ones only what goes wrong.
compile = cmake --build build/$(1) $(if $(wildcard build/$(1)/wirescene),-- --quiet | sed '/no work to do/d')

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: run build test test-long soak bench lint format reference install deb clean help

run: build ## play a scene: make run SCENE=scripts/…  ARGS="--lang ko"
	@build/release/wirescene run $(SCENE) $(ARGS)

build: build/release/build.ninja ## build/release/wirescene
	@$(call compile,release)

test: build build/debug/build.ninja ## all tests, on both builds: make test TESTS=tests/unit ARGS="-k heap"
	@$(call compile,debug)
	@$(PYTHON) -m pytest -n $(WORKERS) --dist loadgroup $(TESTS) $(ARGS)

test-long: build ## tests that take minutes
	@$(PYTHON) -m pytest -n $(WORKERS) -m long $(TESTS) $(ARGS)

soak: build ## every scene 20 times while the machine is busy
	@tests/soak build/release/wirescene

bench: build build/installed-bench ## what it costs, next to others: make bench ARGS="stream echo"
	@cmake --build build/release --target bench -- --quiet | sed '/no work to do/d'
	@tests/bench/bench $(ARGS)

lint: build ## form, suspicious code, includes against the order of rooms
	find engine tests -name '*.[ch]' | xargs clang-format --dry-run -Werror
	find engine -name '*.c' | xargs -P $(WORKERS) -n 1 clang-tidy -p build/release --quiet 2>&1 | sed '/warnings* generated/d'
	tests/arrows

format: build/installed-test ## bring engine/ and tests/ into form
	find engine tests -name '*.[ch]' | xargs clang-format -i

reference: build ## scripts/REFERENCE.md, from engine/script/language/wirescene.lua
	@build/release/wirescene language --page >scripts/REFERENCE.md

install: build ## into $(DESTDIR)$(PREFIX), /usr/local unless told
	@cmake --install build/release --prefix $(PREFIX)

deb: build ## build/wirescene_….deb, for Debian and Ubuntu
	@cd build/release && cpack -G DEB | sed -n 's/^CPack: - package: \(.*\) generated\./\1/p'

clean: ## remove what was built
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

# Unit tests are built where cmocka is; so it must be there before CMake looks around. Goals that
# need no tests do not ask for it.
needs := build/installed-build
ifneq ($(filter test test-long lint,$(MAKECMDGOALS)),)
needs += build/installed-test
endif
ifneq ($(filter test soak,$(MAKECMDGOALS)),)
needs += build/installed-programs
endif
ifneq ($(filter test deb,$(MAKECMDGOALS)),)
needs += build/installed-package
endif

build/%/build.ninja: CMakePresets.json $(needs)
	@cmake --preset $*
	@touch $@

build/installed-build build/installed-test build/installed-programs build/installed-package build/installed-bench: build/installed-%: vendor/packages.txt
	@vendor/install $*
	@mkdir -p build && touch $@
