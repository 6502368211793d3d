# SPDX-License-Identifier: MIT
# The front door: installs what is missing, then hands over to make/main.mk. Two steps, because the second cannot
# even be read without a compiler. `make help` lists the goals.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)
MAIN := $(MAKE) -f make/main.mk
SETUP := $(PYTHON) tools/setup.py

PLAIN := clean help doctor
GOALS := run run-tests iso test test-twice test-long host fuzz bench bench-compare bench-accept mutate debug debug-int gdb check format screenshot toolchain
# what each goal needs beyond building and booting (groups of tools/packages.py)
GROUPS_test := test
GROUPS_test-twice := test
GROUPS_test-long := test
GROUPS_host := test
GROUPS_fuzz := test
GROUPS_bench := test
GROUPS_bench-compare := test
GROUPS_bench-accept := test
GROUPS_mutate := test
GROUPS_debug := debug
GROUPS_debug-int := test
GROUPS_gdb := debug
GROUPS_check := test check
GROUPS_format := check
GROUPS_toolchain := toolchain

.PHONY: all $(PLAIN) $(GOALS)
all:
	@$(SETUP) build
	+@$(MAIN) all

$(PLAIN):
	+@$(MAIN) $@

$(GOALS):
	@$(SETUP) build run $(GROUPS_$@)
	+@$(MAIN) $@

# Any other goal is a file of the build: `make build/servers/vga.elf`
%: FORCE
	+@$(MAIN) $@
Makefile: ;
FORCE: ;
