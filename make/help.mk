# SPDX-License-Identifier: MIT
.PHONY: help doctor
help: ## this list
	@echo "Annulet. Goals (V=1 shows the commands, BUILD=folder builds elsewhere, CC=clang uses the second compiler):"
	@sed -n 's/^\([a-z][a-z -]*\):.*## \(.*\)/\1|\2/p' make/*.mk | sort | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo "  make              build the kernel, the servers, the programs and what describes the system"

doctor: ## look at this workplace: tools, versions, space, terminal; what to do about each
	@$(PYTHON) tools/doctor.py
