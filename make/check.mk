# SPDX-License-Identifier: MIT
.PHONY: check format
CHECK_ARGUMENTS ?=
check: all ## layers, form, static analysis, kernel's size and code, images, docs in step
	@$(PYTHON) tools/check/run.py --build $(BUILD) $(CHECK_ARGUMENTS)

format: ## put all C into the charter's form
	$Qclang-format -i $$(git ls-files '*.c' '*.h')
