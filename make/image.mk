# SPDX-License-Identifier: MIT
# The system: what boot/system.toml makes, the ISO, and the ways to start it.
SYSTEM_TOML ?= boot/system.toml
SYSTEM :=
ifneq ($(wildcard $(SYSTEM_TOML)),)
SYSTEM := $(BUILD)/grub.cfg
$(BUILD)/grub.cfg: $(SYSTEM_TOML) $(wildcard tools/system/*.py) $(INTERFACES_STAMP) $(IMAGES)
	@mkdir -p $(BUILD)/docs
	$(call say,SYSTEM,$<)
	$Q$(PYTHON) tools/system/build.py --out $(BUILD) $<
	@touch $@
endif

SHIM := $(BUILD)/shim.elf
SHIM_SOURCES := $(sort $(wildcard tools/shim/*.c tools/shim/*.asm))
