"""What a command imports before it does anything: that is most of its time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from statekit import created

LOADED = """
import sys
before = set(sys.modules)
from autodeploy.cli.main import autodeploy
try:
    autodeploy.main(sys.argv[1:])
finally:
    print("LOADED", *sorted({one.partition(".")[0] for one in set(sys.modules) - before}))
"""
HEAVY = {
    *("ansible", "ansible_runner", "boto3", "botocore", "git", "jinja2", "moto", "requests"),
    *("rich", "tenacity", "urllib3", "asyncio", "http"),
}


def loaded(*arguments):
    """The packages that a command has imported at its end, in an interpreter of its own."""
    command = [sys.executable, "-c", LOADED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_imports_click_alone(home, arguments):
    assert loaded(*arguments) - sys.stdlib_module_names == {"autodeploy", "click"}


def test_status_imports_nothing_that_deploys(home):
    from autodeploy.journal import DirectoryStore

    created(DirectoryStore(home))
    assert not loaded("status") & HEAVY
    assert "pydantic" in loaded("status")


def test_help_of_what_serves_imports_no_server(home):
    assert not loaded("ui", "--help") & (HEAVY | {"starlette", "uvicorn"})
