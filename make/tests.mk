# SPDX-License-Identifier: MIT
# Host tests and fuzzers: pure C of the system, built for this machine with sanitizers. A file tests/host/test_X.c or
# tests/fuzz/fuzz_X.c names in its first lines what it is linked with: `// sources: common/elf.c common/crc32.c`.
HOST_TESTS := $(sort $(wildcard tests/host/test_*.c))
FUZZERS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
HOST_CC := gcc
FUZZ_CC := clang
HOST_FLAGS := -std=gnu17 -g -O1 -I. -I$(BUILD)/gen -fsanitize=address,undefined -fno-sanitize-recover=all \
    -fno-omit-frame-pointer -Wall -Wextra -Wno-unused-parameter -Werror
FUZZ_FLAGS := -std=gnu17 -g -O1 -I. -I$(BUILD)/gen -fsanitize=address,undefined,fuzzer-no-link \
    -fno-sanitize-recover=all -fno-omit-frame-pointer -Wall -Wextra -Wno-unused-parameter -Werror
# These define functions that libc has too.
HOST_RENAME := common/mem.c common/memcmp.c common/string.c common/string_more.c

# every "FILE|SOURCE" pair of the comments
NAMED_SOURCES := $(if $(HOST_TESTS)$(FUZZERS),$(shell awk 'FNR <= 8 && $$1 == "//" && $$2 ~ /^(sources|with):$$/ \
    { for (i = 3; i <= NF; i++) printf "%s|%s ", FILENAME, $$i }' $(HOST_TESTS) $(FUZZERS)))
sources_of = $(1) $(patsubst $(1)|%,%,$(filter $(1)|%,$(NAMED_SOURCES)))

HOST_STAMP := $(call stamp,host,$(HOST_CC) $(HOST_FLAGS) $(FUZZ_CC) $(FUZZ_FLAGS))
$(BUILD)/obj/host/%.c.o: %.c $(HOST_STAMP) | $(INTERFACES_STAMP)
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)
	$Q$(HOST_CC) $(HOST_FLAGS) $(if $(filter $<,$(HOST_RENAME)),-include tests/host/rename.h) \
	    -MMD -MP -MF $(@:.o=.d) -c -o $@ $<
$(BUILD)/obj/fuzz/%.c.o: %.c $(HOST_STAMP) | $(INTERFACES_STAMP)
	@mkdir -p $(@D)
	$(call say,FUZZCC,$<)
	$Q$(FUZZ_CC) $(FUZZ_FLAGS) $(if $(filter $<,$(HOST_RENAME)),-include tests/host/rename.h) \
	    -MMD -MP -MF $(@:.o=.d) -c -o $@ $<

# $(1): the test's file   $(2): host or fuzz   $(3): compiler and flags of the link
define host_program
$(BUILD)/$(2)/$(basename $(notdir $(1))): $$(call objects,$(2),$$(call sources_of,$(1))) \
    $$(call stamp,link/$(basename $(notdir $(1))),$$(call sources_of,$(1)))
	@mkdir -p $$(@D)
	$$(Q)$(3) -o $$@ $$(filter %.o,$$^) $(if $(filter host,$(2)),-lcmocka)
HOST_DEPENDENCIES += $$(patsubst %,$(BUILD)/obj/$(2)/%.d,$$(call sources_of,$(1)))
endef
$(foreach t,$(HOST_TESTS),$(eval $(call host_program,$(t),host,$(HOST_CC) -fsanitize=address$(comma)undefined)))
$(foreach t,$(FUZZERS),$(eval $(call host_program,$(t),fuzz,$(FUZZ_CC) -fsanitize=address$(comma)undefined$(comma)fuzzer)))
-include $(HOST_DEPENDENCIES)

HOST_PROGRAMS := $(patsubst tests/host/%.c,$(BUILD)/host/%,$(HOST_TESTS))
FUZZ_PROGRAMS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZERS))

.PHONY: test test-twice test-long mutate host host-programs fuzz bench bench-compare bench-accept
host-programs: $(HOST_PROGRAMS) $(FUZZ_PROGRAMS)
	@:

TEST_ARGUMENTS ?=
ONLY ?=
test: ## everything: host tests, fuzzers, tools, whole boots; ends in `N passed, N failed` (ONLY=kbd: what has that in its name)
	@$(PYTHON) tools/test.py --build $(BUILD) --make "$(MAKE) -f make/main.mk BUILD=$(BUILD)" \
	    --goals "all debug-kernel host-programs iso test-iso plugins" --only "$(ONLY)" tests $(TEST_ARGUMENTS)
test-twice: ## `make test` two times (ONLY= as there), and whether both gave the same list of results
	@$(MAKE) -f make/main.mk test; $(MAKE) -f make/main.mk test; $(PYTHON) tools/compare_runs.py --build $(BUILD)
test-long: test ## then all whole boots again on the debug kernel, and a thousand programs and a hundred deaths of each server
	@KERNEL=debug $(PYTHON) tools/test.py --build $(BUILD) --make "$(MAKE) -f make/main.mk BUILD=$(BUILD)" \
	    --goals "all debug-kernel test-system plugins" $(sort $(wildcard tests/system/test_*.py)) \
	    --deselect=tests/system/test_debug.py -k 'not idle_minute and not terabyte and not every_frame' $(TEST_ARGUMENTS)
	@LONG=1 $(PYTHON) tools/test.py --build $(BUILD) --make "$(MAKE) -f make/main.mk BUILD=$(BUILD)" \
	    --goals "all test-system plugins" tests/system/test_lives.py
	@$(PYTHON) tests/lives_table.py --build $(BUILD)
mutate: ## takes one check of the kernel away at a time: do the tests notice? An hour; docs/results/mutate.md
	@$(PYTHON) tools/mutate.py --build $(BUILD) $(MUTATE_ARGUMENTS)
host: ## only the tests of pure C on this machine
	@$(PYTHON) tools/test.py --build $(BUILD) --make "$(MAKE) -f make/main.mk BUILD=$(BUILD)" \
	    --goals host-programs --only "$(ONLY)" tests/host tests/fuzz $(TEST_ARGUMENTS)

FUZZ_SECONDS ?= 60
fuzz: $(FUZZ_PROGRAMS) ## every fuzzer for FUZZ_SECONDS (60), from its kept corpus and from seeds
	$Q$(PYTHON) tests/fuzz/seeds.py $(BUILD)/fuzz/seeds
	@for program in $(FUZZ_PROGRAMS); do \
	    name=$${program##*/}; mkdir -p $(BUILD)/corpus/$$name; echo "$$name, $(FUZZ_SECONDS) s"; \
	    $$program -max_total_time=$(FUZZ_SECONDS) -use_value_profile=1 -artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/corpus/$$name \
	        $$(ls -d $(BUILD)/fuzz/seeds/$${name#fuzz_} 2>/dev/null) || exit 1; done

bench: all iso test-system plugins ## instruction counts and sizes -> build/bench/bench.json, and pictures of them
	@$(PYTHON) tools/bench.py --build $(BUILD)
bench-compare: bench ## and whether any is more than 2 % above tests/bench/baseline.json
	@$(PYTHON) tools/bench_compare.py --build $(BUILD)
REASON ?=
bench-accept: $(if $(strip $(REASON)),bench) ## REASON="…": what was measured is the baseline from now on
	@$(PYTHON) tools/bench_compare.py --build $(BUILD) --accept "$(REASON)"

# --- QEMU plugins ---
.PHONY: plugins
PLUGINS := $(patsubst tools/plugins/%.c,$(BUILD)/%.so,$(wildcard tools/plugins/*.c))
plugins: $(PLUGINS)
	@:
$(PLUGINS): $(BUILD)/%.so: tools/plugins/%.c $(wildcard tools/plugins/*.h)
	@mkdir -p $(@D)
	$(call say,PLUGIN,$@)
	$Q$(HOST_CC) -std=gnu17 -shared -fPIC -fvisibility=hidden -O2 -I. -Wall -Wextra -Werror -o $@ $<
