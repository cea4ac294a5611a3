# Each command first has its tools: see infra/local/bootstrap.sh. What may be chosen is told by `make help`.

.PHONY: help bootstrap demo up down status logs env test test-browser pictures check docs bench chaos deploy-browser lock
STACK = rs-server
.DEFAULT_GOAL := help
# Compiled code is kept, whatever the caller's environment says: a test run starts Python hundreds of times.
export PYTHONDONTWRITEBYTECODE =
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

env: bootstrap
	@$(TOOLS) python -m local env --login $(or $(LOGIN),alice)

test: up
	@$(TOOLS) sh infra/local/test.sh $(TESTS)

test-browser: up
	@$(TOOLS) pytest tests/e2e/browser

pictures: up
	@RS_PICTURES=1 $(TOOLS) pytest tests/e2e/browser

check: bootstrap
	@$(TOOLS) sh infra/local/check.sh

docs: bootstrap
	@$(TOOLS) sh infra/local/docs.sh

bench: bootstrap
	@$(TOOLS) python -m bench $(BENCH)

chaos: up
	@$(TOOLS) python -m chaos $(CHAOS)

deploy-browser: bootstrap
	@cd infra && $(TOOLS) python -m browser deploy $(STACK)

lock: bootstrap
	@$(TOOLS) sh infra/local/lock.sh
