# SPDX-License-Identifier: MIT
# Ring 3: generated interfaces, libsys, servers and programs. A folder with sources is a component.

# --- generated interfaces: servers/X/interface.toml -> gen/interfaces/X.h, X_client.c, X_server.c ---
INTERFACE_FILES := $(if $(wildcard tools/idl/idl.py),$(sort $(wildcard servers/*/interface.toml)))
INTERFACES := $(patsubst servers/%/interface.toml,%,$(INTERFACE_FILES))
IDL := $(wildcard tools/idl/*.py)
INTERFACES_STAMP := $(BUILD)/stamps/interfaces
INTERFACES_LIST := $(call stamp,interfaces-list,$(INTERFACE_FILES))
GENERATED := $(foreach i,$(INTERFACES),gen/interfaces/$(i)_client.c gen/interfaces/$(i)_server.c)

$(INTERFACES_STAMP): $(INTERFACE_FILES) $(IDL) $(INTERFACES_LIST)
	@mkdir -p $(@D) $(BUILD)/gen/interfaces $(BUILD)/docs/interfaces $(BUILD)/gen/python
	$(if $(INTERFACE_FILES),$(call say,IDL,$(INTERFACE_FILES)))
	$(if $(INTERFACE_FILES),$Q$(PYTHON) tools/idl/idl.py --out $(BUILD)/gen/interfaces \
	    --docs $(BUILD)/docs/interfaces --python $(BUILD)/gen/python $(INTERFACE_FILES))
	@touch $@
$(addprefix $(BUILD)/,$(GENERATED)) $(patsubst %,$(BUILD)/gen/interfaces/%.h,$(INTERFACES)): $(INTERFACES_STAMP) ;

# --- the library: once without the FPU, once with it (the only one that prints %f) ---
$(eval $(call compile,user,USER_FLAGS))
$(eval $(call compile,fpu,FPU_FLAGS))

LIBRARY_SOURCES := $(sort $(wildcard libsys/*.c libsys/*/*.c libsys/*.asm common/*.c))
define library
$(1)_OBJECTS := $$(call objects,$(1),$$(LIBRARY_SOURCES) $$(GENERATED))
$(2): $$($(1)_OBJECTS) $$(call stamp,$(1)-library,$$($(1)_OBJECTS))
	$$(call say,AR,$$@)
	@rm -f $$@
	$$(Q)$(AR) qcsD $$@ $$(filter %.o,$$^)
DEPENDENCIES += $$($(1)_OBJECTS:.o=.d)
endef
LIBSYS := $(BUILD)/libsys.a
LIBSYS_FPU := $(BUILD)/libsys-fpu.a
$(eval $(call library,user,$(LIBSYS)))
$(eval $(call library,fpu,$(LIBSYS_FPU)))

$(BUILD)/gen/user.ld: boot/user.ld $(wildcard abi/layout.h)
	@mkdir -p $(@D)
	$(call say,CPP,$<)
	$Q$(CPP) -I. -D__ASSEMBLER__ -o $@ $<

# --- servers and programs, each linked at an address of its own: so an address in a crash report names one of them ---
# The test system's programs come last: so kernel, servers and programs are the same bytes in both systems.
folders = $(sort $(patsubst %/,%,$(dir $(wildcard $(foreach f,$(1),$(f)/*/*.c $(f)/*/*.asm)))))
PRODUCT := $(call folders,servers user)
TEST_PROGRAMS := $(call folders,tests/programs tests/cases)
# what every program of cases is linked with besides its own files
CASE_LIBRARY := $(sort $(wildcard tests/cases/*.c))
COMPONENTS := $(PRODUCT) $(TEST_PROGRAMS)
BASES := $(shell n=1; for c in $(COMPONENTS); do printf '%s:0x%x ' $$c $$((n * 0x400000)); n=$$((n + 1)); done)
FPU_COMPONENTS :=
THREAD_COMPONENTS :=
ifneq ($(wildcard boot/system.toml),)
-include $(BUILD)/gen/components.mk
ENTRIES := boot/system.toml $(wildcard tests/system.toml)
$(BUILD)/gen/components.mk: $(ENTRIES) tools/components.py $(call stamp,components,$(COMPONENTS))
	@mkdir -p $(@D)
	$Q$(PYTHON) tools/components.py $(ENTRIES) > $@
endif

# $(1): folder   $(2): flavour   $(3): library
define image
$(1)_OBJECTS := $$(call objects,$(2),$$(sort $$(wildcard $(1)/*.c $(1)/*.asm) \
    $$(if $$(filter tests/cases/%,$(1)),$$(CASE_LIBRARY))))
$(BUILD)/$(1).debug: $$($(1)_OBJECTS) $(3) $(BUILD)/gen/user.ld \
    $$(call stamp,link/$(1),$$($(1)_OBJECTS) $(3) $$(filter $(1):%,$(BASES)) $$(filter $$(notdir $(1)),$(THREAD_COMPONENTS)) $(LINK_FLAGS))
	@mkdir -p $$(@D)
	$$(call say,LD,$(BUILD)/$(1).elf)
	$$(Q)$(LD) $(LINK_FLAGS) --defsym=IMAGE_BASE=$$(patsubst $(1):%,%,$$(filter $(1):%,$(BASES))) \
	    --defsym=THREADS=$$(if $$(filter $$(notdir $(1)),$(THREAD_COMPONENTS)),1,0) -T $(BUILD)/gen/user.ld -o $$@ $$($(1)_OBJECTS) --start-group $(3) --end-group
$(BUILD)/$(1).elf: $(BUILD)/$(1).debug
	$$(Q)$(OBJCOPY) --strip-debug $$< $$@
DEPENDENCIES += $$($(1)_OBJECTS:.o=.d)
endef
$(foreach c,$(COMPONENTS),$(if $(filter $(notdir $(c)),$(FPU_COMPONENTS)),\
    $(eval $(call image,$(c),fpu,$(LIBSYS_FPU))),$(eval $(call image,$(c),user,$(LIBSYS)))))

IMAGES := $(PRODUCT:%=$(BUILD)/%.elf)
TEST_IMAGES := $(TEST_PROGRAMS:%=$(BUILD)/%.elf)
-include $(DEPENDENCIES)
