# SPDX-License-Identifier: MIT
# The system: what boot/system.toml makes, the ISO, and the ways to start it.
SYSTEM :=
TEST_SYSTEM :=
SYSTEM_BUILDER := $(wildcard tools/system/*.py)
ifneq ($(wildcard boot/system.toml),)
SYSTEM := $(BUILD)/grub.cfg
$(SYSTEM): boot/system.toml $(SYSTEM_BUILDER) $(IMAGES)
	@mkdir -p $(BUILD)/docs
	$(call say,SYSTEM,$<)
	$Q$(PYTHON) tools/system/build.py --out $(BUILD) --images $(BUILD) $<
	@touch $@

# The test system: the same kernel, servers and programs, and those of tests/programs. `boot(system="tests")`
TEST_SYSTEM := $(BUILD)/tests/grub.cfg
$(TEST_SYSTEM): boot/system.toml tests/system.toml $(SYSTEM_BUILDER) $(IMAGES) $(TEST_IMAGES)
	@mkdir -p $(@D)/docs
	$(call say,SYSTEM,tests/system.toml)
	$Q$(PYTHON) tools/system/build.py --out $(@D) --images $(BUILD) --on-top tests/system.toml $<
	@touch $@
endif
.PHONY: test-system
test-system: $(TEST_SYSTEM)
	@:

SHIM := $(BUILD)/shim.elf
SHIM_SOURCES := $(sort $(wildcard tools/shim/*.c tools/shim/*.asm))
SHIM_OBJECTS := $(SHIM_SOURCES:%=$(BUILD)/obj/shim/%.o)
SHIM_FLAGS := $(if $(IS_CLANG),--target=i386-unknown-none-elf,-m32) -march=i686 -mgeneral-regs-only -std=c17 \
    -ffreestanding -nostdinc $(COMPILER_INCLUDES) -I. -fno-pic -fno-pie -fno-asynchronous-unwind-tables \
    -fno-stack-protector -fcf-protection=none -fno-builtin -fno-strict-aliasing -O2 -Wall -Wextra -Wno-unused-parameter -Werror
SHIM_STAMP := $(call stamp,shim,$(CC) $(SHIM_FLAGS) $(SHIM_OBJECTS))

$(BUILD)/obj/shim/%.c.o: %.c $(SHIM_STAMP)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$Q$(CC) $(SHIM_FLAGS) -MMD -MP -MF $(@:.o=.d) -c -o $@ $<
$(BUILD)/obj/shim/%.asm.o: %.asm $(SHIM_STAMP)
	@mkdir -p $(@D)
	$(call say,NASM,$<)
	$Q$(NASM) -f elf32 -Werror -o $@ $<
$(SHIM): $(SHIM_OBJECTS) tools/shim/shim.ld $(SHIM_STAMP)
	$(call say,LD,$@)
	$Q$(LD) -m elf_i386 -nostdlib --build-id=none -z noexecstack --no-warn-rwx-segments -T tools/shim/shim.ld -o $@ $(SHIM_OBJECTS)
-include $(SHIM_OBJECTS:.o=.d)

# --- the ISO ---
ISO := $(BUILD)/annulet.iso
.PHONY: debug-int iso run debug gdb screenshot
iso: $(ISO) ## build/annulet.iso: boots from CD and USB stick, with BIOS (UEFI: without a screen)
	@:
$(ISO): $(KERNEL) $(IMAGES) $(SYSTEM) tools/iso.py
	$(call say,ISO,$@)
	$Q$(PYTHON) tools/iso.py $(BUILD) $(SYSTEM) $@

TEST_ISO := $(BUILD)/tests/annulet.iso
.PHONY: test-iso
test-iso: $(TEST_ISO)
	@:
$(TEST_ISO): $(KERNEL) $(IMAGES) $(TEST_IMAGES) $(TEST_SYSTEM) tools/iso.py
	$(call say,ISO,$@)
	$Q$(PYTHON) tools/iso.py $(BUILD) $(TEST_SYSTEM) $@

run: all iso ## boot the system to its prompt: a window where there is a DISPLAY, otherwise in this terminal
	@$(PYTHON) tools/run.py --build $(BUILD)

.PHONY: run-tests
run-tests: all test-iso ## the same with the test system, whose servers tools/call can call
	@$(PYTHON) tools/run.py --build $(BUILD) --system tests

GDB_ARGUMENTS ?=
debug: all iso ## the same, stopped at the first instruction, with gdb and the symbols of kernel, servers and programs
	@$(PYTHON) tools/debug.py --build $(BUILD) $(GDB_ARGUMENTS)
debug-int: all iso ## boots with QEMU's log of interrupts; at a reset the last exceptions, with functions and lines
	@$(PYTHON) tools/debug_int.py --build $(BUILD) $(DEBUG_INT_ARGUMENTS)
gdb: all iso $(if $(T),test-iso) ## T=kbd: the same, and on to main of that server or program, or T=kernel (AT=function: to that)
	@$(PYTHON) tools/debug.py --build $(BUILD) $(if $(T),--target $(T)) $(if $(AT),--at $(AT)) $(GDB_ARGUMENTS)

screenshot: all iso ## docs/screenshot.png: boots the system and types a little
	@$(PYTHON) tools/screenshot.py --build $(BUILD) --output docs/screenshot.png
