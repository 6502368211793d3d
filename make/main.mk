# SPDX-License-Identifier: MIT
# The build itself. Everything it makes lies in BUILD; BUILD=elsewhere keeps two builds apart.
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDEXPANSION:

.PHONY: all
all:

include make/config.mk
include make/user.mk
include make/kernel.mk
include make/debug_kernel.mk
include make/compile_commands.mk
include make/image.mk
include make/tests.mk
include make/check.mk
include make/toolchain.mk
include make/help.mk

all: $(KERNEL) $(SHIM) $(IMAGES) $(SYSTEM) $(COMMANDS)
	@:

.PHONY: clean FORCE
clean: ## remove everything that was built (not the cross compiler)
	$Q find $(BUILD) -mindepth 1 -maxdepth 1 ! -name toolchain -exec rm -rf {} + 2>/dev/null || true
