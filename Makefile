# SPDX-License-Identifier: MIT
# apsysfs: build, check, install. GNU make; nothing is generated, every source is found by its folder.
# "make help" lists the targets, the variables stand below.

CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
AR      ?= ar
PREFIX  ?= /usr/local
DESTDIR ?=
RUN     ?=
SAN     ?=
V       ?= 0
DEV     ?= 0
FUZZ_SECONDS   ?= 10
PROGRAM_LIMIT  ?= 600

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),@:,@printf '  %-5s %s\n' "$(1)" "$(2)")

# A sanitizer changes every object, so each has a folder of its own.
BUILD ?= build$(if $(SAN),/$(SAN))

SAN_address := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SAN_thread  := -fsanitize=thread -fno-omit-frame-pointer
SAN_fuzzer  := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
SAN_coverage := --coverage -DAPSYSFS_COVERAGE -fprofile-update=atomic
ifneq ($(SAN),)
ifndef SAN_$(SAN)
$(error SAN=$(SAN) is not known: use SAN=address (ASan and UBSan) or SAN=thread)
endif
endif

OPTIMIZE ?= $(if $(filter coverage,$(SAN)),-O0,-O2)
WARNINGS := -Wall -Wextra -Wno-unused-parameter -Wshadow -Wconversion -Wstrict-prototypes \
	    -Wmissing-prototypes $(if $(filter 1,$(DEV)),-Werror)
CFLAGS   ?= -g
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -I. -pthread $(OPTIMIZE) $(WARNINGS) $(SAN_$(SAN)) $(CFLAGS)
ALL_LDFLAGS = -pthread $(SAN_$(SAN)) $(LDFLAGS)

# Libraries as pkg-config module=Debian package. core needs none of them.
LIBRARIES := fuse3=libfuse3-dev uuid=uuid-dev libcyaml=libcyaml-dev yaml-0.1=libyaml-dev \
	     json-c=libjson-c-dev libcap-ng=libcap-ng-dev libseccomp=libseccomp-dev \
	     zlib=zlib1g-dev
TEST_LIBRARIES := criterion=libcriterion-dev
TEST_PACKAGES := libcriterion-dev python3-jsonschema python3-yaml systemd binutils procps udev mdevctl qemu-user-static rsync kmod
BENCH_PACKAGES := bindfs lxcfs fuse-overlayfs gnuplot-nox
CI_PACKAGES := clang clang-format clang-tidy cppcheck shellcheck gcc-s390x-linux-gnu \
	       libc6-dev-s390x-cross qemu-system-misc cpio valgrind

modules = $(foreach l,$(1),$(firstword $(subst =, ,$(l))))
pkg = $(shell pkg-config $(1) $(call modules,$(2)) 2>/dev/null)
LIB_CFLAGS := $(call pkg,--cflags,$(LIBRARIES))
LIB_LIBS   := $(call pkg,--libs,$(LIBRARIES))
# hostbackend/ is compiled without FUSE's folder, so that it cannot lean on it.
HOST_CFLAGS := $(call pkg,--cflags,$(filter-out fuse3=%,$(LIBRARIES)))

objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
CORE_OBJECTS := $(call objects,$(wildcard core/*.c))
HOST_OBJECTS := $(call objects,$(wildcard hostbackend/*.c))
FS_OBJECTS   := $(call objects,$(filter-out fs/main.c,$(wildcard fs/*.c)))
HAVE_FS      := $(wildcard fs/main.c)

LIBCORE := $(BUILD)/libcore.a
LIBHOST := $(if $(HOST_OBJECTS),$(BUILD)/libhost.a)
LIBFS   := $(if $(FS_OBJECTS),$(BUILD)/libfs.a)
APSYSFS := $(if $(HAVE_FS),$(BUILD)/apsysfs)

# The unit tests: one Criterion binary for core, one more for each other folder that has tests.
SUPPORT_OBJECTS := $(call objects,$(wildcard tests/unit/support*.c))
UNIT_OBJECTS := $(call objects,$(wildcard tests/unit/test_*.c))
UNIT_FS_OBJECTS := $(call objects,$(wildcard tests/unit/fs/test_*.c))
UNIT_HOST_OBJECTS := $(call objects,$(wildcard tests/unit/hostbackend/test_*.c))
UNIT_PROGRAMS := $(if $(UNIT_OBJECTS),$(BUILD)/unit-tests) \
		 $(if $(UNIT_FS_OBJECTS),$(BUILD)/unit-tests-fs) \
		 $(if $(UNIT_HOST_OBJECTS),$(BUILD)/unit-tests-hostbackend)
# SHIM=1 takes our stand-in for Criterion, for architectures that have none.
SHIM ?= 0
ifeq ($(SHIM),1)
TEST_CFLAGS := -Itests/s390x
TEST_OBJECTS := $(BUILD)/tests/s390x/runner.o
ALL_LDFLAGS += -static
else
TEST_CFLAGS := $(call pkg,--cflags,$(TEST_LIBRARIES))
TEST_LIBS := $(call pkg,--libs,$(TEST_LIBRARIES))
endif

# Programs of one file each.
program_names = $(patsubst tests/$(1)/%.c,$(BUILD)/%,$(wildcard tests/$(1)/*.c))
# The model of policies needs hostbackend and its libraries, which a build with the stand-in does not have.
MODEL_PROGRAMS  := $(call program_names,model) $(if $(filter 1,$(SHIM)),,$(BUILD)/policy)
STRESS_PROGRAMS := $(call program_names,stress)
REPLAY_PROGRAMS := $(call program_names,replay)
TOOL_PROGRAMS   := $(call program_names,tools) $(BUILD)/attack
BENCH_PROGRAMS  := $(call program_names,bench)
PROGRAMS := $(MODEL_PROGRAMS) $(STRESS_PROGRAMS) $(REPLAY_PROGRAMS) $(TOOL_PROGRAMS) $(BENCH_PROGRAMS)
FUZZERS  := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))

SOURCES := $(wildcard core/*.[ch] fs/*.[ch] hostbackend/*.[ch])
TEST_SOURCES := $(wildcard tests/*/*.[ch] tests/*/*/*.[ch])
SCRIPTS := $(filter-out tests/corpus/%,$(wildcard .ci/run mount-examples/*.sh tests/*.sh tests/*/*.sh tests/*/*/*.sh))

.PHONY: all tests check check-unit check-model check-stress check-layers check-e2e check-replay check-instructions \
	check-s390x check-s390x-boot lint lint-format lint-cppcheck lint-tidy lint-shell format coverage fuzz \
	fuzz-programs bench bench-quick example deps deps-unit deps-test deps-bench deps-ci \
	install uninstall clean help FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(LIBCORE) $(LIBHOST) $(LIBFS) $(APSYSFS)
tests: all $(UNIT_PROGRAMS) $(PROGRAMS)

help:
	@printf '%s\n' \
	'make               build/apsysfs' \
	'make example       build it and run the worked example of the kernel document in it' \
	'make check         all tests: check-unit check-model check-stress check-layers check-e2e check-replay' \
	'make check-overlay  recordings and cases below a policy that grants all, and over a host (OVERLAY_KERNEL=6.1)' \
	'make check-s390x   unit tests, model and replay (of the last check-replay), big-endian, under emulation' \
	'make check-s390x-boot  some end-to-end cases on a booted Linux/s390x, under emulation (CASES="a b")' \
	'make check-instructions  what parsing, storing, walking cost in instructions, against tests/bench/instructions.tsv' \
	'make lint          clang-format, cppcheck, clang-tidy, shellcheck' \
	'make format        let clang-format lay out the function bodies' \
	'make coverage      lines and branches that the tests reach, file by file' \
	'make fuzz          every fuzzer for FUZZ_SECONDS (10) seconds' \
	'make bench         measures it against sysfs, tmpfs and other FUSE servers (as root); bench-quick: less of it' \
	'make install       to DESTDIR and PREFIX (/usr/local); make uninstall' \
	'make deps-bench    install what else the measurements can use' \
	'make deps-test     install what the tests need (Debian); make deps-ci: what .ci/run needs' \
	'make clean' '' \
	'SAN=address|thread with sanitizers (in build/SAN)   DEV=1 warnings are errors' \
	'V=1 show commands   CC=clang   CFLAGS=... OPTIMIZE=-O0' \
	'CASES="a b" only these end-to-end cases   ONLY=suite/test only these unit tests'

# --- what must be installed ---------------------------------------------------------------------

need = @command -v pkg-config >/dev/null || { \
	echo 'make: pkg-config is missing. Debian: apt-get install pkg-config' >&2; exit 1; }; \
	missing=; for l in $(1); do pkg-config --exists "$${l%%=*}" || missing="$$missing $${l\#*=}"; done; \
	[ -z "$$missing" ] || { \
	echo "make: libraries are missing (not known to pkg-config). Debian: apt-get install$$missing" >&2; \
	exit 1; }
need_tool = @command -v $(1) >/dev/null || { \
	echo 'make: $(1) is missing. Debian: apt-get install $(2)' >&2; exit 1; }

deps:
	$(call need,$(LIBRARIES))
deps-unit:
	$(if $(filter 1,$(SHIM)),,$(call need,$(TEST_LIBRARIES)))

apt_install = @missing=; for p in $(1); do \
	dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] || { sudo=$$(command -v sudo || true); set -x; \
	$$sudo apt-get update && $$sudo apt-get install -y --no-install-recommends $$missing; }
deps-test:
	$(call apt_install,$(TEST_PACKAGES))
deps-ci: deps-test
	$(call apt_install,$(CI_PACKAGES))

# --- compiling and linking ----------------------------------------------------------------------

# Objects follow the flags: another CC or DEV=1 rebuilds.
$(BUILD)/flags: FORCE
	@mkdir -p $(BUILD)
	@echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(SHIM)' | cmp -s - $@ || \
	echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(SHIM)' >$@

$(BUILD)/fs/%.o: FOLDER_CFLAGS = $(LIB_CFLAGS)
$(BUILD)/hostbackend/%.o: FOLDER_CFLAGS = $(HOST_CFLAGS)
$(BUILD)/tests/unit/%.o: FOLDER_CFLAGS = $(TEST_CFLAGS)
$(BUILD)/tests/s390x/%.o: FOLDER_CFLAGS = $(TEST_CFLAGS)
$(BUILD)/tests/unit/fs/%.o: FOLDER_CFLAGS = $(TEST_CFLAGS) $(LIB_CFLAGS)
$(BUILD)/tests/unit/hostbackend/%.o: FOLDER_CFLAGS = $(TEST_CFLAGS) $(HOST_CFLAGS)
$(BUILD)/tests/fuzz/%.o: FOLDER_CFLAGS = $(LIB_CFLAGS)

$(FS_OBJECTS) $(BUILD)/fs/main.o $(HOST_OBJECTS): | deps
$(UNIT_OBJECTS) $(UNIT_FS_OBJECTS) $(UNIT_HOST_OBJECTS) $(SUPPORT_OBJECTS): | deps-unit

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(FOLDER_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libcore.a: $(CORE_OBJECTS)
$(BUILD)/libhost.a: $(HOST_OBJECTS)
$(BUILD)/libfs.a: $(FS_OBJECTS)
$(BUILD)/lib%.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

link = $(call say,LD,$@)
define link_program
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^)
endef

$(BUILD)/apsysfs: $(BUILD)/fs/main.o $(LIBFS) $(LIBHOST) $(LIBCORE)
	$(link_program) $(LIB_LIBS)

$(BUILD)/unit-tests: $(UNIT_OBJECTS) $(SUPPORT_OBJECTS) $(TEST_OBJECTS) $(LIBCORE)
	$(link_program) $(TEST_LIBS)
$(BUILD)/unit-tests-fs: $(UNIT_FS_OBJECTS) $(SUPPORT_OBJECTS) $(LIBFS) $(LIBHOST) $(LIBCORE)
	$(link_program) $(TEST_LIBS) $(LIB_LIBS)
$(BUILD)/unit-tests-hostbackend: $(UNIT_HOST_OBJECTS) $(SUPPORT_OBJECTS) $(LIBHOST) $(LIBCORE)
	$(link_program) $(TEST_LIBS) $(LIB_LIBS)

define program_rule
$(BUILD)/$(notdir $(1)): $(BUILD)/$(1).o $(LIBCORE)
	$$(link_program)
endef
$(foreach p,$(basename $(wildcard $(foreach d,model stress replay tools bench,tests/$(d)/*.c))), \
	$(eval $(call program_rule,$(p))))
$(BUILD)/attack: $(call objects,$(wildcard tests/attack/*.c))
	$(link_program)
$(BUILD)/policy: $(call objects,$(wildcard tests/model/policy/*.c)) $(LIBHOST) $(LIBCORE)
	$(link_program) $(LIB_LIBS)

# --- checks -------------------------------------------------------------------------------------

# Criterion crashes under ThreadSanitizer, so there the threads are tested by plain programs.
CHECKS := $(if $(filter thread,$(SAN)),check-stress check-e2e, \
	  check-unit check-model check-stress check-layers check-e2e check-replay)
# One after the other also with -j: they share the machine's mounts, and their output stays readable.
check: tests
	$(Q)set -e; for c in $(CHECKS); do echo "== $$c"; $(MAKE) --no-print-directory $$c; done
	@echo '== check: all passed'

run_each = $(Q)set -e; for p in $(1); do \
	tests/run-program.sh $(BUILD) $(PROGRAM_LIMIT) $(RUN) $$p $(2); done

check-unit: $(UNIT_PROGRAMS)
	$(call run_each,$(UNIT_PROGRAMS),$(if $(filter 1,$(SHIM)),,--jobs 2 $(if $(ONLY),--filter '$(ONLY)')))
check-model: $(MODEL_PROGRAMS)
	$(call run_each,$(MODEL_PROGRAMS))
check-stress: $(STRESS_PROGRAMS)
	$(call run_each,$(STRESS_PROGRAMS))
check-layers: $(CORE_OBJECTS) $(HOST_OBJECTS) $(FS_OBJECTS) $(if $(HAVE_FS),$(BUILD)/fs/main.o)
	$(Q)tests/check-layers.sh $^
check-e2e: all $(TOOL_PROGRAMS) $(BENCH_PROGRAMS)
ifeq ($(HAVE_FS),)
	@echo 'check-e2e: there is no fs/main.c, so nothing to mount'
else
	$(Q)BUILD=$(BUILD) tests/e2e/run.sh $(CASES)
endif
check-replay: all $(REPLAY_PROGRAMS) $(TOOL_PROGRAMS)
	$(Q)rm -rf $(BUILD)/traces && mkdir -p $(BUILD)/traces
	$(Q)BUILD=$(BUILD) TRACES=$(CURDIR)/$(BUILD)/traces tests/replay/run.sh
	$(Q)for t in $(BUILD)/traces/*; do printf '%s\0' "$$t"; done | \
		xargs -0 $(BUILD)/player | awk -f tests/replay/played.awk

check-instructions: $(BUILD)/instructions
	$(Q)BUILD=$(BUILD) tests/bench/instructions.sh

# The overlay adds nothing and hides nothing: recordings below a policy that grants all and over a host, and cases.
OVERLAY_KERNEL ?= 7.2
OVERLAY_HOST ?= p03 p04 p13 p20
OVERLAY_CASES ?= three-guests scenario modules show sudo client-mdevctl-1.2 client-s390-tools-2.16 user-client-guests user-dev \
	user-guest-hotplug
# kernel 6.1: what waits for a guest looks otherwise than in later ones
OVERLAY_WAITING ?= p11 p36
OVERLAY_HOST_CASES ?= three-guests show machine guest-hotplug
check-overlay: all $(TOOL_PROGRAMS)
	$(Q)OVERLAY=policy KERNEL="$(OVERLAY_KERNEL)" BUILD=$(BUILD) tests/replay/run.sh
	$(Q)OVERLAY=host-policy SECONDS_EACH=300 KERNEL="$(OVERLAY_KERNEL)" ONLY="$(OVERLAY_HOST)" BUILD=$(BUILD) tests/replay/run.sh
	$(Q)OVERLAY=host KERNEL=6.1 ONLY="$(OVERLAY_WAITING)" BUILD=$(BUILD) tests/replay/run.sh
	$(Q)OVERLAY=policy BUILD=$(BUILD) tests/e2e/run.sh $(OVERLAY_CASES)
	$(Q)OVERLAY=host BUILD=$(BUILD) tests/e2e/run.sh $(OVERLAY_HOST_CASES)

check-s390x:
	$(call need_tool,s390x-linux-gnu-gcc,gcc-s390x-linux-gnu libc6-dev-s390x-cross)
	$(call need_tool,qemu-s390x-static,qemu-user-static)
	$(Q)$(MAKE) --no-print-directory BUILD=build/s390x CC=s390x-linux-gnu-gcc \
		AR=s390x-linux-gnu-ar SHIM=1 RUN=qemu-s390x-static UNIT_FS_OBJECTS= UNIT_HOST_OBJECTS= \
		UNIT_PROGRAMS=build/s390x/unit-tests build/s390x/player check-unit check-model
	$(Q)if [ build/traces -nt build/apsysfs ]; then \
		for t in build/traces/*; do printf '%s\0' "$$t"; done | \
		xargs -0 qemu-s390x-static build/s390x/player | awk -f tests/replay/played.awk; \
	else echo 'skip: the replay on s390x needs traces of this build; "make check-replay" leaves them in build/traces'; fi

check-s390x-boot:
	$(Q)tests/s390x/boot.sh $(CASES)

bench: all $(BENCH_PROGRAMS)
	$(Q)BUILD=$(BUILD) tests/bench/run.sh
bench-quick: all $(BENCH_PROGRAMS)
	$(Q)BUILD=$(BUILD) ROUNDS=3 SECONDS_EACH=0.03 ADAPTERS="2 16" MDEVS=2048 tests/bench/run.sh
deps-bench:
	$(call apt_install,$(BENCH_PACKAGES))

COVERAGE_OF ?= check-unit check-model check-e2e check-replay
coverage:
	$(Q)$(MAKE) --no-print-directory SAN=coverage tests
	$(Q)find build/coverage -name '*.gcda' -delete
	$(Q)set -e; for c in $(COVERAGE_OF); do $(MAKE) --no-print-directory SAN=coverage $$c; done
	$(Q)tests/coverage.sh build/coverage

fuzz:
	$(call need_tool,clang,clang)
	$(Q)$(MAKE) --no-print-directory SAN=fuzzer CC=clang fuzz-programs
	$(Q)FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run.sh $(patsubst $(BUILD)/%,build/fuzzer/%,$(FUZZERS))
fuzz-programs: $(FUZZERS)
$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(LIBFS) $(LIBHOST) $(LIBCORE)
	$(call say,LD,$@)
	$(Q)$(CC) -pthread -fsanitize=fuzzer,address,undefined $(LDFLAGS) -o $@ $^ $(LIB_LIBS)

# --- style --------------------------------------------------------------------------------------

lint: lint-format lint-cppcheck lint-tidy lint-shell
lint-format:
	$(call need_tool,clang-format,clang-format)
	$(Q)tests/check-format.sh $(SOURCES) $(TEST_SOURCES)
format:
	$(call need_tool,clang-format,clang-format)
	$(Q)tests/check-format.sh --fix $(SOURCES) $(TEST_SOURCES)
lint-cppcheck:
	$(call need_tool,cppcheck,cppcheck)
	$(Q)cppcheck --quiet --std=c11 --language=c -j 2 -I. -D_GNU_SOURCE --error-exitcode=1 \
		--enable=warning,portability,performance --inline-suppr --suppress=missingIncludeSystem \
		$(filter %.c,$(SOURCES))
lint-tidy:
	$(call need_tool,clang-tidy,clang-tidy)
	$(Q)printf '%s\n' $(filter %.c,$(SOURCES)) | xargs -P 2 -n 4 sh -c \
		'clang-tidy --quiet "$$@" -- -std=c17 -D_GNU_SOURCE -I. $(LIB_CFLAGS) 2>/dev/null' sh
lint-shell:
	$(call need_tool,shellcheck,shellcheck)
	$(Q)shellcheck --severity=warning $(SCRIPTS)

# --- installing ---------------------------------------------------------------------------------

BIN := $(DESTDIR)$(PREFIX)/bin
MAN := $(DESTDIR)$(PREFIX)/share/man
DOC := $(DESTDIR)$(PREFIX)/share/doc/apsysfs
COMPLETIONS := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
MAN_PAGES := $(wildcard fs/man/*.[1-8])
COMPLETION := $(wildcard fs/completion/apsysfs)

example: all
	$(Q)$(BUILD)/apsysfs run -- sh mount-examples/three-guests.sh

install: all
	install -D -m 755 $(BUILD)/apsysfs $(BIN)/apsysfs
	$(Q)set -e; for m in $(MAN_PAGES); do \
		install -v -D -m 644 $$m $(MAN)/man$${m##*.}/$${m##*/}; done
	$(if $(COMPLETION),install -D -m 644 $(COMPLETION) $(COMPLETIONS)/apsysfs)
	install -D -m 644 README.md $(DOC)/README.md
	install -D -m 644 LICENSE $(DOC)/copyright
	install -d $(DOC)/examples
	install -m 755 $(wildcard mount-examples/*.sh) $(DOC)/examples
	install -d $(DOC)/schema
	install -m 644 $(wildcard fs/schema/*.json) $(DOC)/schema
	install -m 644 $(wildcard mount-examples/*.yaml mount-examples/*.conf mount-examples/*.service) $(DOC)/examples

uninstall:
	rm -f $(BIN)/apsysfs $(COMPLETIONS)/apsysfs
	$(Q)set -e; for m in $(MAN_PAGES); do rm -fv $(MAN)/man$${m##*.}/$${m##*/}; done
	rm -rf $(DOC)

clean:
	rm -rf build

-include $(shell find $(BUILD) -path '*/clients' -prune -o -type f -name '*.d' -print 2>/dev/null)
