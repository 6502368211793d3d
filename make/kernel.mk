# SPDX-License-Identifier: MIT
# The kernel: linked twice, because the table of its own symbols (for backtraces) can only be written when the
# addresses are known. The table lies behind all code, so the second link moves no function; symbols.py checks that.
$(eval $(call compile,kernel,KERNEL_FLAGS))

KERNEL := $(BUILD)/kernel.elf
DEBUG_KERNEL_SOURCES := $(sort $(wildcard kernel/debug/*.c))
KERNEL_SOURCES := $(sort $(filter-out kernel/offsets.c $(DEBUG_KERNEL_SOURCES),$(wildcard boot/*.asm kernel/*.c kernel/*.asm kernel/*/*.c kernel/*/*.asm)))
KERNEL_OBJECTS := $(call objects,kernel,$(KERNEL_SOURCES))
KERNEL_COMMON := $(BUILD)/kernel-common.a
KERNEL_COMMON_OBJECTS := $(call objects,kernel,$(sort $(wildcard common/*.c)))
OFFSETS := $(BUILD)/gen/offsets.inc

# Names and numbers that assembly takes from C: kernel/offsets.c is compiled, never linked.
ifneq ($(wildcard kernel/offsets.c),)
$(OFFSETS): kernel/offsets.c $(kernel_STAMP)
	@mkdir -p $(@D)
	$(call say,OFFSETS,$<)
	$Q$(CC) $(KERNEL_FLAGS) -MMD -MP -MF $@.d -MT $@ -S -o $@.s $<
	$Qsed -n 's/^[^>]*->\([A-Za-z_0-9]*\) \$$*\(-\{0,1\}[0-9]*\).*/\1 equ \2/p' $@.s > $@
$(filter %.asm.o,$(KERNEL_OBJECTS)): $(OFFSETS)
DEPENDENCIES_KERNEL := $(OFFSETS).d
endif

# archive: of common/ only what the kernel calls is linked (and counted)
$(KERNEL_COMMON): $(KERNEL_COMMON_OBJECTS) $(call stamp,kernel-common,$(KERNEL_COMMON_OBJECTS))
	$(call say,AR,$@)
	@rm -f $@
	$Q$(AR) qcsD $@ $(filter %.o,$^)

$(BUILD)/gen/kernel.ld: boot/kernel.ld abi/layout.h
	@mkdir -p $(@D)
	$(call say,CPP,$<)
	$Q$(CPP) -I. -D__ASSEMBLER__ -o $@ $<

# $(call link_kernel,OUTPUT,SYMBOL-OBJECT)
link_kernel = $(LD) $(LINK_FLAGS) -T $(BUILD)/gen/kernel.ld -Map=$(1).map -o $(1) $(KERNEL_OBJECTS) $(2) $(KERNEL_COMMON)
KERNEL_LINK_STAMP := $(call stamp,link/kernel,$(KERNEL_OBJECTS) $(LINK_FLAGS))

$(BUILD)/gen/symbols-%.o: $(BUILD)/gen/symbols-%.asm
	$Q$(NASM) $(NASM_FLAGS) -o $@ $<
$(BUILD)/gen/symbols-none.asm: tools/symbols.py
	@mkdir -p $(@D)
	$Q$(PYTHON) tools/symbols.py --none > $@
$(BUILD)/gen/symbols-kernel.asm: $(BUILD)/kernel-pass1.elf tools/symbols.py
	$(call say,SYMBOLS,$@)
	$Q$(NM) -n $< | $(PYTHON) tools/symbols.py > $@

$(BUILD)/kernel-pass1.elf: $(KERNEL_OBJECTS) $(KERNEL_COMMON) $(BUILD)/gen/symbols-none.o $(BUILD)/gen/kernel.ld $(KERNEL_LINK_STAMP)
	$(call say,LD,$@)
	$Q$(call link_kernel,$@,$(BUILD)/gen/symbols-none.o)
$(BUILD)/kernel.debug: $(BUILD)/kernel-pass1.elf $(BUILD)/gen/symbols-kernel.o
	$(call say,LD,$(KERNEL))
	$Q$(call link_kernel,$@,$(BUILD)/gen/symbols-kernel.o)
	$Q$(NM) -n $@ | $(PYTHON) tools/symbols.py --compare $(BUILD)/gen/symbols-kernel.asm
$(KERNEL): $(BUILD)/kernel.debug
	$Q$(OBJCOPY) --strip-debug $< $@
	$Qgrub-file --is-x86-multiboot2 $@ || { echo "$@: GRUB finds no multiboot2 header in the first 32 KiB" >&2; rm -f $@; exit 1; }

-include $(KERNEL_OBJECTS:.o=.d) $(KERNEL_COMMON_OBJECTS:.o=.d) $(DEPENDENCIES_KERNEL)
