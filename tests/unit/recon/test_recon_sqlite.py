"""SQLite in a release's folder is said, and only there."""

from __future__ import annotations

import pytest

from autodeploy import recon
from autodeploy.contracts import Source

PLAIN = {"requirements.txt": "flask\n"}
DJANGO = {
    "requirements.txt": "django\n",
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n",
}
NODE = {"package.json": '{"main": "index.js", "dependencies": {"better-sqlite3": "1"}}'}
GO = {"go.mod": "module x\n\ngo 1.22\n"}
ENGINE = 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}\n'


def findings(tmp_path, files):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = recon.detect(Source(url="x", checkout=tmp_path, commit=None, name="x", path=""))
    return found.findings


@pytest.mark.parametrize(
    ("others", "path", "text"),
    [
        (PLAIN, "app.py", 'x = 1\nURI = "sqlite:///app.db"\n'),
        (PLAIN, "app.py", 'x = 1\nengine("sqlite+aiosqlite:///./app.db")\n'),
        (PLAIN, "app.py", "import sqlite3\nsqlite3.connect('app.db')\n"),
        (DJANGO, "site/settings.py", f"x = 1\n{ENGINE}"),
        (NODE, "index.js", "x\nconst db = new Database('data/app.db')\n"),
        (GO, "main.go", 'package main\nvar db, _ = sql.Open("sqlite3", "app.db")\n'),
    ],
)
def test_a_file_in_the_release_is_said(tmp_path, others, path, text):
    (said,) = findings(tmp_path, {**others, path: text})
    assert said.startswith(f"{path}:2: SQLite's file")


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": 'URI = "sqlite:////srv/x/shared/app.db"\n'},
        {"app.py": "sqlite3.connect(':memory:')\n"},
        {"app.py": 'URI = "sqlite://"\n'},
        {"package.json": NODE["package.json"], "index.js": "new Database(process.env.FILE)\n"},
        {"tests/conf.py": 'URI = "sqlite:///app.db"\n'},
        {"test_app.py": 'URI = "sqlite:///app.db"\n'},
        {**DJANGO, "site/settings.py": ENGINE, "requirements.txt": "django\npsycopg2\n"},
        {"app.py": "latest = 1\n"},
    ],
)
def test_what_stays_or_is_no_matter_is_not(tmp_path, files):
    assert findings(tmp_path, {**PLAIN, **files}) == ()


def test_beside_a_server_it_is_evidence_and_nothing_to_be_said(tmp_path):
    files = {"requirements.txt": "flask\npsycopg2\n", "app.py": 'URI = "sqlite:///app.db"\n'}
    assert findings(tmp_path, files) == ()
    found = recon.detect(Source(url="x", checkout=tmp_path, commit=None, name="x", path=""))
    assert found.databases == ("postgresql",)
    said = [(one.file, one.line) for one in found.evidence if one.value == "sqlite"]
    assert said == [("app.py", 1)]
