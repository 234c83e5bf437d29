# The two commands: `make demo` and `make test`. Both install what they need, as root on Debian.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# The tests' thousands of processes compile our modules once, whatever the machine prefers.
unexport PYTHONDONTWRITEBYTECODE

LAB_PACKAGES := git openssh-client dnsmasq-base iproute2 nftables systemd-container mmdebstrap pebble python3-venv
LOOK := controller/autodeploy/provisioner/existing/look.sh
TEST_PACKAGES := $(LAB_PACKAGES) chromium curl git-lfs haproxy postgresql-client shellcheck

.PHONY: demo test test-fast coverage coverage-fast faults lint lint-python lint-rest molecule wheel recording commands bench-build bench-cli bench-clone bench-deploy bench-forecast bench-lab bench-provision bench-recon bench-security lock clean

demo: $(VENV)/run.stamp
	@.ci/packages $(LAB_PACKAGES)
	@examples/demo

# Three labs for two cores: a test that waits for hosts leaves a third of its core to others.
test: lint
	@.ci/packages $(TEST_PACKAGES)
	pytest -n auto --dist worksteal -m "not lab" tests
	pytest -n 3 --dist loadfile --no-loadscope-reorder -m lab tests
	$(MAKE) molecule

# Every call at each of its moments; `make test` has one moment a call.
faults: $(VENV)/dev.stamp
	AUTODEPLOY_EVERY_FAULT=1 pytest -n auto tests/faults tests/properties/test_46_crash.py

# Apart from the tests: measuring makes each of our processes half as slow again. Branches count.
coverage: coverage-fast
	pytest -n 3 --dist loadfile --cov --cov-append --cov-report=term:skip-covered --cov-fail-under=90 -m lab tests

coverage-fast: $(VENV)/dev.stamp
	@.ci/packages $(TEST_PACKAGES)
	pytest -n auto --cov --cov-report=term:skip-covered -m "not lab" tests

test-fast: $(VENV)/dev.stamp
	pytest -n auto tests -m "not lab and not slow"

# What `pip install` takes: the tool with its roles and playbooks, for machines without this checkout.
wheel: $(VENV)/run.stamp
	@rm -rf dist
	@hatchling build -t wheel

# What docs/ shows of a terminal, from runs in a lab of their own that is taken away.
recording commands: $(VENV)/dev.stamp
	@.ci/packages $(TEST_PACKAGES)
	@export AUTODEPLOY_HOME=$$(mktemp -d); python tests/kit/$@.py --record; code=$$?; \
		autodeploy lab down; rm -rf "$$AUTODEPLOY_HOME"; exit $$code

bench-build: $(VENV)/dev.stamp
	@python tests/bench/build.py

bench-cli: $(VENV)/dev.stamp
	@python tests/bench/cli.py

bench-clone: $(VENV)/dev.stamp
	python tests/bench/clone.py

molecule: $(VENV)/dev.stamp
	tests/roles/molecule

# Side by side, for each has one core.
lint: $(VENV)/dev.stamp
	@.ci/packages $(TEST_PACKAGES)
	@$(MAKE) --jobs=2 --output-sync=target lint-python lint-rest

lint-python:
	ruff format --check .
	ruff check --no-cache .
	mypy
	lint-imports

lint-rest:
	yamllint --strict .
	ansible-lint --offline
	shellcheck .ci/run .ci/packages examples/demo tests/roles/molecule $(LOOK)

# Any corpus: CORPUS has a folder OWNER/NAME for each repository that TSV names.
bench-recon: $(VENV)/dev.stamp
	@python tests/bench/recon.py $(CORPUS) $(TSV)

# PIKU=FOLDER compares with the piku.py there; PARTS="speed hosts load" and RUNS=3 say what to run.
bench-deploy: $(VENV)/dev.stamp
	@.ci/packages $(LAB_PACKAGES) haproxy rsync wrk
	-@.ci/packages capistrano
	@python tests/bench/deploy.py $(PARTS)

bench-provision: $(VENV)/dev.stamp
	@.ci/packages $(LAB_PACKAGES)
	@python tests/bench/provision.py

bench-security: $(VENV)/dev.stamp
	@.ci/packages $(LAB_PACKAGES)
	@python tests/bench/security.py && python tests/bench/security_tls.py

bench-forecast: $(VENV)/dev.stamp
	@.ci/packages $(LAB_PACKAGES)
	@python tests/bench/forecast.py

bench-lab: $(VENV)/dev.stamp
	@.ci/packages $(LAB_PACKAGES)
	@python tests/bench/lab.py

lock: $(VENV)/dev.stamp
	uv pip compile -q --universal --generate-hashes --no-header --extra lab --group build pyproject.toml -o requirements/run.lock
	uv pip compile -q --universal --generate-hashes --no-header --extra lab --group dev pyproject.toml -o requirements/dev.lock

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	@.ci/packages python3-venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/%.stamp: requirements/%.lock pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/$*.lock
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
