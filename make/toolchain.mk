# SPDX-License-Identifier: MIT
.PHONY: toolchain
toolchain: ## an x86_64-elf GCC from Debian's source packages into build/toolchain; the build uses it when it is there
	@$(PYTHON) tools/toolchain.py --output $(TOOLCHAIN)
