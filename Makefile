# Each command first has its tools: see infra/local/bootstrap.sh. What may be chosen is told by `make help`.

.PHONY: help bootstrap demo up down status logs test check bench lock
.DEFAULT_GOAL := help
TOOLS = PATH="$(CURDIR)/.local/bin:$(CURDIR)/.venv/bin:$$PATH"

help:
	@cat infra/local/help.txt

bootstrap:
	@sh infra/local/bootstrap.sh

demo: up
	@$(TOOLS) python -m local.demo

up: bootstrap
	@$(TOOLS) python -m local up

down: bootstrap
	@$(TOOLS) python -m local down

status: bootstrap
	@$(TOOLS) python -m local status

logs: bootstrap
	@$(TOOLS) python -m local logs

test: up
	@$(TOOLS) sh infra/local/test.sh $(TESTS)

check: bootstrap
	@$(TOOLS) sh infra/local/check.sh

bench: bootstrap
	@$(TOOLS) python -m bench $(BENCH)

lock: bootstrap
	@$(TOOLS) sh infra/local/lock.sh
