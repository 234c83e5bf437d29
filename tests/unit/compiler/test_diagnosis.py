from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from autodeploy.compiler.diagnosis import diagnose
from autodeploy.compiler.shell import Shell
from autodeploy.compiler.signs import SIGNS
from autodeploy.compiler.system_packages import FOR_NODE, FOR_PYTHON, runtime
from autodeploy.errors import BuildFailed

CASES = yaml.safe_load(Path(__file__).with_name("failures.yml").read_text())
PATH = {"PATH": "/usr/bin:/bin"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_real_failure_is_told_in_words(case):
    found = diagnose(case["code"], case["output"])
    assert found is not None
    assert case["says"] in found.cause
    assert case["do"] in found.remedy
    assert "{" not in found.cause
    assert len(found.cause) < 120


@pytest.mark.parametrize("output", ["", "something else went wrong", "error: exit status 1"])
def test_what_is_not_known_is_not_guessed(output):
    assert diagnose(1, output) is None


def test_too_long_names_the_setting():
    assert "build_timeout" in diagnose(None, "").remedy


def test_one_try_installs_all_that_a_package_needs():
    output = "error: Failed to build `mysqlclient==2.2.7`\n  /bin/sh: 1: pkg-config: not found\n"
    remedy = diagnose(1, output).remedy
    for package in ("build-essential", "default-libmysqlclient-dev", "pkg-config", "python3-dev"):
        assert package in remedy


def test_the_error_has_command_code_last_lines_cause_and_remedy(log, tmp_path):
    with pytest.raises(BuildFailed) as caught:
        Shell(PATH, 60, log).run(
            "echo 'npm error Missing script: \"build\"'; exit 1", tmp_path, remediation="general"
        )
    error = caught.value
    assert "exit code 1" in error.message
    first, second = error.cause.splitlines()
    assert first == 'npm error Missing script: "build"'
    assert second == "likely, package.json has no script of that name"
    assert "build_command" in error.remediation


def test_what_the_caller_says_holds_where_the_output_says_nothing(log, tmp_path):
    with pytest.raises(BuildFailed) as caught:
        Shell(PATH, 60, log).run("exit 1", tmp_path, remediation="general")
    assert caught.value.remediation == "general"
    assert caught.value.cause is None


def test_every_sign_can_be_told():
    for sign in SIGNS:
        assert sign.cause[0].islower()
        assert sign.remedy.endswith(".")


def test_tables_name_packages_as_debian_does():
    for packages in (*FOR_PYTHON.values(), *FOR_NODE.values()):
        for name in (*packages.build, *packages.runtime):
            assert name == name.lower().strip()


def test_debian_13_has_other_names():
    assert runtime(("libpq5", "libcurl4"), "debian-12") == ("libpq5", "libcurl4")
    assert runtime(("libpq5", "libcurl4"), "debian-13") == ("libpq5", "libcurl4t64")
