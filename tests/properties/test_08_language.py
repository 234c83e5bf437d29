"""Property 8: the language is what the package files say, whatever else lies about."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import Source
from autodeploy.recon import detect

pytestmark = pytest.mark.property

WEB_PACKAGE = json.dumps({"dependencies": {"express": "4"}, "scripts": {"start": "node x"}})
APPLICATIONS = {
    "python": [
        {"requirements.txt": "flask\n"},
        {"requirements.txt": "# nothing yet\n", "main.py": ""},
        {"pyproject.toml": '[project]\nname = "x"\ndependencies = ["requests"]\n'},
        {"Pipfile": '[packages]\nflask = "*"\n'},
        {"setup.py": "from setuptools import setup\nsetup(install_requires=['flask'])\n"},
        {"uv.lock": "", "pyproject.toml": '[project]\nname = "x"\n'},
        {"environment.yml": "dependencies: [python=3.11, flask]\n"},
        {"manage.py": ""},
    ],
    "node": [
        {"package.json": WEB_PACKAGE},
        {"package.json": json.dumps({"dependencies": {"left-pad": "1"}}), "yarn.lock": ""},
        {"package.json": json.dumps({"scripts": {"start": "node index.js"}}), "index.js": ""},
    ],
    "go": [
        {"go.mod": "module example.org/x\ngo 1.22\n", "main.go": "package main\nfunc main() {}\n"},
        {"go.work": "go 1.22\nuse ./api\n", "api/main.go": "package main\nfunc main() {}\n"},
        {"go.mod": "module x\n", "cmd/web/main.go": "package main\n\nfunc main() {\n}\n"},
    ],
    "ruby": [{"Gemfile": "gem 'rails'\n", "Gemfile.lock": ""}],
    "php": [{"composer.json": '{"require": {"php": "^8.2"}}'}],
    "java": [{"pom.xml": "<project/>"}, {"build.gradle": ""}, {"build.gradle.kts": ""}],
    "rust": [{"Cargo.toml": "[package]\nname = 'x'\n"}],
}
TOOLS = json.dumps({"private": True, "devDependencies": {"prettier": "3", "eslint": "9"}})
# Beside any application: things that are no application of another language.
CLUTTER = {
    "README.md": "# x",
    ".gitignore": "*.log",
    "Dockerfile": "FROM scratch",
    "docs/conf.py": "project = 'x'",
    "scripts/deploy.py": "print()",
    "scripts/build.js": "console.log()",
    "tools/gen.go": "package main\nfunc main() {}",
    "static/app.js": "",
    "static/index.html": "<html>",
    "node_modules/express/package.json": WEB_PACKAGE,
    "vendor/x/go.mod": "module x",
    ".venv/lib/flask/setup.py": "setup()",
    "frontend/package.json": json.dumps({"dependencies": {"react": "18"}}),
    "test/fixtures/requirements.txt": "django",
}
# At the root, beside an application that is not Node's.
TOOLING = {
    "package.json": TOOLS,
    "package-lock.json": "{}",
    "index.html": "<html>",
    "gulpfile.js": "",
    "helper.py": "print()",
}


@st.composite
def repositories(draw):
    language = draw(st.sampled_from(sorted(APPLICATIONS)))
    files = dict(draw(st.sampled_from(APPLICATIONS[language])))
    beside = dict(CLUTTER) if language == "node" else {**CLUTTER, **TOOLING}
    for name in draw(st.lists(st.sampled_from(sorted(beside)), unique=True)):
        files.setdefault(name, beside[name])
    return language, files, draw(st.permutations(sorted(files)))


@given(repositories())
def test_language(repository):
    language, files, order = repository
    stack = read({name: files[name] for name in order})
    assert stack.language == language
    said = [one for one in stack.evidence if one.fact == "language"]
    assert said[0].value == language
    assert said[0].file in files


@given(st.lists(st.sampled_from(sorted(set(CLUTTER) - {"tools/gen.go"})), unique=True))
def test_clutter_alone_is_no_application(names):
    assert read({name: CLUTTER[name] for name in names}).language is None


def read(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return detect(Source(url="x", checkout=Path(folder), commit=None, name="x"))
