# SPDX-License-Identifier: MIT
# compile_commands.json, for editors: each C file once, in the flavour that it is first built in. Written by make
# itself, so that it is there before anything compiles.
COMMANDS := $(BUILD)/compile_commands.json
KERNEL_C := $(filter %.c,$(KERNEL_SOURCES) $(DEBUG_KERNEL_SOURCES) $(wildcard common/*.c kernel/offsets.c))
USER_C := $(filter-out $(KERNEL_C),$(filter %.c,$(LIBRARY_SOURCES)) $(wildcard $(COMPONENTS:%=%/*.c)))
comma := ,
command = $(comma){"directory":"$(CURDIR)","file":"$(1)","command":"$(CC) $(2) -c $(1)"}

$(COMMANDS): $(call stamp,compile-commands,$(CC) $(KERNEL_FLAGS) $(USER_FLAGS) $(KERNEL_C) $(USER_C))
	@mkdir -p $(@D)
	$(file >$@,[{})
	$(foreach c,$(KERNEL_C),$(file >>$@,$(call command,$(c),$(KERNEL_FLAGS))))
	$(foreach c,$(USER_C),$(file >>$@,$(call command,$(c),$(USER_FLAGS))))
	$(file >>$@,])
	@sed -i -z 's/\[{}\n,/[\n/' $@
