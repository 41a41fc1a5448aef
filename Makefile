# Every command of a developer or operator. `make` prints them.
# What is installed is remembered by the contents of what names it, so a second run needs no network.

.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
hash = $(shell cat $(1) 2>/dev/null | git hash-object --stdin)
INSTALLED := .venv/.installed-$(call hash,pyproject.toml constraints.txt)
TESTABLE := .venv/.testable-$(call hash,pyproject.toml constraints.txt)
PROXY := node_modules/.installed-$(call hash,package.json package-lock.json)
PROVIDER := node_modules/.testable-$(call hash,package.json package-lock.json)

.PHONY: help up doctor test test-server check format bench pictures lock clean install system-packages

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: install ## install what is missing, start the academy, print its one address; Ctrl-C ends all of it
	@exec $(BIN)/bitgoeul up $(ARGS)

doctor: install ## say what each runtime lacks, and the command that gets it
	@$(BIN)/bitgoeul doctor $(ARGS)

test: install $(TESTABLE) $(PROVIDER) system-packages check ## install what tests need, then run every check and test (ARGS="-k name" for some)
	$(BIN)/pytest $(ARGS)

test-server: install $(TESTABLE) $(PROVIDER) system-packages ## deploy a whole academy onto servers of the tests' own (not part of `make test` yet)
	$(BIN)/pytest tests/ansible $(ARGS)

check: $(TESTABLE) ## lint, format, types and import contracts, without running tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(TESTABLE) ## put the code into the one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install $(TESTABLE) system-packages ## run the benchmarks; each prints its figures
	@set -e; for benchmark in benchmarks/*.py; do echo "== $$benchmark"; $(BIN)/python $$benchmark; done

pictures: install $(TESTABLE) system-packages ## take the docs' pictures anew, from the tests in real browsers
	BITGOEUL_PICTURES=docs/pictures $(BIN)/pytest tests/system/test_journey.py tests/services/test_portal_hackathon_browser.py

# Resolved by the oldest Python that we promise, 3.11.2 of Debian 12: a newer one picks releases that it cannot run.
lock: ## resolve all dependencies anew into constraints.txt and package-lock.json; PYTHON= the oldest one supported
	@rm -rf .cache/lock && $(PYTHON) -m venv .cache/lock
	@.cache/lock/bin/pip install -q '.[server,curriculum,node,test]'
	@{ grep '^#' constraints.txt; { .cache/lock/bin/pip freeze --exclude bitgoeul --exclude torch; grep '^torch==' constraints.txt; } | sort; } > .cache/constraints.txt
	@mv .cache/constraints.txt constraints.txt
	@rm -rf .cache/lock package-lock.json
	@$(BIN)/python -m bitgoeul.hub.node npm install --package-lock-only
	@git --no-pager diff --stat constraints.txt package-lock.json

clean: ## take away what was installed and built; state/ (people's work) stays
	rm -rf .venv .cache node_modules build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

install: $(INSTALLED) $(PROXY)

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 이상이 필요합니다. 다른 파이썬은 이렇게 고릅니다: make up PYTHON=python3.12" >&2; \
	  echo "Python 3.11 or newer is needed. Choose another one so: make up PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv >/dev/null || { rm -rf .venv; \
	  echo "파이썬의 venv 모듈이 없습니다. Debian과 Ubuntu에서는 이렇게 설치합니다: sudo apt install python3-venv" >&2; \
	  echo "Python lacks its venv module. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }

# rfc3987-syntax compiles 35 parsers whenever jsonschema is imported: more than half of the CPU seconds in
# which a lab starts. jsonschema takes it as optional, and only its `iri` formats then go unchecked.
# lark is needed by nothing else. Node comes from PyPI only where the machine's own does not serve.
$(INSTALLED): | $(BIN)/pip
	@echo "파이썬 패키지를 .venv에 설치합니다 / installing Python packages into .venv"
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[server,curriculum]'
	@$(BIN)/pip uninstall -q -y rfc3987-syntax lark 2>/dev/null || true
	@$(BIN)/python -m bitgoeul.hub.node has || \
	  $(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[node]'
	@rm -f .venv/.installed-* && touch $@

$(PROXY): | $(INSTALLED)
	@echo "Hub의 프록시를 node_modules에 설치합니다 / installing the Hub's proxy into node_modules"
	@$(BIN)/python -m bitgoeul.hub.node npm ci --silent --omit=dev
	@rm -f node_modules/.installed-* && touch $@

# `npm ci` begins by taking everything away, so the proxy is in it again.
$(PROVIDER): | $(INSTALLED) $(PROXY)
	@echo "검사에 쓰는 로그인 서비스를 설치합니다 / installing the OpenID provider that tests sign in at"
	@$(BIN)/python -m bitgoeul.hub.node npm ci --silent
	@touch $@ $(PROXY)

$(TESTABLE): | $(INSTALLED)
	@echo "검사에 필요한 패키지를 설치합니다 / installing what tests need"
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[server,curriculum,deep,test]'
	@$(BIN)/pip uninstall -q -y rfc3987-syntax lark 2>/dev/null || true
	@rm -f .venv/.testable-* && touch $@

# A real browser, the sandbox, the order of system calls, PostgreSQL, a Docker engine with what makes its first image
# and its disks, and a Korean font for the pictures.
system-packages:
	@missing=""; PATH="$$PATH:/usr/sbin:/sbin"; \
	for pair in chromium:chromium bwrap:bubblewrap strace:strace fc-list:fontconfig \
	  ssh:openssh-client curl:curl dockerd:docker.io debootstrap:debootstrap iptables:iptables ip:iproute2 mkfs.ext4:e2fsprogs; do \
	  command -v $${pair%%:*} >/dev/null || missing="$$missing $${pair##*:}"; done; \
	fc-list :lang=ko 2>/dev/null | grep -q . || missing="$$missing fonts-nanum"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	[ -z "$$missing" ] && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing$$missing"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing >/dev/null; \
	else \
	  echo "검사에 다음 패키지가 더 필요합니다 / tests also need: sudo apt install$$missing" >&2; exit 1; \
	fi
