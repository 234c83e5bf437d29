from __future__ import annotations

import json
from pathlib import Path

import pytest

from autodeploy.compiler import locks
from autodeploy.errors import BuildError

EXAMPLES = Path(__file__).parents[3] / "examples"
OLD, NEW = (locks.environment(version, "x86_64") for version in ("3.11.2", "3.13.5"))


def test_pipfile_lock_without_its_development_packages():
    lock = {
        "_meta": {"sources": [{"url": "https://pypi.org/simple"}, {"url": "https://own.example/"}]},
        "default": {
            "flask": {"version": "==3.0.0", "hashes": ["sha256:bb", "sha256:aa"]},
            "colorama": {"version": "==0.4", "markers": "sys_platform == 'win32'"},
            "lib": {"git": "https://example.org/lib.git", "ref": "abc"},
            "mine": {"path": "./libs/mine", "editable": True},
        },
        "develop": {"pytest": {"version": "==8"}},
    }
    found = locks.pipenv("", json.dumps(lock))
    assert found.lines == (
        "./libs/mine",
        "colorama==0.4 ; sys_platform == 'win32'",
        "flask==3.0.0 --hash=sha256:aa --hash=sha256:bb",
        "lib @ git+https://example.org/lib.git@abc",
    )
    assert found.paths == ("./libs/mine",)
    assert found.registries == ("https://own.example/",)


POETRY = """
[tool.poetry.dependencies]
python = "^3.11"
flask = "^3.0"
uvicorn = {version = "^0.30", extras = ["standard"]}
numpy = "*"
lib = {git = "https://example.org/lib.git"}
extra = {version = "1", optional = true}
windows = {version = "*", markers = "sys_platform == 'win32'"}
mine = {path = "libs/mine"}

[tool.poetry.group.dev.dependencies]
pytest = "^8"
"""


def package(name, version="1.0", more=""):
    file = f'files = [{{file = "x.whl", hash = "sha256:{name}{version}"}}]'
    return f'[[package]]\nname = "{name}"\nversion = "{version}"\n{file}\n{more}\n'


POETRY_LOCK = "".join(
    [
        package("flask", "3.0", "[package.dependencies]\nclick = '>=8'\nskip = '*'\n"),
        package("click", "8.1", "[package.dependencies]\nFlask = '*'"),
        package(
            "uvicorn",
            "0.30",
            "[package.dependencies]\n"
            "httptools = {version = '*', optional = true, markers = \"extra == 'standard'\"}\n"
            "other = {version = '*', optional = true, markers = \"extra == 'other'\"}\n",
        ),
        *map(package, ("httptools", "other", "extra", "windows", "pytest")),
        package("numpy", "2.3.0", 'python-versions = ">=3.12"'),
        package("numpy", "1.26.4", 'python-versions = ">=3.9"'),
        package("numpy", "9.9", "markers = \"sys_platform == 'win32'\""),
        package(
            "lib",
            more='[package.source]\ntype = "git"\nurl = "https://example.org/lib.git"\n'
            'resolved_reference = "abc"\nsubdirectory = "py"',
        ),
        package("mine", more='[package.source]\ntype = "directory"\nurl = "libs/mine"'),
    ]
)


def test_poetrys_main_dependencies_and_what_they_need_for_this_host():
    found = locks.poetry(POETRY, POETRY_LOCK, OLD)
    assert found.lines == (
        "click==8.1 --hash=sha256:click8.1",
        "flask==3.0 --hash=sha256:flask3.0",
        "httptools==1.0 --hash=sha256:httptools1.0",
        "lib @ git+https://example.org/lib.git@abc#subdirectory=py",
        "./libs/mine",
        "numpy==1.26.4 --hash=sha256:numpy1.26.4",
        "uvicorn==0.30 --hash=sha256:uvicorn0.30",
    )
    assert found.paths == ("libs/mine",)
    assert "numpy==2.3.0 --hash=sha256:numpy2.3.0" in locks.poetry(POETRY, POETRY_LOCK, NEW).lines


def test_what_only_the_lock_of_another_project_could_lack():
    with pytest.raises(BuildError, match="out of step"):
        locks.poetry(POETRY, package("flask"), OLD)
    with pytest.raises(BuildError, match="out of step"):
        locks.pdm('[project]\ndependencies = ["gone"]\n', package("flask"), OLD)


PDM_LOCK = """
[[package]]
name = "uvicorn"
version = "0.30"
dependencies = ["click>=7", "h11; python_version < '3.8'"]

[[package]]
name = "uvicorn"
version = "0.30"
extras = ["standard"]
dependencies = ["httptools", "uvicorn==0.30"]

[[package]]
name = "mine"
version = "1.0"
path = "./libs/mine"

[metadata.files]
"click 1.0" = [{url = "https://example.org/click.whl", hash = "sha256:old"}]
"""


def test_pdms_dependencies_with_extras_and_the_hashes_of_older_versions():
    project = '[project]\ndependencies = ["uvicorn[standard]>=0.3", "mine"]\n'
    lock = package("httptools") + '[[package]]\nname = "click"\nversion = "1.0"\n' + PDM_LOCK
    assert locks.pdm(project, package("h11") + lock, OLD).lines == (
        "click==1.0 --hash=sha256:old",
        "httptools==1.0 --hash=sha256:httptools1.0",
        "./libs/mine",
        "uvicorn==0.30",
    )


@pytest.mark.parametrize("where", ["../mine", "/srv/mine", "libs/../../mine"])
def test_a_dependency_from_outside_the_repository_is_refused_by_name(where):
    with pytest.raises(BuildError, match="mine"):
        locks.pipenv("", json.dumps({"default": {"mine": {"path": where}}}))


# Locks that the tools themselves have made, and the line of the manifest that is changed.
REAL = {
    "bottle-holidays": ("Pipfile", "Pipfile.lock", ">=0.13"),
    "flask-qr": ("pyproject.toml", "poetry.lock", "^3.1"),
    "litestar-palette": ("pyproject.toml", "pdm.lock", ">=2.13"),
}
READ = {
    "Pipfile.lock": locks.pipenv,
    "poetry.lock": lambda project, lock: locks.poetry(project, lock, OLD),
    "pdm.lock": lambda project, lock: locks.pdm(project, lock, OLD),
}


@pytest.mark.parametrize("name", sorted(REAL))
def test_a_lock_that_is_out_of_step_is_told_from_one_that_is_not(name):
    manifest, lock, old = REAL[name]
    texts = [(EXAMPLES / name / file).read_text() for file in (manifest, lock)]
    found = READ[lock](*texts)
    assert "pytest" not in found.names
    assert all("--hash=sha256:" in line for line in found.lines)
    with pytest.raises(BuildError, match="out of step") as caught:
        READ[lock](texts[0].replace(old, ">=0.1"), texts[1])
    assert "lock` and commit" in caught.value.remediation


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_a_lock_that_cannot_be_read(text):
    with pytest.raises(BuildError, match=r"Pipfile\.lock"):
        locks.pipenv("", text)
