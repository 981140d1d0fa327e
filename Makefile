# Every target is a script in scripts/; this file only names them.
.DEFAULT_GOAL := help
.PHONY: help demo serve test test-fast fuzz lint bench install clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: ## install what is missing, then show two tenants in a throw-away PostgreSQL
	@scripts/demo

serve: ## the same, then the gateway with GraphiQL in the foreground (LISTEN=127.0.0.1:8000)
	@scripts/serve

test: ## everything that tests
	@scripts/test

test-fast: ## what needs no npm and no browser, in under ten minutes
	@scripts/test --fast

fuzz: ## look for a request that does harm, for ten minutes (SECONDS=600), from a case on (FUZZ_SEED=1)
	@scripts/fuzz $(SECONDS)

lint: ## formatting, clippy, pgspot, licences, and the ceilings of the house style
	@scripts/lint

bench: ## measure against hand-written SQL and print the ratios (ARGS="--rounds 9 --strict")
	@scripts/bench $(ARGS)

install: ## put a release into pg_config's PostgreSQL
	@scripts/install

clean: ## stop what still runs here and remove target/
	@scripts/clean
