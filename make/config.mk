# SPDX-License-Identifier: MIT
# Tools, flags, and the helpers that all parts of the build use.
BUILD ?= build
# One name for one folder: with build/ and its absolute path in turn, flags would differ and all be built again.
override BUILD := $(patsubst $(CURDIR)/%,%,$(abspath $(BUILD)))
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-8s%s\n' '$(1)' '$(2)')

PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)
export PYTHONDONTWRITEBYTECODE := 1

# The cross compiler of `make toolchain` where it was built, otherwise the native one. (`CC ?=` would never take
# effect: make predefines CC.) CC=clang builds with the second compiler.
TOOLCHAIN := build/toolchain
CROSS := $(if $(wildcard $(TOOLCHAIN)/bin/x86_64-elf-gcc),$(TOOLCHAIN)/bin/x86_64-elf-)
ifeq ($(origin CC),default)
CC := $(CROSS)gcc
endif
ifeq ($(origin LD),default)
LD := $(CROSS)ld
endif
ifeq ($(origin AR),default)
AR := $(CROSS)ar
endif
NM := $(CROSS)nm
OBJCOPY := $(CROSS)objcopy
CPP := gcc -E -P -undef -x assembler-with-cpp
NASM := nasm

IS_CLANG := $(findstring clang,$(CC))
# Two folders in a cross compiler; what a compiler does not have it names without a path.
COMPILER_INCLUDES := $(foreach f,$(shell for f in include include-fixed; do $(CC) -print-file-name=$$f 2>/dev/null; done),\
    $(if $(findstring /,$(f)),-isystem $(f)))

# What -O2 means here can be overridden: `make OPTIMISE=-O0 BUILD=build/O0`
OPTIMISE ?= -O2
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Werror \
    -Wframe-larger-than=1024 $(if $(IS_CLANG),-Wno-sign-conversion)
# No host headers: only the compiler's own (stdint.h and the like; GCC's limits.h looks for a libc's unless told that it is
# there). The file names in debug information and in asserts
# are those of the tree, so that two builds in two places are the same bytes.
COMMON_FLAGS := $(if $(IS_CLANG),--target=x86_64-unknown-none-elf) -std=c17 -ffreestanding -nostdinc -D_LIBC_LIMITS_H_ \
    $(COMPILER_INCLUDES) -I. -I$(BUILD)/gen -fno-pic -fno-pie -fno-asynchronous-unwind-tables \
    -fno-unwind-tables -fno-stack-protector -fcf-protection=none -fno-omit-frame-pointer -fno-common \
    -ffile-prefix-map=$(CURDIR)/= -ffile-prefix-map=$(BUILD)/=build/ $(OPTIMISE) -g $(WARNINGS)
KERNEL_FLAGS := $(COMMON_FLAGS) -mcmodel=kernel -mno-red-zone -mgeneral-regs-only
USER_FLAGS := $(COMMON_FLAGS) -mgeneral-regs-only
FPU_FLAGS := $(COMMON_FLAGS) -msse2
# A large local array must meet the guard page below the stack, not jump over it.
USER_FLAGS += $(if $(IS_CLANG),,-fstack-clash-protection)
FPU_FLAGS += $(if $(IS_CLANG),,-fstack-clash-protection)
LINK_FLAGS := -nostdlib -static -z max-page-size=4096 -z separate-code -z noexecstack --build-id=none \
    --fatal-warnings --no-warn-rwx-segments
NASM_FLAGS := -f elf64 -Werror -i ./ -i $(BUILD)/gen/

# memcpy and friends must not be turned into calls of themselves.
NO_SELF_CALL := -fno-builtin $(if $(IS_CLANG),,-fno-tree-loop-distribute-patterns)
FLAGS_common/mem.c := $(NO_SELF_CALL)
FLAGS_common/memcmp.c := $(NO_SELF_CALL)
FLAGS_common/string.c := $(NO_SELF_CALL)
FLAGS_common/string_more.c := $(NO_SELF_CALL)

# $(call stamp,NAME,TEXT): a file that is touched only when TEXT differs from last time. What depends on it is made
# again when its flags or its list of files change.
STAMPS := $(BUILD)/stamps
stamp = $(STAMPS)/$(1)$(if $(filter-out clean help doctor,$(MAKECMDGOALS) all),$(call write_stamp,$(STAMPS)/$(1),$(strip $(2))))
write_stamp = $(if $(call differs,$(strip $(file <$(1))),$(2)),$(shell mkdir -p $(dir $(1)))$(file >$(1),$(2)))
differs = $(subst x$(1)x,,x$(2)x)$(subst x$(2)x,,x$(1)x)

# $(call compile,FLAVOUR,DIRECTORY): objects of one flavour (kernel, user, fpu) lie in obj/FLAVOUR/path/file.c.o
define compile
$(1)_STAMP := $(call stamp,$(1)-flags,$(CC) $($(2)) $(FLAGS_common/mem.c))
$(BUILD)/obj/$(1)/%.c.o: %.c $$($(1)_STAMP) | $$(INTERFACES_STAMP)
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)
	$$(Q)$(CC) $($(2)) $$(FLAGS_$$<) -MMD -MP -MF $$(@:.o=.d) -c -o $$@ $$<
$(BUILD)/obj/$(1)/gen/%.c.o: $(BUILD)/gen/%.c $$($(1)_STAMP) | $$(INTERFACES_STAMP)
	@mkdir -p $$(@D)
	$$(call say,CC,$$(patsubst $(BUILD)/%,%,$$<))
	$$(Q)$(CC) $($(2)) -MMD -MP -MF $$(@:.o=.d) -c -o $$@ $$<
$(BUILD)/obj/$(1)/%.asm.o: %.asm $(NASM_STAMP) | $$(INTERFACES_STAMP)
	@mkdir -p $$(@D)
	$$(call say,NASM,$$<)
	$$(Q)$(NASM) $(NASM_FLAGS) -MD $$(@:.o=.d) -MP -MQ $$@ -o $$@ $$<
endef
NASM_STAMP := $(call stamp,nasm-flags,$(NASM) $(NASM_FLAGS))
objects = $(patsubst %,$(BUILD)/obj/$(1)/%.o,$(2))
