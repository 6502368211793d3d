# SPDX-License-Identifier: MIT
# The debug kernel: the same sources with UBSan, which traps, and stack canaries, and kernel/debug/, which the linker
# hooks in at the functions below (kernel/debug/hooks.c, poison.c). Nothing of it is in kernel.elf.
DEBUG_KERNEL_FLAGS := $(filter-out -fno-stack-protector -Wframe-larger-than=%,$(KERNEL_FLAGS)) \
    $(if $(IS_CLANG),-fsanitize=undefined -fsanitize-trap=undefined,-fsanitize=undefined -fsanitize-undefined-trap-on-error) \
    -fstack-protector-strong $(if $(IS_CLANG),,-mstack-protector-guard=global)
$(eval $(call compile,kernel-debug,DEBUG_KERNEL_FLAGS))

DEBUG_KERNEL := $(BUILD)/kernel-debug.elf
DEBUG_KERNEL_OBJECTS := $(call objects,kernel-debug,$(KERNEL_SOURCES) $(DEBUG_KERNEL_SOURCES))
DEBUG_KERNEL_COMMON_OBJECTS := $(call objects,kernel-debug,$(sort $(wildcard common/*.c)))
DEBUG_KERNEL_COMMON := $(BUILD)/kernel-debug-common.a
$(filter %.asm.o,$(DEBUG_KERNEL_OBJECTS)): $(OFFSETS)

$(DEBUG_KERNEL_COMMON): $(DEBUG_KERNEL_COMMON_OBJECTS) $(call stamp,kernel-debug-common,$(DEBUG_KERNEL_COMMON_OBJECTS))
	$(call say,AR,$@)
	@rm -f $@
	$Q$(AR) qcsD $@ $(filter %.o,$^)

WRAPPED := scheduler_init uart_init segments_init features_init fpu_init pic_init pit_init irq_init clock_init wheel_init \
    init_start log_start_interrupts paging_start thread_start_first pic_mask_and_end pic_unmask pool_take pool_return \
    sys_process_destroy trap_from_user irq_handle irq_while_idle trap_from_kernel
link_debug_kernel = $(LD) $(LINK_FLAGS) $(WRAPPED:%=--wrap=%) -T $(BUILD)/gen/kernel.ld -Map=$(1).map -o $(1) $(DEBUG_KERNEL_OBJECTS) \
    $(2) $(DEBUG_KERNEL_COMMON)

$(BUILD)/gen/symbols-kernel-debug.asm: $(BUILD)/kernel-debug-pass1.elf tools/symbols.py
	$Q$(NM) -n $< | $(PYTHON) tools/symbols.py > $@
$(BUILD)/kernel-debug-pass1.elf: $(DEBUG_KERNEL_OBJECTS) $(DEBUG_KERNEL_COMMON) $(BUILD)/gen/symbols-none.o \
    $(BUILD)/gen/kernel.ld $(call stamp,link/kernel-debug,$(DEBUG_KERNEL_OBJECTS) $(LINK_FLAGS) $(WRAPPED))
	$Q$(call link_debug_kernel,$@,$(BUILD)/gen/symbols-none.o)
$(BUILD)/kernel-debug.debug: $(BUILD)/kernel-debug-pass1.elf $(BUILD)/gen/symbols-kernel-debug.o
	$(call say,LD,$(DEBUG_KERNEL))
	$Q$(call link_debug_kernel,$@,$(BUILD)/gen/symbols-kernel-debug.o)
	$Q$(NM) -n $@ | $(PYTHON) tools/symbols.py --compare $(BUILD)/gen/symbols-kernel-debug.asm
$(DEBUG_KERNEL): $(BUILD)/kernel-debug.debug
	$Q$(OBJCOPY) --strip-debug $< $@

.PHONY: debug-kernel
debug-kernel: $(DEBUG_KERNEL) ## build/kernel-debug.elf: audits itself; run by tests
	@:

-include $(DEBUG_KERNEL_OBJECTS:.o=.d) $(DEBUG_KERNEL_COMMON_OBJECTS:.o=.d)
