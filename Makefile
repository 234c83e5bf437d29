# The two commands: `make demo` and `make test`. Both install what they need, as root on Debian.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# The tests' thousands of processes compile our modules once, whatever the machine prefers.
unexport PYTHONDONTWRITEBYTECODE

LAB_PACKAGES := git openssh-client dnsmasq-base iproute2 nftables systemd-container mmdebstrap pebble python3-venv
LOOK := controller/autodeploy/provisioner/existing/look.sh
TEST_PACKAGES := $(LAB_PACKAGES) git-lfs haproxy postgresql-client shellcheck

.PHONY: demo test test-fast coverage faults lint lint-python lint-rest molecule bench-build bench-clone bench-deploy bench-forecast bench-lab bench-provision bench-recon bench-security lock clean

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

# Apart from the tests: measuring makes each of our processes half as slow again.
coverage: $(VENV)/dev.stamp
	@.ci/packages $(TEST_PACKAGES)
	pytest -n auto --cov --cov-report= -m "not lab" tests
	pytest -n 3 --dist loadfile --cov --cov-append --cov-report=term:skip-covered -m lab tests

test-fast: $(VENV)/dev.stamp
	pytest -n auto tests -m "not lab and not slow"

bench-build: $(VENV)/dev.stamp
	@python tests/bench/build.py

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
