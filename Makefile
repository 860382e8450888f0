# `make help` lists the targets for people.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

VERSION := 1.0.0
PYTHON ?= /usr/bin/python3
CC = gcc

# Sources for only one kind of build, because libcurl uses a different TLS library in each.
FOR_STATIC := src/system/trust_mbedtls.c
FOR_DEVELOPMENT := src/system/trust_curl.c
ALL_SOURCES := $(sort $(wildcard src/*.c src/*/*.c))
SOURCES := $(filter-out $(FOR_STATIC),$(ALL_SOURCES))
RELEASE_SOURCES := $(filter-out $(FOR_DEVELOPMENT),$(ALL_SOURCES))
HEADERS := $(sort $(wildcard src/*/*.h))
LIBRARIES := libarchive libcurl libcjson libisal libsodium

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
all: build/development/depot-build-push ## build the program against this machine's libraries

build/development/depot-build-push: $(OBJECTS)
	@echo '  LD $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

build/sanitized/depot-build-push: $(CHECKED)
	@echo '  LD $@'
	@$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Without this check, the compiler would only name a missing header.
.PHONY: libraries
libraries:
	@command -v $(CC) >/dev/null && pkg-config --exists --print-errors $(LIBRARIES) || \
		{ echo 'A development build needs $(CC), pkg-config and $(LIBRARIES): run `make install-packages`' >&2; exit 1; }

build/development/%.o: src/%.c | libraries
	@mkdir -p $(@D)
	@echo '  CC $@'
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

build/sanitized/%.o: src/%.c | libraries
	@mkdir -p $(@D)
	@echo '  CC $@'
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(SANITIZE) -MMD -MP -c -o $@ $<

build/unit/%: tests/unit/%.c $(filter-out build/sanitized/main.o,$(CHECKED))
	@mkdir -p $(@D)
	@echo '  CC $@'
	@$(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) $(SANITIZE) -MMD -MP -o $@ \
		$(filter %.c %.o,$^) $(LDLIBS) -lcmocka

-include $(OBJECTS:.o=.d) $(CHECKED:.o=.d) $(UNIT_TESTS:=.d)

# The programs that users run: static and reproducible, one for each row of deps/targets that is in PLATFORMS. dist/ is a
# copy of build/dist, which is committed only before a release: docs/release.md.
PLATFORMS := Linux-X64 Linux-ARM64
RELEASES := $(PLATFORMS:%=build/dist/%/depot-build-push)
# The program has a size limit, so its sources are compiled with -Oz, which reaches clang only through -Xclang: zig
# would make -Os of it. -O2 is for zig's own runtime library, whose memcpy copies byte by byte with -Os.
RELEASE_FLAGS := -std=c11 $(WARNINGS) -Isrc -D_GNU_SOURCE \
	-DVERSION='"$(VERSION)"' -O2 -Xclang -Oz

.PHONY: static
static: build/dist/SHA256SUMS ## build the static programs that users run, into build/dist

build/dist/%/depot-build-push: $(RELEASE_SOURCES) $(HEADERS) $(wildcard deps/*) Makefile
	@mkdir -p $(@D)
	@deps/build $*
	@echo '  CC $@'
	@$$(deps/build --print cc $*) $$(deps/build --print cflags $*) $(RELEASE_FLAGS) $(RELEASE_SOURCES) -o $@ \
		$$(deps/build --print ldflags $*) $$(deps/build --print libs $*)

build/dist/SHA256SUMS: $(RELEASES)
	@cp build/deps/$(firstword $(PLATFORMS))/THIRD_PARTY_LICENSES $(@D)
	@cd $(@D) && sha256sum $(RELEASES:build/dist/%=%) > SHA256SUMS

.PHONY: dist
dist: static ## put the static programs into dist/, for a maintainer to commit before a release
	@rm -rf dist
	@cp -R build/dist dist

.PHONY: check-dist
check-dist: install-packages ## build the static programs again and compare them with dist/
	@rm -rf build/dist
	@$(MAKE) --no-print-directory static
	@diff -rq build/dist dist || \
		{ echo 'dist/ differs from what src/ and deps/ produce: see docs/release.md' >&2; exit 1; }

.PHONY: install-packages
install-packages: ## install the Debian packages that building, testing and the demo need
	@tests/world/install deps/packages.txt tests/world/packages.txt

.PHONY: demo
demo: ## run the main job on real parts: push with OIDC, and a fork's pull request
	@tests/world/install tests/world/packages.txt
	@$(PYTHON) tests/demo.py

.PHONY: pictures
pictures: all ## make the pictures of job summaries in docs/summary
	@tests/world/install tests/world/packages.txt docs/summary/packages.txt
	@$(PYTHON) tests/pictures.py

# Tests spend most of their time waiting, so there are more workers than processors.
TEST_WORKERS := $(shell echo $$((2 * $$(nproc))))
PYTEST = $(PYTHON) -m pytest -q -n $(TEST_WORKERS) --dist loadgroup

UNIT_RUNS := $(UNIT_TESTS:%=%.run)
.PHONY: unit $(UNIT_RUNS)
unit: $(UNIT_RUNS) ## build and run the unit tests; needs no root, and is faster with -j

$(UNIT_RUNS): %.run: %
	@said=$$($< 2>&1) && echo '  OK $<' || { printf '%s\n' "$$said" '  FAILED $<'; exit 1; }

.PHONY: test
test: install-packages ## run the tests: unit, integration, end-to-end and workflows
	@$(MAKE) --no-print-directory test-programs
	@$(PYTEST) -m 'not long' tests

.PHONY: test-long
test-long: install-packages ## run the tests that take minutes each
	@$(MAKE) --no-print-directory test-programs
	@$(PYTEST) -m long tests

.PHONY: test-fresh
test-fresh: install-packages ## run README's commands on a bare Debian 12 and a bare 13, made for it; needs root
	@tests/fresh bookworm
	@tests/fresh trixie

.PHONY: test-workflows
test-workflows: install-packages ## run the examples and other workflows in a workflow engine
	@$(MAKE) --no-print-directory test-programs
	@$(PYTEST) tests/workflows

.PHONY: test-programs
test-programs: all static build/sanitized/depot-build-push $(UNIT_TESTS)

UNIT_FILES := $(wildcard tests/unit/*/*.c tests/unit/*.h fuzz/*.[ch] bench/*.c)

FUZZERS := $(patsubst fuzz/%.c,build/fuzz/%,$(sort $(wildcard fuzz/*.c)))
FUZZED := $(patsubst src/%.c,build/fuzzed/%.o,$(filter-out src/main.c,$(SOURCES)))
FUZZ_SECONDS := 60

.PHONY: fuzz
fuzz: install-packages ## fuzz each parser for FUZZ_SECONDS (60), from the corpus in fuzz/corpus
	@$(MAKE) --no-print-directory $(FUZZERS)
	@printf '%s\n' $(FUZZERS) | xargs -n 1 -P "$$(nproc)" fuzz/run $(FUZZ_SECONDS)

build/fuzz/%: fuzz/%.c fuzz/fuzz.h $(FUZZED)
	@mkdir -p $(@D)
	@echo '  LD $@'
	@clang $(CPPFLAGS) $(CFLAGS) $(SANITIZE) -fsanitize=fuzzer -o $@ $< $(FUZZED) $(LDLIBS)

build/fuzzed/%.o: src/%.c
	@mkdir -p $(@D)
	@echo '  CC $@'
	@clang $(CPPFLAGS) $(CFLAGS) $(SANITIZE) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

# Several fuzzers are built from these, so make must not delete them.
.SECONDARY: $(FUZZED)
-include $(FUZZED:.o=.d)

.PHONY: lint
lint: install-packages ## check the format and run the static analysers
	@$(MAKE) --no-print-directory analyse

.PHONY: analyse
analyse:
	clang-format --dry-run -Werror $(ALL_SOURCES) $(HEADERS) $(UNIT_FILES)
	clang-tidy --quiet $(SOURCES) -- -std=c11 $(CPPFLAGS) 2>/dev/null
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
		--inline-suppr -Isrc -DVERSION='"$(VERSION)"' src
	shellcheck .github/canary/verify .ci/run .ci/dist-is-current fuzz/run deps/build deps/fetch tests/fresh tests/world/install
	pyflakes3 tests bench

.PHONY: format
format: ## format the sources
	clang-format -i $(ALL_SOURCES) $(HEADERS) $(UNIT_FILES)

.PHONY: bench
bench: install-packages ## measure what the step and the build cost: bench/results.md and its charts
	@$(PYTHON) bench/step.py
	@$(PYTHON) bench/installation.py
	@$(PYTHON) bench/throughput.py
	@$(PYTHON) bench/growth.py
	@$(PYTHON) bench/commits.py
	@$(PYTHON) bench/report.py

build/bench/bin/growth build/bench/bin/read: build/bench/bin/%: bench/%.c $(filter-out build/development/main.o,$(OBJECTS))
	@mkdir -p $(@D)
	@echo '  CC $@'
	@$(CC) $(CPPFLAGS) $(CFLAGS) -o $@ $^ $(LDLIBS)

.PHONY: clean
clean: ## remove what was built
	rm -rf build

.PHONY: help
help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 18
