# `make help` lists what a person needs.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

VERSION := 1.0.0
PYTHON ?= /usr/bin/python3
CC = gcc

# What the runner calls this machine (RUNNER_OS-RUNNER_ARCH).
PLATFORM := Linux-$(patsubst x86_64,X64,$(patsubst aarch64,ARM64,$(shell uname -m)))

SOURCES := $(sort $(wildcard src/*.c src/*/*.c))
HEADERS := $(sort $(wildcard src/*/*.h))
LIBRARIES := libcurl libcjson libsodium

WARNINGS := -Wall -Wextra -Wpedantic -Werror -Wshadow -Wpointer-arith -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wformat=2 -Wvla -Wundef \
	-Wconversion -Wno-missing-field-initializers
CPPFLAGS := -Isrc -D_GNU_SOURCE -DVERSION='"$(VERSION)"' \
	$(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null)
CFLAGS = -std=c11 -O2 -g $(WARNINGS)
LDLIBS := $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

OBJECTS := $(SOURCES:src/%.c=build/development/%.o)
CHECKED := $(SOURCES:src/%.c=build/sanitized/%.o)
UNIT_TESTS := $(patsubst tests/unit/%.c,build/unit/%,$(sort $(wildcard tests/unit/*/*.c)))

.PHONY: all
all: dist/$(PLATFORM)/depot-build-push ## build the program against this machine's libraries

dist/$(PLATFORM)/depot-build-push: build/development/depot-build-push
	@mkdir -p $(@D)
	@cp $< $@

build/development/depot-build-push: $(OBJECTS)
	@echo '  LD $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

build/sanitized/depot-build-push: $(CHECKED)
	@echo '  LD $@'
	@$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LDLIBS)

build/development/%.o: src/%.c
	@mkdir -p $(@D)
	@echo '  CC $@'
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

build/sanitized/%.o: src/%.c
	@mkdir -p $(@D)
	@echo '  CC $@'
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(SANITIZE) -MMD -MP -c -o $@ $<

build/unit/%: tests/unit/%.c $(filter-out build/sanitized/main.o,$(CHECKED))
	@mkdir -p $(@D)
	@echo '  CC $@'
	@$(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) $(SANITIZE) -MMD -MP -o $@ $^ $(LDLIBS) -lcmocka

-include $(OBJECTS:.o=.d) $(CHECKED:.o=.d) $(UNIT_TESTS:=.d)

.PHONY: install-packages
install-packages:
	@tests/world/install deps/packages.txt tests/world/packages.txt

.PHONY: demo
demo: install-packages ## run the main job on real parts: push with OIDC, and a fork's pull request
	@$(MAKE) --no-print-directory all
	@$(PYTHON) tests/demo.py

.PHONY: test
test: install-packages ## run the unit, integration and end-to-end tests
	@$(MAKE) --no-print-directory test-programs
	@$(PYTHON) -m pytest -q tests

.PHONY: test-programs
test-programs: all build/sanitized/depot-build-push $(UNIT_TESTS)

.PHONY: lint
lint: install-packages ## check the format and run the static analysers
	clang-format --dry-run -Werror $(SOURCES) $(HEADERS) $(wildcard tests/unit/*/*.[ch] tests/unit/*.h)
	clang-tidy --quiet $(SOURCES) -- -std=c11 $(CPPFLAGS)
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
		--inline-suppr -Isrc -DVERSION='"lint"' src
	shellcheck tests/world/install .ci/run

.PHONY: format
format: ## format the sources
	clang-format -i $(SOURCES) $(HEADERS) $(wildcard tests/unit/*/*.[ch] tests/unit/*.h)

.PHONY: clean
clean: ## remove what was built
	rm -rf build dist

.PHONY: help
help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12
