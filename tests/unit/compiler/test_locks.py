from __future__ import annotations

import json

import pytest

from autodeploy.compiler import locks
from autodeploy.errors import BuildError


def test_pipfile_lock_without_its_development_packages():
    lock = {
        "default": {
            "flask": {"version": "==3.0.0", "hashes": ["sha256:aa", "sha256:bb"]},
            "colorama": {"version": "==0.4", "markers": "sys_platform == 'win32'"},
            "uvicorn": {"version": "==0.30", "extras": ["standard"]},
            "lib": {"git": "https://example.org/lib.git", "ref": "abc"},
        },
        "develop": {"pytest": {"version": "==8"}},
    }
    assert locks.pipenv(json.dumps(lock)).requirements == (
        "colorama==0.4 ; sys_platform == 'win32'",
        "flask==3.0.0 --hash=sha256:aa --hash=sha256:bb",
        "lib @ git+https://example.org/lib.git@abc",
        "uvicorn[standard]==0.30",
    )


POETRY = """
[tool.poetry.dependencies]
python = "^3.11"
flask = "^3.0"
uvicorn = {version = "^0.30", extras = ["standard"]}
extra = {version = "1", optional = true}
windows = {version = "*", markers = "sys_platform == 'win32'"}

[tool.poetry.group.dev.dependencies]
pytest = "^8"
"""
POETRY_LOCK = """
[[package]]
name = "flask"
version = "3.0.3"
python-versions = ">=3.8"

[[package]]
name = "numpy"
version = "2.3.0"
python-versions = ">=3.12"

[[package]]
name = "numpy"
version = "1.26.4"
python-versions = ">=3.9"

[[package]]
name = "lib"
version = "1.0"
python-versions = "*"
[package.source]
type = "git"
url = "https://example.org/lib.git"
resolved_reference = "abc"
"""


def test_poetry_says_what_is_wanted_and_its_lock_which_version():
    found = locks.poetry(POETRY, POETRY_LOCK, "3.11.2")
    assert found.requirements == (
        "flask",
        "uvicorn[standard]",
        "windows ; sys_platform == 'win32'",
    )
    assert found.constraints == (
        "flask==3.0.3",
        "lib @ git+https://example.org/lib.git@abc",
        "numpy==1.26.4",
    )
    assert "numpy==2.3.0" in locks.poetry(POETRY, POETRY_LOCK, "3.13.5").constraints


def test_pdm_takes_the_projects_dependencies():
    project = '[project]\ndependencies = ["flask>=3", "requests"]\n'
    found = locks.pdm(project, '[[package]]\nname = "flask"\nversion = "3.1"\n', "3.11.2")
    assert found.requirements == ("flask>=3", "requests")
    assert found.constraints == ("flask==3.1",)


def test_a_dependency_from_a_path_is_refused_by_name():
    project = '[tool.poetry.dependencies]\nmine = {path = "../mine"}\n'
    with pytest.raises(BuildError, match="mine"):
        locks.poetry(project, "", "3.11.2")


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_a_lock_that_cannot_be_read(text):
    with pytest.raises(BuildError, match=r"Pipfile\.lock"):
        locks.pipenv(text)
